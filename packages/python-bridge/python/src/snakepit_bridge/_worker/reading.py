"""Who reads the channel, and when."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Callable, Generic, NoReturn, Protocol, TypeVar

from snakepit_bridge._worker.anticipation import Anticipation

#: A call; this module hands them on and never looks into one.
T = TypeVar("T")

#: How long the main thread may be busy before the reader thread takes over.
_PATIENCE = 0.002
#: After so many looks at a main thread with nothing to do, the reader thread sleeps until it is roused.
_LOOKS = 20


class Batches(Protocol[T]):
    """Reads frames and brings them to whom they concern."""

    draining: bool

    def read_batch(self) -> list[T]:
        """Blocks for the next frame, and takes those that came with it. Returns calls for the main thread."""

    def take_batch(self) -> list[T]:
        """The calls that were read since the last batch."""


class Reading(Generic[T]):
    """The main thread reads while it has nothing else to do, so that a short call costs no change of threads.

    Once it has been busy for a moment, or waits inside a call, the reader thread reads: it answers pings,
    hears of cancels and lets streams go on. It gives the channel back as soon as the main thread waits.

    :param anticipation: how the main thread waits.
    :param on_busy: called by the reader thread when it takes over; must not block.
    """

    def __init__(self, source: Batches[T], anticipation: Anticipation, on_busy: Callable[[], None]) -> None:
        self._source = source
        self._anticipation = anticipation
        self._on_busy = on_busy
        self._lock = threading.Lock()
        #: Guarded by the lock: which thread may read, and whether the main thread waits for the other one.
        self._main_reads = True
        self._main_waits = False
        #: Written by the main thread alone: whether it serves calls, and how many batches it has begun.
        self.busy = False
        self._turn = 0
        self._inbox: SimpleQueue[list[T]] = SimpleQueue()
        self._rouse: SimpleQueue[None] = SimpleQueue()
        self._asleep = True

    def start(self) -> None:
        threading.Thread(target=self._watch, name="snakepit-reader", daemon=True).start()

    def next_batch(self) -> list[T]:
        """For the main thread: the next calls, in order. It may be empty."""
        with self._lock:
            self.busy = False
            reads = self._main_reads and self._inbox.empty()
            self._main_waits = not reads
        batch = self._source.read_batch() if reads else self._receive()
        if reads:
            self._anticipation.arrived()
        self._turn += 1
        self.busy = True
        if self._asleep:
            self._asleep = False
            self._rouse.put(None)
        return batch

    @property
    def finished(self) -> bool:
        """Whether the host wants no more than what was served already."""
        return self._source.draining and self._inbox.empty()

    @property
    def watched(self) -> bool:
        """Whether the reader thread looks how long the main one is busy, so ``on_busy`` may yet come."""
        return self._main_reads

    def lend(self) -> None:
        """The main thread is going to wait inside a call: somebody else must read."""
        if self._pass_to_reader(self._turn):
            self._rouse.put(None)

    def before_wait(self) -> None:
        """For whichever thread reads: the next read may block.

        What the reader thread has for the main one need not wait for that.
        """
        if self._main_reads:
            self._anticipation.wait()
            return
        batch = self._source.take_batch()
        if batch:
            self._inbox.put(batch)

    def _receive(self) -> list[T]:
        batch = self._inbox.get()
        with self._lock:
            self._main_waits = False
        return batch

    def _pass_to_reader(self, turn: int) -> bool:
        with self._lock:
            passed = self.busy and self._turn == turn and self._main_reads
            if passed:
                self._main_reads = False
            return passed

    def _watch(self) -> NoReturn:
        while True:
            self._rouse.get()
            quiet = 0
            while quiet < _LOOKS:
                turn = self._turn
                self._pause()
                if not self._main_reads or self._pass_to_reader(turn):
                    self._on_busy()
                    self._read()
                quiet = 0 if self.busy or self._turn != turn else quiet + 1
            self._asleep = True
            # Whoever became busy just before has not seen that.
            if self.busy:
                self._rouse.put(None)

    def _pause(self) -> None:
        try:
            self._rouse.get(timeout=_PATIENCE)
        except Empty:
            return

    def _read(self) -> None:
        """Reads until the main thread can do so itself."""
        while not self._main_reads:
            batch = self._source.read_batch()
            # In one step, so that the main thread reads on only behind these calls.
            with self._lock:
                self._main_reads = self._main_waits
                if batch or self._main_waits or self._source.draining:
                    self._inbox.put(batch)
