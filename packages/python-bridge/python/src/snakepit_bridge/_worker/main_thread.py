"""The profile `process`: the main thread runs the tools, one after the other."""

from __future__ import annotations

from snakepit_bridge._wire.frames import Inlet
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.ending import Terminated
from snakepit_bridge._worker.executor import Executor
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge._worker.reading import Reading
from snakepit_bridge._worker.router import Router
from snakepit_bridge._worker.signal_interrupts import SignalInterrupts


class MainThread:
    """``Serving`` in the main thread, in the order in which the calls came."""

    def __init__(
        self, inlet: Inlet, router: Router, executor: Executor, calls: CallTable, interrupts: SignalInterrupts
    ) -> None:
        self._executor = executor
        self._calls = calls
        self._interrupts = interrupts
        self._reading: Reading[Call] = Reading(router)
        self._terminating = False
        inlet.on_wait(self._reading.hand_over)

    def serve(self) -> None:
        own_mailbox().before_wait = self._reading.lend
        self._reading.start()
        reading, execute = self._reading, self._executor.execute
        while not (self._terminating or reading.finished):
            for call in reading.next_batch():
                if self._terminating:
                    break
                execute(call)
        for call in self._calls.claim_all():
            self._executor.refuse(call, not_started("the worker is ending"))

    def terminate(self) -> None:
        self._terminating = True
        if not self._reading.busy:
            raise Terminated
        call = self._interrupts.running
        if call is not None:
            self._interrupts.stop(call)
