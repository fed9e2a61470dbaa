"""Tools that bring their own process into trouble."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakepit_bridge import SessionContext

log = logging.getLogger("faulty")
MEBIBYTE = 2**20


class Faulty:
    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def pid(self) -> int:
        return os.getpid()

    def parent(self) -> int:
        return os.getppid()

    def echo(self, value: object = None) -> object:
        return value

    def nap(self, touch: str, note: str = "", seconds: float = 600) -> str:
        """:param note: a file that gets a line for each run."""
        if note:
            with Path(note).open("a") as file:
                file.write(f"{os.getpid()}\n")
        Path(touch).touch()
        time.sleep(seconds)
        return "awake"

    def segfault(self) -> None:
        ctypes.string_at(0)

    def leave(self, code: int = 0) -> None:
        os._exit(code)

    def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def run_out_of_memory(self) -> None:
        """What Python sees when the system gives no more."""
        limit = MEBIBYTE * 512
        with _at_most(limit):
            bytearray(2 * limit)

    def grow(self, mebibytes: int, touch: str = "") -> None:
        self._kept.append(bytes(os.urandom(MEBIBYTE)) * mebibytes)
        if touch:
            Path(touch).touch()
            time.sleep(600)

    def hold(self, ms: int, touch: str = "") -> str:
        """Keeps the interpreter lock: no other thread runs meanwhile, and no signal is handled."""
        if touch:
            Path(touch).touch()
        ctypes.PyDLL(None).usleep(ms * 1000)
        return "released"

    def thread_bomb(self) -> None:
        """Threads until the system refuses one; those that run end before the error leaves."""
        threading.stack_size(64 * MEBIBYTE)
        over = threading.Event()
        started: list[threading.Thread] = []
        try:
            with _at_most(1024 * MEBIBYTE):
                while True:
                    thread = threading.Thread(target=over.wait)
                    thread.start()
                    started.append(thread)
        finally:
            threading.stack_size(0)
            over.set()
            for thread in started:
                thread.join()

    def ignore_sigterm(self, touch: str) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(touch).touch()
        while True:
            try:
                time.sleep(600)
            except BaseException:
                log.info("not yet")

    def zombie(self) -> int:
        """A child that has ended, and that nobody has waited for."""
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        return pid

    def child(self, own_group: bool = False) -> int:
        """A subprocess that goes on, heeds no SIGTERM, and holds the stdout of this process."""
        code = (
            "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            " os.write(2, b'the child is up\\n'); time.sleep(600)"
        )
        process = subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=own_group)
        return process.pid

    def fork_and_return(self) -> int:
        """Returns twice: in this process, and in its copy."""
        pid = os.fork()
        return pid if pid else -1

    def multiply(self, method: str, n: int) -> list[int]:
        context: Any = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            squares: list[int] = pool.map(_square, range(n))
            return squares

    def chunks(self) -> Iterator[bytes]:
        while True:
            yield bytes(MEBIBYTE)

    def logs(self) -> None:
        while True:
            log.info("a record")
            print("a line")

    def calls_back(self, ctx: SessionContext) -> None:
        while True:
            assert ctx.call_host_tool("answer", value=bytes(MEBIBYTE)) == 42


@contextlib.contextmanager
def _at_most(more: int) -> Iterator[None]:
    """Lets this process have so many bytes of memory more than it has now."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _square(number: int) -> int:
    return number * number
