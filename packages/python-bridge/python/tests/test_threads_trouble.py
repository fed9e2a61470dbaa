"""What must not cost a worker a thread, or a call its answer."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from client import Host
from conftest import Launch, LaunchSilent

THREADS = {"SNAKEPIT_PROFILE": "thread", "SNAKEPIT_THREADS": "2"}
PROCESS = {"SNAKEPIT_PROFILE": "process"}


@pytest.fixture
def threads(launch: Launch) -> Host:
    """A worker with two threads."""
    return launch("troubled:Troubled", env=THREADS)


@pytest.fixture(params=[THREADS, PROCESS], ids=["thread", "process"])
def either(launch: Launch, request: pytest.FixtureRequest) -> Host:
    """A worker of either profile."""
    return launch("troubled:Troubled", env=request.param)


def logged(host: Host, message: str) -> None:
    host.next(lambda frame: frame["type"] == "log" and frame["message"] == message)


def test_an_async_tool_that_was_cancelled_before_it_began_does_not_begin(
    threads: Host, tmp_path: Path
) -> None:
    """[CA-1] And the threads that waited are all there afterwards."""
    blocking = threads.call("block_loop", {"path": str(tmp_path / "go")})
    logged(threads, "blocking")
    quick = threads.call("quick")
    threads.ping()
    threads.cancel(quick)
    threads.ping()
    (tmp_path / "go").touch()
    assert threads.error(quick)["code"] in ("cancelled", "not_started")
    assert threads.result(blocking) is None
    assert len(threads.run("names")) == 2


def test_no_cancel_costs_a_thread(either: Host) -> None:
    """[CA-1] [CA-4] Quick async tools, cancelled at any time."""
    for _ in range(60):
        calls = [either.call("quick") for _ in range(4)]
        for call in calls:
            either.cancel(call)
        for call in calls:
            either.next_of(call)
    assert either.run("quick") == 1
    either.drain()
    assert "Traceback" not in either.text


@pytest.mark.parametrize("tool", ["cancel_itself", "cancel_all"])
def test_a_tool_may_cancel_its_own_task(either: Host, tool: str) -> None:
    for _ in range(3):
        assert either.run(tool) == "done"
    assert either.run("quick") == 1


def test_a_task_that_another_tool_cancels_is_answered(threads: Host) -> None:
    victim = threads.call("ask")
    threads.host_call()
    assert threads.run("cancel_all") == "done"
    assert threads.error(victim)["type"] == "CancelledError"
    assert threads.run("quick") == 1


def test_a_tool_that_stops_the_shared_loop_stops_nothing(either: Host) -> None:
    assert either.run("stop_loop") == "done"
    assert either.run("exit_in_task") == "SystemExit(3)"
    assert either.run("quick") == 1
    either.drain()
    assert [frame for frame in either.unread if frame["type"] in ("result", "error")] == []


def test_an_async_tool_is_answered_where_no_loop_can_be_started(threads: Host) -> None:
    """P10"""
    threads.run("refuse_threads")
    for _ in range(3):
        assert "can't start new thread" in threads.error(threads.call("quick"))["message"]
    assert len(threads.run("names")) == 1


@pytest.mark.parametrize("tool", ["numbers", "final"])
def test_a_stream_that_lacks_credit_does_not_block_the_loop(threads: Host, tool: str) -> None:
    """[CR-4]"""
    stream = threads.stream(tool, credit=0)
    threads.ping()
    assert [threads.run("quick") for _ in range(3)] == [1, 1, 1]
    threads.credit(stream, 10)
    values = [chunk["value"] for chunk in threads.chunks(stream)]
    if tool == "numbers":
        assert values.pop(0).startswith("snakepit-tool-")
    assert values == ([7] if tool == "final" else [1, 2, None])


def test_nor_does_one_that_is_nested(threads: Host) -> None:
    """[CR-4]"""
    outer = threads.call("ask")
    asked = threads.host_call()
    stream = threads.stream("numbers", parent=asked["id"], credit=0)
    threads.ping()
    assert threads.run("quick") == 1
    threads.credit(stream, 10)
    assert len(threads.chunks(stream)) == 4
    threads.answer(asked, "done")
    assert threads.result(outer) == "done"


def test_a_cancel_reaches_an_iterator_that_an_async_tool_returned(threads: Host) -> None:
    stream = threads.stream("numbers", credit=1)
    threads.next_of(stream)
    threads.cancel(stream)
    assert threads.error(stream)["code"] == "cancelled"
    assert threads.run("quick") == 1


def test_an_iterator_is_closed_though_a_cancel_is_pending(threads: Host) -> None:
    stream = threads.stream("until_cancelled")
    logged(threads, "next")
    threads.cancel(stream)
    threads.next_of(stream)
    logged(threads, "closed")


def test_a_worker_whose_async_start_fails_ends(launch_silent: LaunchSilent) -> None:
    worker = launch_silent("troubled:Unstartable", env=THREADS)
    assert "cannot start" in worker.read_line()["error"]["message"]
    assert worker.wait() == 1


def test_a_thread_never_dies_alone(threads: Host) -> None:
    threads.run("break_threads")
    threads.call("names")
    threads.expect_end()
    assert threads.wait() == 1
    assert "serving a call failed" in threads.text


def test_sigterm_is_heard_where_no_thread_can_be_started(either: Host, tmp_path: Path) -> None:
    """P10"""
    either.run("refuse_threads")
    call = either.call("begun", {"path": str(tmp_path / "go")})
    logged(either, "begun")
    either.process.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()
    either.next_of(call)
    either.expect_end()
    assert either.wait() == 0


def test_a_flood_of_records_raises_nothing_where_no_thread_can_be_started(threads: Host) -> None:
    """P10"""
    threads.run("refuse_threads")
    assert threads.run("flood", {"n": 3000}) == 3000


def test_flush_waits_for_what_another_thread_writes() -> None:
    from snakepit_bridge._worker.outbox import Outbox

    class Slow:
        def __init__(self) -> None:
            self.begun, self.go = threading.Event(), threading.Event()
            self.written: list[Any] = []

        def write(self, data: Any) -> None:
            self.begun.set()
            self.go.wait()
            self.written.append(data)

        def starting(self, id: int) -> None: ...

        def flush(self) -> None: ...

        def finish(self) -> None: ...

    outlet = Slow()
    outbox = Outbox(outlet)
    outbox.post(b"frame", 0)
    outlet.begun.wait()
    flushing = threading.Thread(target=outbox.flush)
    flushing.start()
    flushing.join(0.05)
    assert flushing.is_alive()
    outlet.go.set()
    flushing.join()
    assert outlet.written == [b"frame"]
