"""The fork server, as its host sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from client import PATIENCE
from fork_host import ForkHost

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

Start = Callable[..., ForkHost]


@pytest.fixture
def start() -> Iterator[Start]:
    """Fork servers that are ready."""
    hosts: list[ForkHost] = []

    def ready(*preload: str) -> ForkHost:
        hosts.append(ForkHost(preload))
        hello = hosts[-1].start()
        assert hello["snakepit"] == 1, hello
        assert hello["pid"] == hosts[-1].process.pid
        return hosts[-1]

    yield ready
    for host in hosts:
        host.close()


@pytest.fixture
def unready() -> Iterator[Start]:
    """Fork servers that cannot be; with what they said."""
    hosts: list[ForkHost] = []

    def begin(name: str, source: str) -> ForkHost:
        hosts.append(ForkHost(["json", name]))
        (hosts[-1].folder / f"{name}.py").write_text(source)
        return hosts[-1]

    yield begin
    for host in hosts:
        host.close()


def _state(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _state(pid) not in "ZX":
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_it_forks_workers_that_serve(start: Start) -> None:
    """[FS-1] [FS-3] [FS-4]"""
    host = start("fractions")
    for _ in range(3):
        worker = host.fork()
        assert worker.greet()["pid"] == worker.pid
        assert worker.call("echo", value=3) == 3
        assert os.getpgid(worker.pid) == worker.pid


def test_a_worker_stays_in_the_group_until_it_is_let_in(start: Start) -> None:
    """[FS-10]"""
    host = start()
    host.ask()
    pid = host.report()["pid"]
    ends = [host.accept() for _ in range(4)]
    assert os.getpgid(pid) == host.process.pid
    host.lifeline.close()
    _await_end(pid)
    for _, connection, reader in ends:
        reader.close()
        connection.close()


def test_a_worker_that_is_not_let_in_ends(start: Start) -> None:
    """[FS-10] [FS-7]"""
    host = start()
    id = host.ask()
    pid = host.report()["pid"]
    for _ in range(4):
        _, connection, reader = host.accept()
        reader.close()
        connection.close()
    ended = host.report()
    assert (ended["type"], ended["id"], ended["pid"], ended["signal"]) == ("exit", id, pid, None)
    assert ended["code"] != 0


def test_each_worker_dies_with_its_own_lifeline(start: Start) -> None:
    """[FS-10] Also when it is stopped: the kernel does it."""
    host = start()
    first, second = host.fork(), host.fork()
    first.greet()
    second.greet()
    os.kill(first.pid, signal.SIGSTOP)
    lifeline, reader = first.sockets["lifeline"]
    reader.close()
    lifeline.close()
    assert host.report() == {
        "type": "exit",
        "id": first.id,
        "pid": first.pid,
        "code": None,
        "signal": "SIGKILL",
    }
    assert second.call("echo", value=3) == 3


def test_workers_outlive_the_fork_server_but_not_the_host(start: Start) -> None:
    """[FS-8]"""
    host = start()
    worker = host.fork()
    worker.greet()
    host.process.kill()
    host.process.wait(PATIENCE)
    assert worker.call("echo", value=3) == 3
    lifeline, reader = worker.sockets["lifeline"]
    reader.close()
    lifeline.close()
    _await_end(worker.pid)


def test_the_end_of_the_channel_is_its_end(start: Start) -> None:
    """[FS-9]"""
    host = start()
    worker = host.fork()
    worker.greet()
    host.channel.shutdown(2)
    assert host.process.wait(PATIENCE) == 0
    assert worker.call("echo", value=3) == 3


def test_the_end_of_the_lifeline_is_its_end(start: Start) -> None:
    """[FS-9] Though the kernel has to do it, for it is stopped."""
    host = start()
    os.kill(host.process.pid, signal.SIGSTOP)
    host.lifeline.close()
    assert host.process.wait(PATIENCE) == -signal.SIGKILL


def test_kill_reaches_the_group_and_only_one_that_is_there(start: Start) -> None:
    """[FS-7] [FS-8]"""
    host = start()
    worker = host.fork()
    worker.greet()
    host.say({"type": "kill", "id": 99, "signal": "SIGKILL"})
    host.say({"type": "x-new", "id": worker.id})
    host.say({"type": "kill", "id": worker.id, "signal": "SIGKILL"})
    ended = host.report()
    assert (ended["id"], ended["code"], ended["signal"]) == (worker.id, None, "SIGKILL")
    host.say({"type": "kill", "id": worker.id, "signal": "SIGKILL"})
    assert host.fork().greet()["pid"] != worker.pid


def test_a_request_and_its_kill_may_come_together(start: Start) -> None:
    """[FS-8]"""
    host = start()
    id = host.ask()
    host.say({"type": "kill", "id": id, "signal": "SIGKILL"})
    assert [host.report()["type"] for _ in range(2)] == ["forked", "exit"]


def test_it_does_not_wait_for_a_host_that_does_not_read(start: Start) -> None:
    """[FS-7] Twenty workers come and go while nobody listens."""
    host = start()
    ids = [host.ask() for _ in range(20)]
    for id in ids:
        host.say({"type": "kill", "id": id, "signal": "SIGKILL"})
    reports = [host.report() for _ in range(40)]
    assert sorted(report["id"] for report in reports if report["type"] == "exit") == ids


@pytest.mark.parametrize("request_line", [b"{}\n", b"no json\n", b'{"type":"fork","id":1}\n', b"[1]\n"])
def test_what_is_no_request_ends_it(start: Start, request_line: bytes) -> None:
    host = start()
    host.channel.sendall(request_line)
    assert host.process.wait(PATIENCE) == 1
    assert host.process.stdout is not None
    assert b"a request that is none" in host.process.stdout.read()


def test_hooks_of_preloaded_modules_run_in_a_forked_worker(unready: Start) -> None:
    """[FS-3]"""
    hook = "import os\nos.register_at_fork(after_in_child=lambda: print('forked', os.getpid(), flush=True))\n"
    host = unready("hooking", hook)
    assert host.start()["snakepit"] == 1
    worker = host.fork()
    worker.greet()
    assert host.process.stdout is not None
    # It is not the worker's own output yet.
    assert host.process.stdout.readline() == f"forked {worker.pid}\n".encode()


def test_a_module_with_threads_is_named(unready: Start) -> None:
    """[FS-2]"""
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    host = unready("with_thread", source)
    error = host.start()["error"]
    assert (error["code"], error["type"]) == ("unavailable", "ThreadsStarted")
    assert "'with_thread'" in error["message"]
    os.waitpid(host.process.pid, os.WNOHANG)


@pytest.mark.parametrize("source", ["1 / 0\n", "this is no python\n", "raise SystemExit(3)\n"])
def test_a_module_that_cannot_be_imported_is_shown(unready: Start, source: str) -> None:
    """[FS-2]"""
    host = unready("broken", source)
    error = host.start()["error"]
    assert error["code"] == "internal"
    assert "broken.py" in error["traceback"]
    assert host.process.wait(PATIENCE) == 1


def test_nobody_started_it() -> None:
    command = [sys.executable, "-m", "snakepit_bridge._fork_server"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 2
    assert "a host starts it" in ended.stderr


def test_what_is_logged_is_said_once_though_a_preloaded_module_sets_up_logging(unready: Start) -> None:
    host = unready("sets_up_logging", "import logging\nlogging.basicConfig()")
    source = "import logging\nclass Speaker:\n    def speak(self): logging.warning('spoken')\n"
    (host.folder / "speaker.py").write_text(source)
    host.start()
    worker = host.fork(args=["--adapter", "speaker:Speaker"])
    worker.greet()
    worker.call("speak")
    os.kill(worker.pid, signal.SIGKILL)
    assert worker.read("stderr") == b""


_FACTS = """
import os, signal
class Facts:
    def blocking(self): return [os.get_blocking(fd) for fd in (1, 2, 3, 4)]
    def mask(self): return len(signal.pthread_sigmask(signal.SIG_BLOCK, []))
"""


@pytest.mark.parametrize(
    ("source", "fact", "expected"),
    [
        ("import socket\nsocket.setdefaulttimeout(5)\n", "blocking", [True] * 4),
        ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n", "mask", 0),
        ("import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\n", "mask", 0),
    ],
    ids=["timeout", "mask", "stub"],
)
def test_what_a_preloaded_module_sets_does_not_harm_a_worker(
    unready: Start, source: str, fact: str, expected: object
) -> None:
    """[FS-3]"""
    host = unready("setting", source)
    (host.folder / "facts.py").write_text(_FACTS)
    assert host.start()["snakepit"] == 1
    worker = host.fork(args=["--adapter", "facts:Facts"])
    worker.greet()
    assert worker.call(fact) == expected


def test_threads_that_have_ended_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """[FS-2] The system may count them for a moment longer."""
    from snakepit_bridge._fork_server import preload

    counts = iter([3, 2, 1])
    monkeypatch.setattr(preload, "_thread_count", lambda: next(counts))
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    preload.preload(["fractions"])


def test_files_that_a_preloaded_module_keeps_open_are_named(unready: Start) -> None:
    host = unready("keeping", "kept = open(__file__)\n")
    assert host.start()["snakepit"] == 1
    assert host.process.stdout is not None
    line = host.process.stdout.readline()
    assert b"keep files open" in line and b"keeping.py" in line
