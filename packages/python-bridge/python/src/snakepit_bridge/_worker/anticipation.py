"""Waits awake for what is likely to come in a moment."""

from __future__ import annotations

import os
import select
import time
from typing import Callable

#: Of a short wait: what it takes a host to answer at once, and a processor to fall asleep and to be woken.
_SHORT_SECONDS = 100e-6


class Anticipation:
    """A processor that sleeps wakes up late, and finds its caches cold: a lone call takes twice as long.

    So a wait that follows on a short one begins awake, and falls asleep when it is no longer short. The next
    one then sleeps at once, until something has come quickly again: an idle worker costs nothing.

    :param fd: where something will come; None, or a system without the means: every wait sleeps.
    """

    def __init__(self, fd: int | None) -> None:
        self._look: Callable[[int], object] | None = None
        if fd is not None and hasattr(select, "poll") and hasattr(os, "sched_yield"):
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            self._look = poll.poll
        self._is_likely = False
        #: When the wait began; 0 while there is none.
        self._since = 0.0

    def wait(self) -> None:
        """A read that may block is about to begin."""
        if self._look is None:
            return
        clock = time.perf_counter
        now = self._since = clock()
        if self._is_likely:
            self._is_likely = False
            end = now + _SHORT_SECONDS
            while now < end and not self._look(0):
                # Who is to send something may want this very processor.
                os.sched_yield()
                now = clock()

    def arrived(self) -> None:
        """A read has ended, which may have waited."""
        if self._since:
            self._is_likely = time.perf_counter() - self._since <= _SHORT_SECONDS
            self._since = 0.0
