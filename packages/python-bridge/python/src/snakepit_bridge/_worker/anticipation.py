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

    :param fd: where something will come; None: every wait sleeps. So it does where the system lacks the
        means, and on a single processor, which whoever is awaited needs.
    """

    def __init__(self, fd: int | None) -> None:
        self._look: Callable[[int], object] | None = None
        if fd is not None and hasattr(select, "poll") and hasattr(os, "sched_yield") and _processors() > 1:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            self._look = poll.poll
        # A tool may stop the clock of this process, as tests of programs do.
        self._clock = time.perf_counter
        self._is_likely = False
        #: When the first wait of this read began.
        self._since: float | None = None

    def wait(self) -> None:
        """A read that may block is about to begin."""
        look, clock = self._look, self._clock
        # What is large comes in many pieces: it began with the first.
        if look is None or self._since is not None:
            return
        now = self._since = clock()
        if self._is_likely:
            self._is_likely = False
            end = now + _SHORT_SECONDS
            while now < end and not look(0):
                # Who is to send something may want this very processor.
                os.sched_yield()
                now = clock()

    def arrived(self) -> None:
        """A read has ended, which may have waited. All the time since counts: what is large takes longer."""
        if self._since is not None:
            self._is_likely = self._clock() - self._since <= _SHORT_SECONDS
            self._since = None


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
