"""Keeps a flood of log records from the host."""

from __future__ import annotations

import threading
import time
from typing import Callable

#: Records that one gate lets pass in a second.
MAX_PER_SECOND = 1000
_SECOND = 1.0


class FloodGate:
    """Tells how many records it held back once a second has gone by without another one. For every thread."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        # A finalizer may log while its thread is in here.
        self._lock = threading.RLock()
        self._since = float("-inf")
        self._passed = 0
        self._held = 0
        self._watched = False

    def admit(self) -> bool:
        """Whether one more may pass; one that may not is counted."""
        with self._lock:
            now = time.monotonic()
            if now - self._since >= _SECOND:
                self._since, self._passed = now, 0
            if self._passed < MAX_PER_SECOND:
                self._passed += 1
                return True
        self.hold()
        return False

    def hold(self) -> None:
        """One is held back, for whatever reason."""
        with self._lock:
            self._held += 1
            begins, self._watched = not self._watched, True
        if begins:
            try:
                threading.Thread(target=self._watch, name="snakepit-flood", daemon=True).start()
            except RuntimeError:
                # The system has no more threads: the next one that is held back tries again.
                self._watched = False

    def end(self) -> None:
        """Nothing more will come, for now."""
        with self._lock:
            held, self._held, self._watched = self._held, 0, False
        if held:
            self._tell(held)

    def _watch(self) -> None:
        seen = 0
        while seen != self._held:
            seen = self._held
            time.sleep(_SECOND)
        self.end()
