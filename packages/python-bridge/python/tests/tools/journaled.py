"""Tools that are quick until they are not."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


class Journaled:
    def die(self, really: bool) -> bool:
        if really:
            os.kill(os.getpid(), signal.SIGKILL)
        return really

    def await_file(self, path: str) -> bool:
        while not Path(path).exists():
            time.sleep(0.001)
        return True

    def await_another(self, path: str) -> bool:
        return self.await_file(path)
