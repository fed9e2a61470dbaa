"""What a call has read is read again without the host, and is never older than a write of the same chain."""

from __future__ import annotations

from typing import Any

import pytest

from client import Frame
from conftest import Launch
from session_host import Refused, SessionHost

BOTH = ["", "_async"]


@pytest.fixture
def session(launch: Launch) -> SessionHost:
    session = SessionHost(launch("remembering:Remembering"))
    session.put("x", 1)
    return session


@pytest.mark.parametrize("style", BOTH)
def test_a_value_is_asked_for_once(session: SessionHost, style: str) -> None:
    assert session.run(f"read{style}", {"times": 100}) == [1] * 100
    assert session.names() == ["variables.get"]


def test_fresh_asks_in_any_case(session: SessionHost) -> None:
    session.run("read", {"times": 3, "fresh": True})
    assert session.names() == ["variables.get"] * 3


def test_each_call_reads_anew(session: SessionHost) -> None:
    assert session.run("read") == [1]
    session.put("x", 2)
    assert session.run("read") == [2]


def test_a_value_is_kept_for_a_second_at_most(session: SessionHost) -> None:
    """A clock that a second passes on between any two looks at it."""
    session.run("hasten")
    assert session.run("read", {"times": 3}) == [1, 1, 1]
    assert session.names() == ["variables.get"] * 3


def test_a_thousand_values_are_kept(session: SessionHost) -> None:
    for number in range(1001):
        session.put(f"n{number}", number)
    assert session.run("read_all", {"n": 1000}) == [0, 999]
    assert len(session.asked) == 1
    assert session.run("read_all", {"n": 1001}) == [0, 1000]
    assert len(session.asked) == 3


def test_what_could_be_changed_in_place_is_not_kept(session: SessionHost) -> None:
    session.put("x", [1], "list")
    assert session.run("mutate") == [1]


@pytest.mark.parametrize("style", BOTH)
def test_after_a_callback_that_wrote(session: SessionHost, style: str) -> None:
    """Somebody else wrote: TypeScript, or a tool of another worker."""
    session.tools["between"] = lambda _asked: session.put("x", 2)
    assert session.run(f"read_around{style}") == [1, 2]


@pytest.mark.parametrize("style", BOTH)
def test_after_a_callback_in_which_a_tool_of_this_worker_wrote(session: SessionHost, style: str) -> None:
    def between(asked: Frame) -> None:
        session.run("write", {"value": 2}, parent=asked["id"])

    session.tools["between"] = between
    assert session.run(f"read_around{style}") == [1, 2]


@pytest.mark.parametrize("style", BOTH)
def test_after_a_callback_that_wrote_and_failed(session: SessionHost, style: str) -> None:
    def between(_asked: Frame) -> None:
        session.put("x", 2)
        raise Refused("RangeError")

    session.tools["between"] = between
    assert session.run(f"read_around{style}") == [1, 2]


def test_between_two_workers(launch: Launch, session: SessionHost) -> None:
    other = SessionHost(launch("remembering:Remembering"))
    other.variables = session.variables
    session.tools["between"] = lambda _asked: other.run("write", {"value": 2})
    assert session.run("read_around") == [1, 2]


def test_while_the_callback_is_open_and_a_nested_tool_wrote(session: SessionHost) -> None:
    def nested(asked: Frame) -> None:
        session.run("write_and_tell", {"value": 2}, parent=asked["id"])

    session.tools["between"] = nested
    assert session.run("read_while_nested") == [1, 2]


def test_while_the_callback_is_open_and_typescript_wrote_before_it_told(session: SessionHost) -> None:
    def nested(asked: Frame) -> None:
        session.put("x", 2)
        session.run("tell", parent=asked["id"])

    session.tools["between"] = nested
    assert session.run("read_while_nested") == [1, 2]


@pytest.mark.parametrize("style", BOTH)
def test_after_each_chunk(session: SessionHost, style: str) -> None:
    """The consumer writes when the first chunk has arrived: one credit lets the stream wait for that."""
    call = session.host.stream(f"stream_around{style}", session="s", credit=1)
    session.answer(session.host.host_call())
    assert session.host.next_of(call)["value"] == 1
    session.put("x", 2)
    session.host.credit(call, 10)
    session.answer(session.host.host_call())
    values = [frame["value"] for frame in session.host.chunks(call)]
    assert values[0] == 2


def test_after_each_chunk_of_the_host(session: SessionHost) -> None:
    call = session.host.call("stream_from", session="s")
    session.answer(session.host.host_call())
    asked = session.host.host_call("chunks")
    for seq in range(2):
        session.put("x", 10 + seq)
        session.host.send({"type": "chunk", "id": asked["id"], "seq": seq, "value": seq})
        session.answer(session.host.host_call())
    final: dict[str, Any] = {"seq": 2, "value": None, "final": True, "meta": {"synthetic_final": "true"}}
    session.host.send({"type": "chunk", "id": asked["id"], **final})
    assert session.host.result(call) == [1, 10, 11]


def test_after_a_callback_that_timed_out(session: SessionHost) -> None:
    call = session.host.call("read_around_timeout", session="s")
    session.answer(session.host.host_call("snakepit.variables.get"))
    session.host.host_call("between")
    session.put("x", 2)
    assert session.finish(call)["value"] == [1, 2]


def test_after_a_stream_of_the_host_that_was_left(session: SessionHost) -> None:
    call = session.host.call("read_and_leave", session="s")
    asked = session.host.host_call("chunks")
    session.host.send({"type": "chunk", "id": asked["id"], "seq": 0, "value": 0})
    session.answer(session.host.host_call("snakepit.variables.get"))
    session.put("x", 2)
    assert session.finish(call)["value"] == [1, 2]


def test_after_a_write_of_a_thread(session: SessionHost) -> None:
    assert session.run("in_thread") == [1, 2]


def test_an_answer_that_was_under_way_during_a_write_is_not_kept(session: SessionHost) -> None:
    call = session.host.call("read_beside_write", session="s")
    read = session.host.host_call("snakepit.variables.get")
    old = session.tools["snakepit.variables.get"](read)["x"].copy()
    session.answer(session.host.host_call("snakepit.variables.update"))
    session.host.answer(read, {"x": old})
    session.answer(session.host.host_call("snakepit.variables.get"))
    assert session.host.result(call) == [1, 2]


def test_a_context_that_was_kept_reads_for_the_call_that_uses_it(session: SessionHost) -> None:
    assert session.run("keep") == 1
    other = SessionHost(session.host)
    other.put("x", 100)
    assert other.run("use_kept", session="other") == 100
    assert other.asked[0]["session"] == "other"
