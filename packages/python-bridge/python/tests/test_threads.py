"""The profile `thread`: several calls at a time, each in a thread of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from client import WELCOME, Frame, Host
from conftest import Launch, LaunchSilent

ENV = {"SNAKEPIT_PROFILE": "thread", "SNAKEPIT_THREADS": "2"}


@pytest.fixture
def threads(launch: Launch) -> Host:
    """A worker with two threads."""
    return launch("side_by_side:SideBySide", env=ENV)


def begin(host: Host, path: Path, **fields: Any) -> int:
    """A call that waits for a file; returns when it runs."""
    call = host.call("begun", {"path": str(path)}, **fields)
    assert log_of(host, path.name)["call"] == call
    return call


def log_of(host: Host, name: str) -> Frame:
    return host.next(lambda frame: frame["type"] == "log" and frame["message"] == f"begun {name}")


def test_calls_start_in_order_and_no_more_than_there_are_threads(threads: Host, tmp_path: Path) -> None:
    """[CA-3]"""
    assert threads.hello["concurrency"] == 2
    calls = [threads.call("begun", {"path": str(tmp_path / str(number))}) for number in range(5)]
    log_of(threads, "0")
    log_of(threads, "1")
    (tmp_path / "1").touch()
    assert threads.result(calls[1]) == "1"
    log_of(threads, "2")
    threads.cancel(calls[3], recall=True)
    threads.cancel(calls[2], recall=True)
    assert threads.error(calls[3])["code"] == "not_started"
    (tmp_path / "0").touch()
    log_of(threads, "4")
    assert threads.result(calls[0]) == "0"
    (tmp_path / "2").touch()
    (tmp_path / "4").touch()
    assert [threads.result(calls[2]), threads.result(calls[4])] == ["2", "4"]


def test_calls_in_flight_are_limited_for_each_thread(launch: Launch, tmp_path: Path) -> None:
    """[LI-5]"""
    welcome = {"limits": {**WELCOME["limits"], "maxInFlight": 2}}
    host = launch("side_by_side:SideBySide", env=ENV, welcome=welcome)
    calls = [host.call("begun", {"path": str(tmp_path / "go")}) for _ in range(4)]
    assert host.error(host.call("pid"))["code"] == "resource_exhausted"
    (tmp_path / "go").touch()
    assert [host.result(call) for call in calls] == ["go"] * 4


def test_a_thread_is_started_when_it_is_needed(threads: Host) -> None:
    assert {threads.run("thread") for _ in range(20)} == {"snakepit-tool-1"}


def test_where_no_thread_can_be_started_those_there_are_serve_everything(
    threads: Host, tmp_path: Path
) -> None:
    """P10"""
    threads.run("refuse_threads")
    first = begin(threads, tmp_path / "first")
    second = threads.call("thread")
    threads.ping()
    (tmp_path / "first").touch()
    assert threads.result(first) == "first"
    assert threads.result(second) == "snakepit-tool-1"


def test_each_call_has_its_own_session_context(threads: Host) -> None:
    first = threads.call("ask", session="a")
    second = threads.call("ask_async", session="b")
    asked = [threads.host_call(), threads.host_call()]
    assert {frame["parent"]: frame["session"] for frame in asked} == {first: "a", second: "b"}
    inner = [threads.call("session", parent=frame["id"], session=frame["session"]) for frame in asked]
    assert [threads.result(call) for call in inner] == [frame["session"] for frame in asked]
    for frame in asked:
        threads.answer(frame, frame["session"])
    assert [threads.result(first), threads.result(second)] == ["a", "b"]


def test_async_tools_share_one_loop_which_outlives_what_they_leave_behind(threads: Host) -> None:
    assert threads.run("loop") == "snakepit-loop"
    threads.run("leave_exit_behind")
    assert threads.run("loop") == "snakepit-loop"


def test_a_session_is_cleaned_up_when_its_last_call_has_ended(threads: Host, tmp_path: Path) -> None:
    """[SE-2]"""
    running = begin(threads, tmp_path / "go", session="s")
    threads.cancel(running)
    end = threads.call("snakepit.end_session", session="s")
    threads.ping()
    (tmp_path / "go").touch()
    threads.result(running)
    assert threads.result(end) is None
    assert threads.run("seen") == ["go", "cleaned"]


def test_drain_finishes_every_call(threads: Host, tmp_path: Path) -> None:
    """[LV-2] Also a stream that needs more credit, and a tool that waits for the host."""
    stream = threads.stream("count", {"n": 5}, credit=1)
    asking = threads.call("ask")
    waiting = threads.call("pid")
    threads.next_of(stream)
    asked = threads.host_call()
    threads.send({"type": "drain", "graceMs": 1000})
    threads.credit(stream, 100)
    assert threads.chunks(stream)[-1]["final"]
    threads.answer(asked, 1)
    assert threads.result(asking) == 1
    threads.result(waiting)
    threads.expect_end()
    assert threads.wait() == 0
    assert "cleaned up" in threads.text


def test_sigterm_stops_what_runs_and_gives_back_what_waits(threads: Host) -> None:
    running = [threads.call("until_cancelled"), threads.call("ask")]
    threads.next(lambda frame: frame["type"] == "log")
    threads.host_call()
    waiting = threads.call("pid")
    threads.ping()
    threads.process.send_signal(signal.SIGTERM)
    assert threads.result(running[0]) == "looked"
    assert threads.error(running[1])["code"] == "cancelled"
    assert threads.error(waiting)["code"] == "not_started"
    threads.expect_end()
    assert threads.wait() == 0
    assert "cleaned up" in threads.text


def test_sigterm_never_hangs(threads: Host, tmp_path: Path) -> None:
    begin(threads, tmp_path / "never")
    threads.process.send_signal(signal.SIGTERM)
    assert threads.wait() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("tool", ["fork_and_return", "fork_and_raise", "async_fork"])
def test_a_tool_that_forks_in_a_thread_is_answered_once(launch: Launch, tool: str) -> None:
    """[CA-1]"""
    host = launch("side_by_side:Forking", env=ENV)
    child = host.run(tool)
    assert host.run("reap", {"pid": child}) == (1 if tool == "fork_and_raise" else 0)
    host.drain()
    assert host.unread == []


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"SNAKEPIT_PROFILE": "fibre"}, "must be process, thread or auto"),
        ({"SNAKEPIT_PROFILE": "thread", "SNAKEPIT_THREADS": "0"}, "must be a number from 1 to 1024"),
    ],
)
def test_a_profile_that_there_is_not_is_refused(
    launch_silent: LaunchSilent, env: dict[str, str], complaint: str
) -> None:
    assert complaint in launch_silent(env=env).read_line()["error"]["message"]
