"""Tools that wear their worker out, or end it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


class Busy(Exception):
    retryable = True


class Wearing:
    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.count = 0

    def echo(self, value: Any) -> Any:
        return value

    def pid(self) -> int:
        return os.getpid()

    def counted(self) -> list[int]:
        self.count += 1
        return [os.getpid(), self.count]

    def leak(self, mebibytes: int) -> int:
        self.kept.append(os.urandom(1024) * (1024 * mebibytes))
        return len(self.kept)

    def nap(self, seconds: float) -> int:
        time.sleep(seconds)
        return os.getpid()

    def crash(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def crash_once(self, mark: str, value: Any = None) -> Any:
        """Ends its worker unless it was called with this mark before."""
        path = Path(mark)
        if not path.exists():
            path.touch()
            self.crash()
        return value

    def fail_once(self, mark: str, value: Any = None) -> Any:
        """Raises an error that says to come again, unless it was called with this mark before."""
        path = Path(mark)
        if not path.exists():
            path.touch()
            raise Busy("not yet")
        return value

    def stream_and_crash(self, arrived: str) -> Any:
        """Ends its worker as soon as somebody has made the file, to show that the first chunk is there."""
        yield 1
        while not Path(arrived).exists():
            time.sleep(0.01)
        self.crash()
        yield 2

    def spoil(self) -> None:
        raise MemoryError("the device is full")
