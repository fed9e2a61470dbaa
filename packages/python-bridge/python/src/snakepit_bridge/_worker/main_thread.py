"""The profile `process`: the main thread runs the tools, one after the other."""

from __future__ import annotations

import time

from snakepit_bridge._wire.frames import Inlet
from snakepit_bridge._worker.anticipation import Anticipation
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.ending import Terminated
from snakepit_bridge._worker.executor import Executor
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.reading import Reading
from snakepit_bridge._worker.router import Router
from snakepit_bridge._worker.signal_interrupts import SignalInterrupts

#: A tool is quick while its last call took no longer, in seconds.
_QUICK = 0.0002
#: How long answers may wait for each other, in seconds.
_LINGER = 0.001
#: Tools that are remembered as quick.
_MAX_QUICK = 1024


class MainThread:
    """``Serving`` in the main thread, in the order in which the calls came.

    The answer of a call waits for that of the next one where its tool is quick: together they cost one write.
    """

    def __init__(
        self,
        inlet: Inlet,
        router: Router,
        executor: Executor,
        outbox: Outbox,
        calls: CallTable,
        interrupts: SignalInterrupts,
    ) -> None:
        self._executor = executor
        self._outbox = outbox
        self._quick: set[str] = set()
        self._calls = calls
        self._interrupts = interrupts
        self._reading: Reading[Call] = Reading(router, Anticipation(inlet.fd), outbox.hasten)
        self._terminating = False
        #: The call that is served, or was served last of its batch.
        self._latest: Call | None = None
        inlet.on_wait(self._reading.before_wait)

    def serve(self) -> None:
        own_mailbox().before_wait = self._reading.lend
        self._reading.start()
        reading = self._reading
        while not (self._terminating or reading.finished):
            self._serve(reading.next_batch())
        for call in self._calls.claim_all():
            self._executor.refuse(call, not_started("the worker is ending"))

    def _serve(self, batch: list[Call]) -> None:
        executor, reading, quick, clock = self._executor, self._reading, self._quick, time.perf_counter
        begun = written = clock()
        for index, call in enumerate(batch, 1):
            self._latest = call
            if self._terminating:
                break
            executor.may_hold = index < len(batch) and batch[index].tool in quick
            executor.execute(call)
            ended = clock()
            is_quick = ended - begun <= _QUICK
            if not is_quick:
                quick.discard(call.tool)
            elif call.tool not in quick and len(quick) < _MAX_QUICK:
                quick.add(call.tool)
            if not is_quick or ended - written > _LINGER:
                self._outbox.flush()
                written = ended
            # Looked at once the answer is held: either the reader has seen it there, or this sees the reader.
            elif not reading.watched:
                self._outbox.hasten(_LINGER)
            begun = ended
        # What the call was given need not live any longer.
        self._latest = None

    def terminate(self) -> None:
        self._terminating = True
        if not self._reading.busy:
            raise Terminated
        # A generator that yields is in the bridge for a moment, and no tool runs then.
        call = self._interrupts.running or self._latest
        if call is not None:
            self._interrupts.stop(call)
