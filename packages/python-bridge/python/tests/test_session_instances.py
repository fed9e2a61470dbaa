"""Which instance of an adapter serves a call, and when it goes."""

from __future__ import annotations

from typing import Any

import pytest
from living import OfSession

from client import Frame, Host
from conftest import Launch
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.instances import instances_of

END = "snakepit.end_session"
STYLES = ["", "Async"]


def text(host: Host, name: str) -> list[str]:
    happened: list[str] = host.run("what_happened")
    return [event for event in happened if event.startswith(name)]


@pytest.mark.parametrize("style", STYLES)
def test_each_session_has_an_instance(launch: Launch, style: str) -> None:
    host = launch(f"living:OfSession{style}", arguments=["--size", "3"])
    assert [host.run("count", session=id) for id in "aba"] == [[2, 1], [3, 1], [2, 2]]
    assert host.run("count_async", session="b") == [3, 2]
    assert [chunk["value"] for chunk in host.chunks(host.stream("stream", session="b"))] == [3, 3, None]
    assert host.chunks(host.stream("stream_async", session="b"))[0]["value"] == 3
    assert host.error(host.call("fail", session="a"))["message"] == "2"
    assert host.run("seen", session="a") == ["a"] * 4
    assert text(host, "initialized") == [f"initialized {n} ['--size', '3']" for n in (1, 2, 3)]


def test_calls_outside_of_sessions_share_one(launch: Launch) -> None:
    host = launch("living:OfSession")
    assert [host.run("count"), host.run("count", session="a"), host.run("count")] == [[1, 1], [2, 1], [1, 2]]
    assert host.run(END) is None
    assert host.run("count") == [1, 3]


@pytest.mark.parametrize("style", STYLES)
def test_the_end_of_a_session_cleans_up_and_lets_go(launch: Launch, style: str) -> None:
    host = launch(f"living:OfSession{style}")
    for session in "ab":
        host.run("count", session=session)
    assert host.run("alive") == 3
    assert host.run(END, session="a") is None
    assert text(host, "cleaned") == ["cleaned 2"]
    assert host.run("alive") == 2
    assert host.run(END, session="a") is None
    assert host.run(END, session="never called") is None
    assert text(host, "cleaned") == ["cleaned 2"]
    assert host.run("count", session="a") == [4, 1]
    assert host.run("count", session="b") == [3, 2]


@pytest.mark.parametrize("style", STYLES)
def test_one_instance_of_all_sessions_hears_of_their_ends(launch: Launch, style: str) -> None:
    host = launch(f"living:Shared{style}")
    for session in ("a", "bad"):
        assert host.run("count", session=session)[0] == 1
        assert host.run(END, session=session) is None
    assert text(host, "forgot") == ["forgot a", "forgot bad"]
    assert "cannot forget" in logged(host, "cleanup_session() of")["message"]
    assert text(host, "cleaned") == []


@pytest.mark.parametrize("style", STYLES)
def test_each_call_has_an_instance(launch: Launch, style: str) -> None:
    host = launch(f"living:OfRequest{style}")
    assert [host.run("count", session="a"), host.run("count_async", session="a")] == [[2, 1], [3, 1]]
    assert [chunk["value"] for chunk in host.chunks(host.stream("stream"))] == [4, 4, None]
    assert [chunk["value"] for chunk in host.chunks(host.stream("stream_async"))] == [5, 5, None]
    assert host.error(host.call("fail"))["message"] == "6"
    assert text(host, "initialized")[-2:] == ["initialized 6 []", "initialized 7 []"]
    assert text(host, "cleaned") == [f"cleaned {number}" for number in range(2, 8)]
    # The one that found the tools, and the one that answers.
    assert host.run("alive") == 2


@pytest.mark.parametrize("tool", ["ask", "ask_async"])
@pytest.mark.parametrize("style", STYLES)
def test_a_cancelled_call_cleans_up(launch: Launch, style: str, tool: str) -> None:
    host = launch(f"living:OfRequest{style}")
    call = host.call(tool)
    host.host_call()
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert text(host, "cleaned") == ["cleaned 2"]
    assert host.run("alive") == 2


@pytest.mark.parametrize("tool", ["count", "count_async"])
def test_a_cancel_that_comes_late_leaves_the_clean_up_alone(launch: Launch, tool: str) -> None:
    host = launch("living:OfRequestSlow")
    call = host.call(tool)
    asked = host.host_call()
    host.cancel(call)
    host.ping()
    host.answer(asked, None)
    assert host.result(call) == [2, 1]
    call = host.call("what_happened")
    host.answer(host.host_call(), None)
    assert "cleaned 2" in host.result(call)


def test_a_cancel_that_nothing_has_heard_of_leaves_the_clean_up_alone(launch: Launch) -> None:
    host = launch("living:OfRequestSlow")
    call = host.call("cancel_itself")
    host.answer(host.host_call(), None)
    assert host.result(call) is None
    call = host.call("what_happened")
    host.answer(host.host_call(), None)
    assert "cleaned 2" in host.result(call)


@pytest.mark.parametrize("tool", ["ask_async", "ask"])
def test_an_instance_that_a_nested_call_makes_belongs_to_the_loop(launch: Launch, tool: str) -> None:
    host = launch("living:OfSessionOnLoop")
    call = host.call("ask_async")
    asked = host.host_call()
    nested = host.call(tool, session="a", parent=asked["id"])
    host.answer(host.host_call(), "inner")
    assert host.result(nested) == [2, "inner"]
    assert host.run("on_its_loop", session="a", parent=asked["id"]) is True
    host.answer(asked, "outer")
    assert host.result(call) == [1, "outer"]
    assert host.run("on_its_loop", session="a") is True
    assert host.run("seen", session="a") == ["a"] * 4
    assert text(host, "initialized 2") == ["initialized 2 []"]


def test_an_instance_that_a_nested_call_cannot_make_is_tried_again(launch: Launch) -> None:
    host = launch("living:OfSessionOnLoop", arguments=["--fail"])
    call = host.call("ask_async")
    asked = host.host_call()
    error = host.error(host.call("count", session="a", parent=asked["id"]))
    assert (error["type"], error["message"]) == ("OSError", "not this time")
    assert host.run("count", session="a", parent=asked["id"]) == [3, 1]
    host.answer(asked, None)
    host.result(call)


@pytest.mark.parametrize("tool", ["stream", "stream_async"])
def test_a_stream_that_is_left_cleans_up(launch: Launch, tool: str) -> None:
    host = launch("living:OfRequestAsync")
    call = host.stream(tool, {"n": 10**9}, credit=1)
    host.next_of(call)
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert text(host, "cleaned") == ["cleaned 2"]


@pytest.mark.parametrize("tool", ["ask", "ask_async"])
def test_nested_calls_have_their_own(launch: Launch, tool: str) -> None:
    host = launch("living:OfRequestAsync")
    call = host.call(tool)
    asked = host.host_call()
    assert host.run("count", parent=asked["id"]) == [3, 1]
    assert host.run("count_async", parent=asked["id"]) == [4, 1]
    host.answer(asked, "done")
    assert host.result(call) == [2, "done"]
    assert text(host, "cleaned") == ["cleaned 3", "cleaned 4", "cleaned 2"]


def test_all_are_cleaned_up_when_the_worker_ends(launch: Launch) -> None:
    host = launch("living:OfSession")
    for session in "ab":
        host.run("count", session=session)
    assert host.drain() == 0
    logged = [frame["message"] for frame in host.unread if frame["type"] == "log"]
    assert logged == ["cleaned 1", "cleaned 2", "cleaned 3"]


def test_what_is_cleaned_up_when_the_worker_ends_knows_its_session(launch: Launch) -> None:
    host = launch("living:OfSessionLeaving")
    host.run("count", session="a")
    assert host.drain() == 0
    logged = [frame["message"] for frame in host.unread if frame["type"] == "log"]
    assert logged == ["None: None", "a: cannot call 'help': the worker is ending"]


@pytest.mark.parametrize("adapter", ["Failing", "FailingAsync"])
def test_a_cleanup_that_fails_is_logged(launch: Launch, adapter: str) -> None:
    host = launch(f"living:{adapter}")
    host.error(host.call("fail", session="a"))
    host.run("count", session="b")
    assert host.run(END, session="b") is None
    log = logged(host, "cleanup() of")
    assert log["level"] == "error"
    assert "cannot clean up" in log["message"]
    assert host.drain() == 0


def test_a_cleanup_after_a_call_that_fails_is_logged(launch: Launch) -> None:
    host = launch("living:FailingRequest")
    assert "not this time" in host.error(host.call("count"))["message"]
    assert host.run("count") == [3, 1]
    assert "cannot clean up" in logged(host, "cleanup() of")["message"]


def test_an_instance_that_cannot_be_made_is_tried_again(launch: Launch) -> None:
    host = launch("living:Failing")
    error = host.error(host.call("count", session="a"))
    assert (error["type"], error["message"]) == ("OSError", "not this time")
    assert host.run("count", session="a") == [3, 1]


def test_a_call_nested_in_the_making_of_its_instance_is_refused(launch: Launch) -> None:
    host = launch("living:Asking")
    call = host.call("echo", {"value": 1}, session="a")
    asked = host.host_call()
    error = host.error(host.call("echo", {"value": 2}, session="a", parent=asked["id"]))
    assert (error["code"], error["type"]) == ("unavailable", "AdapterNotReady")
    host.answer(asked, None)
    assert host.result(call) == 1


@pytest.mark.parametrize(
    ("adapter", "tool", "answers"),
    [
        ("Dispatching", "any", [["any", "a", 1], ["any", "b", 1], ["any", "a", 2]]),
        ("Commands", "count", [1, 1, 2]),
        ("Registered", "count", [1, 1, 2]),
    ],
)
def test_every_style_of_adapter(launch: Launch, adapter: str, tool: str, answers: Any) -> None:
    host = launch(f"living:{adapter}")
    assert [host.run(tool, session=id) for id in "aba"] == answers
    host.run(END, session="a")
    assert host.run(tool, session="a") == answers[0]


def test_reserved_names_never_reach_the_adapter(launch: Launch) -> None:
    host = launch("living:Dispatching")
    assert host.error(host.call("snakepit.nothing", session="a"))["code"] == "unknown_tool"
    assert host.run(END, session="a") is None
    assert host.run("any", session="a") == ["any", "a", 1]
    assert host.hello["tools"] is None


def test_a_lifecycle_that_there_is_not(launch_silent: Any) -> None:
    """[HS-4]"""
    error = launch_silent("living:Odd").read_line()["error"]
    assert error["message"] == 'Odd.lifecycle is \'forever\'; it must be "worker", "session" or "request"'


def test_ten_thousand_sessions_leave_nothing(launch: Launch) -> None:
    host = launch("living:Quiet", arguments=["--generic"])
    for first in range(0, 10_000, 8):
        sessions = [str(number) for number in range(first, first + 8)]
        calls = [host.call("count", session=session) for session in sessions]
        calls += [host.call("python.store", {"name": "x", "value": 1}, session=id) for id in sessions]
        calls += [host.call(END, session=session) for session in sessions]
        for call in calls:
            host.result(call)
    assert host.run("alive") == 1


def test_sessions_end_in_their_turn(launch: Launch) -> None:
    """[CA-3]"""
    host = launch("living:OfSession")
    calls = [host.call("count", session="a"), host.call(END, session="a"), host.call("count", session="a")]
    assert [host.result(call) for call in calls] == [[2, 1], None, [3, 1]]


def logged(host: Host, beginning: str) -> Frame:
    return host.next(lambda frame: frame["type"] == "log" and frame["message"].startswith(beginning))


def test_adapters_of_the_worker_do_not_hear_of_ends(launch: Launch) -> None:
    host = launch("styles:Hooks")
    before = host.run("seen")
    assert host.run(END, session="a") is None
    after = host.run("seen")
    assert len(after["contexts"]) == len(before["contexts"]) + 1
    assert END not in {tool["name"] for tool in host.hello["tools"]}
    assert "sessions" in host.hello["features"]


def test_a_single_instance_cannot_be_multiplied() -> None:
    with pytest.raises(Refusal, match="give the class instead"):
        instances_of(OfSession(), None)
    assert instances_of(object(), None) is None
