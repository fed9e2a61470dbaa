"""The process that kills a worker's group where the kernel cannot be told to."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client import PATIENCE, SOURCES

#: A worker in miniature: posts a guardian, starts a child, says so and sleeps.
_WORKER = """
import os, subprocess, sys, time
from snakepit_bridge._worker import guardian
guardian.post(int(sys.argv[1]))
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child", flush=True)
child = subprocess.Popen(["sleep", "600"])
print(child.pid, flush=True)
{then}
time.sleep(600)
"""


class Worker:
    def __init__(self, then: str = "") -> None:
        self.lifeline, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WORKER.format(then=then), str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": str(SOURCES), "GUARDIAN_TEST": str(id(self))},
            pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        theirs.close()
        assert self.process.stdout is not None
        self.first = self.process.stdout.readline().strip()
        self.child = int(self.process.stdout.readline())
        self._mark = f"GUARDIAN_TEST={id(self)}"

    def alive(self) -> set[int]:
        """Every process that has come of this worker."""
        names = [entry.name for entry in Path("/proc").iterdir()]
        return {pid for pid in map(int, filter(str.isdigit, names)) if self._is_mine(pid)}

    def _is_mine(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            place = Path("/proc") / str(pid)
            state = (place / "stat").read_text().rpartition(")")[2].split()[0]
            return state not in "ZX" and self._mark in (place / "environ").read_text().split("\0")
        return False

    def close(self) -> None:
        self.lifeline.close()
        for pid in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def started() -> Iterator[list[Worker]]:
    workers: list[Worker] = []
    yield workers
    for worker in workers:
        worker.close()


def _until(worker: Worker, is_so: Callable[[set[int]], bool]) -> None:
    """:param is_so: asked about the processes of the worker that are alive."""
    deadline = time.monotonic() + PATIENCE
    while not is_so(alive := worker.alive()):
        assert time.monotonic() < deadline, alive
        # A zombie is not alive, but it must be reaped for its children to be seen as orphans.
        worker.process.poll()
        time.sleep(0.005)


def _nobody(alive: set[int]) -> bool:
    return not alive


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@linux
def test_it_kills_the_group_when_the_host_goes(started: list[Worker]) -> None:
    worker = Worker()
    started.append(worker)
    # What was just started shows its environment a moment later.
    _until(worker, lambda alive: len(alive) >= 3)
    worker.lifeline.close()
    _until(worker, _nobody)
    assert worker.process.wait(PATIENCE) == -signal.SIGKILL


@linux
def test_it_kills_a_worker_that_is_stopped_or_ignores_everything(started: list[Worker]) -> None:
    worker = Worker("import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]")
    started.append(worker)
    os.killpg(worker.process.pid, signal.SIGSTOP)
    worker.lifeline.close()
    _until(worker, _nobody)


@linux
def test_it_ends_with_its_worker_and_kills_nobody_then(started: list[Worker]) -> None:
    # The child outlives its worker, which the host has to know; the guardian does not.
    worker = Worker("os._exit(0)")
    started.append(worker)
    assert worker.process.wait(PATIENCE) == 0
    _until(worker, lambda alive: alive == {worker.child})


@linux
def test_a_forked_child_of_a_tool_does_not_keep_it(started: list[Worker]) -> None:
    worker = Worker("os.fork() or time.sleep(600)\nos._exit(0)")
    started.append(worker)
    assert worker.process.wait(PATIENCE) == 0
    _until(worker, lambda alive: len(alive) <= 2)


@linux
def test_it_is_nobodys_child(started: list[Worker]) -> None:
    worker = Worker()
    started.append(worker)
    assert worker.first == "no child"
