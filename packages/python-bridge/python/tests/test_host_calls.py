"""Calls back to the host, and calls nested in them."""

from __future__ import annotations

import pytest

from client import Host

ASKING = ["ask", "ask_async"]


@pytest.mark.parametrize("tool", ASKING)
def test_a_tool_calls_the_host(host: Host, tool: str) -> None:
    """[NE-1] [VA-4]"""
    call = host.call(tool, {"x": {"y": [1]}}, session="s1")
    asked = host.host_call()
    assert asked["args"] == {"x": {"y": [1]}}
    assert asked["parent"] == call
    assert asked["session"] == "s1"
    host.answer(asked, {"$": "float", "value": "NaN"})
    assert host.result(call) == {"answer": {"$": "float", "value": "NaN"}}


@pytest.mark.parametrize("tool", ["ask_in_thread", "ask_in_foreign_loop"])
def test_from_anywhere(host: Host, tool: str) -> None:
    call = host.call(tool)
    host.answer(host.host_call(), 5)
    assert host.result(call) in (5, [5])


def test_several_at_once(host: Host) -> None:
    call = host.call("ask_both")
    host.answer(host.host_call("right"), "r")
    host.answer(host.host_call("left"), "l")
    assert host.result(call) == ["l", "r"]


def test_the_first_answer_counts(host: Host) -> None:
    """[CA-2]"""
    call = host.call("ask")
    asked = host.host_call()
    host.answer(asked, 1)
    host.answer(asked, 2)
    assert host.result(call) == {"answer": 1}
    assert host.run("echo", {"value": 3}) == 3


def test_an_error_of_the_host_is_an_exception(host: Host) -> None:
    call = host.call("ask_catching")
    asked = host.host_call()
    error = {"code": "tool_error", "type": "RangeError", "message": "too far", "details": {"by": 2}}
    host.send({"type": "error", "id": asked["id"], "error": error})
    assert host.result(call) == {**error, "text": "RangeError: too far"}


def test_an_error_nobody_catches_goes_on_to_the_caller(host: Host) -> None:
    call = host.call("ask")
    error = {"code": "tool_error", "type": "RangeError", "message": "too far"}
    host.send({"type": "error", "id": host.host_call()["id"], "error": error})
    assert host.error(call)["type"] == "HostToolError"


def test_an_argument_that_cannot_travel(host: Host) -> None:
    """[VA-8]"""
    error = host.error(host.call("ask_badly"))
    assert error["type"] == "NotSerializableError"
    assert "args.rows[0].when" in error["message"]


@pytest.mark.parametrize("outer", ASKING)
@pytest.mark.parametrize("inner", ["echo", "async_echo"])
def test_a_nested_call_is_served_in_place(host: Host, outer: str, inner: str) -> None:
    """[NE-2]"""
    call = host.call(outer)
    asked = host.host_call()
    assert host.run(inner, {"value": 7}, parent=asked["id"]) == 7
    host.answer(asked, "done")
    assert host.result(call) == {"answer": "done"}


@pytest.mark.parametrize("outer", ASKING)
@pytest.mark.parametrize("inner", ASKING)
def test_calls_of_every_ancestor_are_served(host: Host, outer: str, inner: str) -> None:
    """[NE-2] While the inner tool waits, a second call that is nested in the outer one is served too."""
    call = host.call(outer, {"tool": "first"})
    first = host.host_call("first")
    nested = host.call(inner, {"tool": "second"}, parent=first["id"])
    second = host.host_call("second")
    assert second["parent"] == nested
    assert host.run("echo", {"value": 1}, parent=first["id"]) == 1
    assert host.run("async_echo", {"value": 2}, parent=first["id"]) == 2
    assert host.run("echo", {"value": 3}, parent=second["id"]) == 3
    assert host.run("async_echo", {"value": 4}, parent=second["id"]) == 4
    host.answer(second, "inner")
    assert host.result(nested) == {"answer": "inner"}
    host.answer(first, "outer")
    assert host.result(call) == {"answer": "outer"}


@pytest.mark.parametrize("outer", ASKING)
@pytest.mark.parametrize("inner", ["endless", "async_endless"])
def test_a_nested_stream_that_waits_for_credit_keeps_nobody_waiting(
    host: Host, outer: str, inner: str
) -> None:
    """[NE-2] [CR-4]"""
    call = host.call(outer)
    asked = host.host_call()
    stream = host.stream(inner, {}, parent=asked["id"], credit=1)
    host.next_of(stream)
    assert host.run("echo", {"value": 1}, parent=asked["id"]) == 1
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"
    host.answer(asked, "done")
    assert host.result(call) == {"answer": "done"}


def test_top_level_calls_wait_meanwhile(host: Host) -> None:
    """[CA-3]"""
    call = host.call("ask")
    other = host.call("echo", {"value": 1})
    asked = host.host_call()
    host.ping()
    host.answer(asked, 0)
    assert host.read_line()["id"] == call
    assert host.read_line()["id"] == other


def test_nesting_has_an_end(host: Host) -> None:
    """[NE-3]"""
    calls = [host.call("ask")]
    calls.extend(host.call("ask", parent=host.host_call()["id"]) for _ in range(16))
    deepest = host.host_call()
    too_deep = host.call("echo", {"value": 1}, parent=deepest["id"])
    assert host.error(too_deep)["code"] == "resource_exhausted"
    host.answer(deepest, "bottom")
    value = "bottom"
    ids = iter(range(16, 0, -1))
    for call in reversed(calls[1:]):
        assert host.result(call) == {"answer": value}
        host.send({"type": "result", "id": next(ids), "value": value})
    assert host.result(calls[0]) == {"answer": value}


@pytest.mark.parametrize("tool", [*ASKING, "ask_in_foreign_loop"])
def test_cancel_reaches_a_tool_that_waits_for_the_host(host: Host, tool: str) -> None:
    """[CN-2] [NE-4]"""
    call = host.call(tool)
    asked = host.host_call()
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert host.next(lambda frame: frame["type"] == "cancel")["id"] == asked["id"]
    host.answer(asked, "too late")
    assert host.run("echo", {"value": 1}) == 1


def test_cancel_reaches_a_thread_that_waits_for_the_host(host: Host) -> None:
    """[NE-4]"""
    call = host.call("ask_in_thread")
    asked = host.host_call()
    host.cancel(call)
    assert host.next(lambda frame: frame["type"] == "cancel")["id"] == asked["id"]
    assert host.error(call)["code"] == "cancelled"
    assert host.run("echo", {"value": 1}) == 1


def test_a_cancelled_outer_call_waits_for_the_one_nested_in_it(host: Host) -> None:
    """[CN-1] The interrupt strikes the cancelled call, not the one on top of it."""
    call = host.call("ask")
    asked = host.host_call()
    nested = host.call("ask", {"tool": "inner"}, parent=asked["id"])
    inner = host.host_call("inner")
    host.cancel(call)
    host.ping()
    host.answer(inner, 1)
    assert host.result(nested) == {"answer": 1}
    assert host.error(call)["code"] == "cancelled"


def test_host_calls_left_open_are_cancelled(host: Host) -> None:
    """[NE-4]"""
    call = host.call("ask_and_forget")
    asked = host.host_call()
    host.send({"type": "call", "id": 500, "tool": "note", "args": {"text": "x"}, "parent": asked["id"]})
    assert host.next(lambda frame: frame["type"] == "cancel")["id"] == asked["id"]
    assert host.result(call) == "done"


def test_a_nested_task_that_outlives_the_outer_call_is_still_answered(host: Host) -> None:
    """[NE-4] [CA-1]"""
    call = host.call("ask_async")
    asked = host.host_call()
    nested = host.call("async_sleep", parent=asked["id"])
    host.next(lambda frame: frame["type"] == "log")
    host.answer(asked, "done")
    assert host.result(call) == {"answer": "done"}
    host.cancel(nested)
    assert host.error(nested)["code"] == "cancelled"
    assert host.run("async_add", {"a": 1, "b": 2}) == 3


def test_a_call_nested_in_nothing_is_refused(host: Host) -> None:
    """[CN-3]"""
    assert host.error(host.call("echo", {"value": 1}, parent=77))["code"] == "not_started"


def test_a_context_does_not_outlive_its_call(host: Host) -> None:
    host.run("keep_context")
    assert "has ended" in host.run("use_kept_context")
