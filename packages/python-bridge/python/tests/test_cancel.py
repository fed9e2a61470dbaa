"""Cancel: tools stop, their `finally` blocks run, and the worker goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from client import Host


def wait_until_running(host: Host) -> None:
    """The tool logs when it has begun."""
    host.next(lambda frame: frame["type"] == "log")


def test_a_sleeping_tool_sees_an_exception(host: Host) -> None:
    """[CN-1] [CN-2]"""
    pid = host.run("pid")
    call = host.call("sleep")
    wait_until_running(host)
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert host.run("recall") == ["asleep", "CallCancelled", "finally"]
    assert host.run("pid") == pid


def test_a_busy_tool_is_stopped(host: Host) -> None:
    """[CN-2]"""
    call = host.call("spin")
    wait_until_running(host)
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert host.run("echo", {"value": 1}) == 1


def test_an_async_tool_sees_cancelled_error(host: Host) -> None:
    """[CN-2]"""
    call = host.call("async_sleep")
    wait_until_running(host)
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"
    assert host.run("recall") == ["CancelledError", "finally"]


@pytest.mark.parametrize("tool", ["endless", "async_endless"])
def test_a_suspended_generator_is_closed(host: Host, tool: str) -> None:
    """[CN-2]"""
    stream = host.stream(tool, {}, credit=1)
    host.next_of(stream)
    host.ping()
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"
    assert host.run("recall") == ["closed"]


@pytest.mark.parametrize("tool", ["endless", "async_endless"])
def test_a_running_generator_is_stopped(host: Host, tool: str) -> None:
    """[CN-2]"""
    stream = host.stream(tool, {}, credit=1_000_000)
    host.next_of(stream)
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"
    assert host.run("recall") == ["closed"]


def test_a_waiting_call_is_taken_back(host: Host, tmp_path: Path) -> None:
    """[CN-3]"""
    slow = host.call("wait_for_file", {"path": str(tmp_path / "go")})
    waiting = host.call("note", {"text": "ran"})
    wait_until_running(host)
    host.cancel(waiting)
    assert host.error(waiting)["code"] == "not_started"
    (tmp_path / "go").touch()
    host.result(slow)
    assert host.run("recall") == []


def test_recall_takes_back_only_what_has_not_started(host: Host, tmp_path: Path) -> None:
    """[CN-4]"""
    slow = host.call("wait_for_file", {"path": str(tmp_path / "go")})
    waiting = host.call("note", {"text": "ran"})
    wait_until_running(host)
    host.cancel(slow, recall=True)
    host.cancel(waiting, recall=True)
    assert host.error(waiting)["code"] == "not_started"
    (tmp_path / "go").touch()
    assert host.result(slow) == "seen"


def test_cancel_of_unknown_and_answered_calls_is_ignored(host: Host) -> None:
    """[CN-5] [CA-2]"""
    call = host.call("echo", {"value": 1})
    host.result(call)
    host.cancel(call)
    host.cancel(999)
    host.credit(999, 5)
    host.send({"type": "result", "id": 999, "value": 1})
    assert host.run("echo", {"value": 2}) == 2
    assert host.unread == []


def test_an_interrupt_comes_once(host: Host, tmp_path: Path) -> None:
    """[CN-1] A tool that swallows it may still finish."""
    call = host.call("stubborn", {"path": str(tmp_path / "go")})
    wait_until_running(host)
    host.cancel(call)
    wait_until_running(host)
    host.cancel(call)
    host.ping()
    (tmp_path / "go").touch()
    assert host.result(call) == "finished"
    assert host.run("recall") == ["swallowed"]


def test_an_interrupt_swallowed_by_a_finalizer_strikes_again(host: Host) -> None:
    """[CN-2]"""
    call = host.call("swallow_in_del")
    wait_until_running(host)
    host.cancel(call)
    assert host.error(call)["code"] == "cancelled"


def test_pings_are_answered_while_a_tool_runs(host: Host) -> None:
    """[LV-1]"""
    call = host.call("spin")
    wait_until_running(host)
    host.ping()
    host.cancel(call)
    host.error(call)
