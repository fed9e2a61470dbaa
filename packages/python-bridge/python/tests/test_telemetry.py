"""Events and spans of tools, as frames."""

from __future__ import annotations

from typing import Any

import pytest

from client import Frame, Host
from conftest import Launch
from snakepit_bridge import telemetry

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def measuring(launch: Launch) -> Host:
    return launch("measuring:Measuring")


def events(host: Host, count: int) -> list[Frame]:
    return [host.next(lambda frame: frame["type"] == "event") for _ in range(count)]


def names(frames: list[Frame]) -> list[str]:
    return [frame["name"] for frame in frames]


def test_an_event(measuring: Host) -> None:
    measuring.run("emit")
    (event,) = events(measuring, 1)
    assert event == {
        "type": "event",
        "name": "tool",
        "measurements": {"n": 1.0},
        "metadata": {"where": "tool"},
        "#size": event["#size"],
    }


def test_what_belongs_together(measuring: Host) -> None:
    measuring.run("emit", meta={"traceparent": TRACE})
    measuring.run("emit", {"correlation_id": "mine"}, meta={"traceparent": TRACE})
    assert [event["metadata"]["correlation_id"] for event in events(measuring, 2)] == [TRACE, "mine"]


def test_a_span(measuring: Host) -> None:
    measuring.run("measure")
    found = events(measuring, 5)
    assert names(found) == ["work.start", "inside", "inner.start", "inner.stop", "work.stop"]
    begin, end = found[0], found[-1]
    span_id = begin["metadata"]["span_id"]
    assert (
        begin["metadata"]
        == end["metadata"]
        == {"kind": "test", "span_id": span_id, "correlation_id": span_id}
    )
    assert list(begin["measurements"]) == ["system_time"]
    assert end["measurements"]["rows"] == 7
    assert end["measurements"]["duration_us"] > found[-2]["measurements"]["duration_us"]
    assert {event["metadata"]["correlation_id"] for event in found} == {span_id}
    assert found[2]["metadata"]["span_id"] != span_id
    measuring.run("emit")
    assert "correlation_id" not in events(measuring, 1)[0]["metadata"]


def test_a_span_that_fails(measuring: Host) -> None:
    error = measuring.error(measuring.call("measure", {"fail": True}, meta={"traceparent": TRACE}))
    assert error["type"] == "ValueError"
    *_, end = events(measuring, 5)
    assert end["name"] == "work.exception"
    assert (
        end["metadata"].items()
        >= {"error": "ValueError", "message": "it failed", "correlation_id": TRACE}.items()
    )


def test_in_coroutines(measuring: Host) -> None:
    measuring.run("emit_async")
    begin, *children, end = events(measuring, 4)
    assert (begin["name"], end["name"]) == ("outer.start", "outer.stop")
    assert {child["metadata"]["name"] for child in children} == {"a", "b"}
    assert {child["metadata"]["correlation_id"] for child in children} == {begin["metadata"]["span_id"]}


def test_in_threads(measuring: Host) -> None:
    measuring.run("emit_in_threads", meta={"traceparent": TRACE})
    first, second = events(measuring, 2)
    assert (first["metadata"], second["metadata"]) == ({}, {"correlation_id": TRACE})


def test_in_a_stream_that_is_left(measuring: Host) -> None:
    stream = measuring.stream("stream", credit=1)
    measuring.next_of(stream)
    measuring.cancel(stream)
    measuring.error(stream)
    assert names(events(measuring, 2)) == ["stream.start", "stream.exception"]


def test_what_cannot_be_sent_harms_nobody(measuring: Host) -> None:
    measuring.run("odd")
    odd, last = events(measuring, 2)
    assert odd["name"] == "odd\\ud800"
    assert odd["measurements"] == {"big": float(2**80), "true": 1.0}
    assert odd["metadata"]["when"] == [1, 2]
    assert last["name"] == "last"


def test_a_flood_is_held_back_and_told_of(measuring: Host) -> None:
    measuring.run("flood", {"count": 3000})
    notice = measuring.next(lambda frame: frame["type"] == "log")
    passed = [frame for frame in measuring.unread if frame["type"] == "event"]
    dropped = 3000 - len(passed)
    assert 1000 <= len(passed) < 3000
    assert notice["message"] == f"… {dropped:,} telemetry events dropped"


def test_a_forked_child_is_silent(measuring: Host) -> None:
    assert measuring.run("fork") == 0
    measuring.run("emit")
    assert names(events(measuring, 1)) == ["tool"]


def test_over_every_encoding_of_numbers(launch: Launch) -> None:
    host = launch("measuring:Measuring", env={"SNAKEPIT_JSON": "stdlib"})
    host.run("odd")
    assert names(events(host, 2)) == ["odd\\ud800", "last"]


def test_outside_of_a_worker_nothing_happens() -> None:
    telemetry.emit("nothing", {"odd": object()})
    with pytest.raises(ZeroDivisionError), telemetry.span("nothing"):
        _ = 1 / 0


def test_a_sender_that_fails_is_nobodys_concern() -> None:
    def send(*_event: Any) -> None:
        raise OSError

    telemetry.connect(send)
    try:
        telemetry.emit("lost")
    finally:
        telemetry.connect(None)
