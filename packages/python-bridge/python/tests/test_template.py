"""The adapters that are there to be copied."""

from __future__ import annotations

from conftest import Launch


def test_the_template(launch: Launch) -> None:
    host = launch("snakepit_bridge.adapters.template:TemplateAdapter")
    tools = {spec["name"]: [item["name"] for item in spec["parameters"]] for spec in host.hello["tools"]}
    assert tools == {"count_words": ["text"], "stream_words": ["text"], "translate": ["text"]}
    assert host.run("count_words", {"text": "to be or"}, session="s") == {"words": 3, "total": 3}
    assert host.run("count_words", {"text": "not"}, session="s") == {"words": 1, "total": 4}
    assert host.run("count_words", {"text": "to be"}) == {"words": 2, "total": 2}
    chunks = host.chunks(host.stream("stream_words", {"text": "to be"}))
    assert [chunk["value"] for chunk in chunks] == [
        {"number": 1, "word": "to"},
        {"number": 2, "word": "be"},
        None,
    ]
    call = host.call("translate", {"text": "hello"})
    host.answer(host.host_call("translate"), "salut")
    assert host.result(call) == "salut"
    events = [host.next(lambda frame: frame["type"] == "event")["name"] for _ in range(2)]
    assert events == ["words.stream.start", "words.stream.stop"]
    assert host.drain() == 0
    assert any(frame.get("message") == "counted words in 2 sessions" for frame in host.unread)


def test_the_threaded_showcase(launch: Launch) -> None:
    host = launch("snakepit_bridge.adapters.threaded_showcase:ThreadedShowcaseAdapter")
    assert [spec["name"] for spec in host.hello["tools"]] == ["score", "cached_root", "count", "usage"]
    assert host.run("score", {"text": "good or fine"})["score"] == 1.5
    assert host.run("cached_root", {"value": 9}) == {"result": 3.0, "cached": False}
    assert host.run("cached_root", {"value": 9}) == {"result": 3.0, "cached": True}
    assert host.run("count", {"name": "calls", "by": 2}) == {"name": "calls", "total": 2}
    assert host.run("usage")["calls"] == {"score": 1, "cached_root": 2, "count": 1}
