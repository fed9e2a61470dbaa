"""Tools that note that they run, and then do what may be the end of their worker."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path


class Storm:
    __thread_safe__ = True

    def __init__(self) -> None:
        self._opening = threading.Lock()
        self._log = -1
        self._owner = -1

    def echo(self, id: int, nonce: str) -> str:
        self._note(id, nonce)
        return nonce

    def work(self, id: int, nonce: str, ms: float) -> str:
        self._note(id, nonce)
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            pass
        return nonce

    def stream(self, id: int, nonce: str, n: int) -> Iterator[str]:
        self._note(id, nonce)
        for number in range(n):
            yield f"{nonce} {number}"

    def raises(self, id: int, nonce: str) -> None:
        self._note(id, nonce)
        raise ValueError(nonce)

    def hang(self, id: int, nonce: str) -> None:
        self._note(id, nonce)
        while True:
            time.sleep(0.01)

    def hold(self, id: int, nonce: str) -> None:
        """No other thread runs meanwhile, and no signal is handled."""
        self._note(id, nonce)
        ctypes.PyDLL(None).sleep(600)

    def segfault(self, id: int, nonce: str) -> None:
        self._note(id, nonce)
        ctypes.string_at(0)

    def leave(self, id: int, nonce: str) -> None:
        self._note(id, nonce)
        os._exit(0)

    def stop(self, id: int, nonce: str) -> None:
        self._note(id, nonce)
        os.kill(os.getpid(), signal.SIGSTOP)
        # A thread may get a little further before the process stops.
        time.sleep(600)

    def huge(self, id: int, nonce: str, size: int) -> str:
        self._note(id, nonce)
        return nonce + "x" * size

    def noise(self, id: int, nonce: str) -> str:
        self._note(id, nonce)
        for number in range(200):
            print(nonce, number, '{"type":"result","id":1,"value":null}')
        os.write(1, os.urandom(4096))
        os.write(2, os.urandom(4096))
        return nonce

    def garbage(self, id: int, nonce: str) -> str:
        """Writes into the channel what is no frame of any transport."""
        self._note(id, nonce)
        os.write(_channel(), b"\xff\xff\xff\xffno frame\n")
        return nonce

    def _note(self, id: int, nonce: str) -> None:
        # A copy of this process that a tool has forked must not write into the file of its parent.
        with self._opening:
            if self._owner != os.getpid():
                path = Path(os.environ["SNAKEPIT_STORM_LOG"]) / str(os.getpid())
                self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                self._owner = os.getpid()
        # One write to a file opened for appending is never torn, and needs no flush.
        os.write(self._log, f"{id} {nonce} {time.monotonic_ns()}\n".encode())


def _channel() -> int:
    """The lowest descriptor that is a socket: the first that a worker is given."""
    for fd in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return fd
        except OSError:
            continue
    raise RuntimeError("this worker has no socket")
