"""Tools that keep their worker from answering, and tools that do not."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path


class Heartbeats:
    def pid(self) -> int:
        return os.getpid()

    def variable(self, name: str) -> str | None:
        return os.environ.get(name)

    def hold_lock(self, touch: str, seconds: int) -> str:
        """A C call that keeps the interpreter's lock: no other thread of the worker runs meanwhile."""
        Path(touch).touch()
        ctypes.PyDLL(None).sleep(seconds)
        return "held"

    def nap(self, touch: str) -> None:
        Path(touch).touch()
        time.sleep(600)

    def spin(self, released: str) -> str:
        while not Path(released).exists():
            pass
        return "spun"
