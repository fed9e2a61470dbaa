"""Tools for hosts that end in every possible way while these run."""

from __future__ import annotations

import ctypes
import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from snakepit_bridge import SessionContext


class Hosted:
    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: object = None) -> object:
        return value

    def nap(self, seconds: float = 600, touch: str = "") -> str:
        _touch(touch)
        time.sleep(seconds)
        return "awake"

    def spin(self, touch: str) -> None:
        _touch(touch)
        while True:
            pass

    def hold(self, touch: str, seconds: int = 600) -> str:
        """Keeps the interpreter lock: no other thread runs meanwhile."""
        _touch(touch)
        ctypes.PyDLL(None).sleep(seconds)
        return "released"

    def stop(self, touch: str) -> None:
        _touch(touch)
        os.kill(os.getpid(), signal.SIGSTOP)

    def call_back(self, ctx: SessionContext) -> object:
        return ctx.call_host_tool("bye")

    def child(self) -> int:
        """A subprocess that goes on for long, and heeds no SIGTERM."""
        code = (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            " print('on', flush=True); time.sleep(600)"
        )
        process = subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        return process.pid

    def outlive(self, touch: str) -> None:
        """What nothing should be able to do: takes away all that ends this process with its host."""
        for fd in range(3, 64):
            try:
                fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_ASYNC)
            except OSError:
                continue
        _touch(touch)
        # No thread gets to see that the channel has ended.
        ctypes.PyDLL(None).sleep(600)

    def forking(self, touch: str) -> None:
        """Always has some children, forked and started otherwise, and always starts another one."""
        started = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
        started.start()
        subprocess.Popen(["sleep", "600"])
        children: list[int] = []
        while True:
            pid = os.fork()
            if pid == 0:
                time.sleep(600)
                os._exit(0)
            children.append(pid)
            if len(children) == 5:
                _touch(touch)
                oldest = children.pop(0)
                os.kill(oldest, signal.SIGKILL)
                os.waitpid(oldest, 0)
            time.sleep(0.001)


def _touch(path: str) -> None:
    if path:
        Path(path).touch()
