"""States in which a worker may be when its host dies."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

if "SNAKEPIT_TEST_BLOCKED" in os.environ:
    Path(os.environ["SNAKEPIT_TEST_BLOCKED"]).touch()
    # Keeps the interpreter's lock, as a slow import of a C library does.
    ctypes.PyDLL(None).sleep(600)


class Orphans:
    def become(self, state: str, mark: str) -> None:
        """Gets into the state, after it has touched ``mark``."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(mark).touch()
        getattr(self, f"_{state}")()

    def _computing(self) -> None:
        while True:
            pass

    def _locking(self) -> None:
        ctypes.PyDLL(None).sleep(600)

    def _stopped(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def _forked(self) -> None:
        os.fork()
        time.sleep(600)

    def _parent(self) -> None:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], check=True)

    def nap(self, seconds: float) -> str:
        time.sleep(seconds)
        return "awake"
