"""A tool that ends its children as soon as they are there."""

from __future__ import annotations

import os
import signal
import time


class Forking:
    __thread_safe__ = True

    def end_newborn(self, count: int) -> list[int]:
        """The signals that ended them."""
        return [os.WTERMSIG(self._end_newborn()) for _ in range(count)]

    def _end_newborn(self) -> int:
        child = os.fork()
        if not child:
            while True:
                time.sleep(600)
        os.kill(child, signal.SIGTERM)
        return os.waitpid(child, 0)[1]
