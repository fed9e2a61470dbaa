"""A worker that is connected: its parts, its main loop and its end."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from types import FrameType

from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._worker.calls import CallTable
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.ending import Terminated, end_within
from snakepit_bridge._worker.executor import Executor
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.forks import disable_in_children
from snakepit_bridge._worker.host_calls import HostCalls
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.loops import Loops
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.reading import Reading
from snakepit_bridge._worker.router import Router
from snakepit_bridge._worker.toolbox import Toolbox

#: How often threads take turns. The default of 5 ms is how long a cancel could wait for a busy tool.
_SWITCH_SECONDS = 0.001
#: How long an orderly end may take.
_END_SECONDS = 2.0


class Worker:
    """Serves calls in the main thread, in the order they came."""

    def __init__(
        self,
        channel: Channel,
        link: Link,
        toolbox: Toolbox,
        limits: Limits,
        loops: Loops,
    ) -> None:
        frames, inlet, outlet = link
        self.outbox = Outbox(outlet)
        self.interrupts = Interrupts()
        calls = CallTable()
        host_calls = HostCalls(frames, calls, self.outbox, self.interrupts)
        self._calls = calls
        self._executor = Executor(toolbox, frames, calls, self.outbox, self.interrupts, loops)
        host_calls.serve_with(self._executor)
        self._router = Router(inlet, frames, limits, calls, host_calls, self.outbox, self.interrupts)
        self._reading = Reading(self._router)
        inlet.on_wait(self._reading.hand_over)
        self._terminating = False
        disable_in_children(channel, self.outbox)

    def serve(self) -> None:
        """Returns after a drain or SIGTERM."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.interrupts.install()
        signal.signal(signal.SIGTERM, self._on_terminate)
        own_mailbox().before_wait = self._reading.lend
        # What was imported stays; the collector need not look at it again and again.
        gc.freeze()
        self._reading.start()
        with contextlib.suppress(Terminated):
            self._serve()
            self.outbox.let_leave()
        end_within(_END_SECONDS)

    def _serve(self) -> None:
        reading, execute = self._reading, self._executor.execute
        while not (self._terminating or reading.finished):
            for call in reading.next_batch():
                if self._terminating:
                    break
                execute(call)
        for call in self._calls.claim_all():
            self._executor.refuse(call, not_started("the worker is ending"))

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        end_within(_END_SECONDS)
        self._terminating = True
        if not self._reading.busy:
            raise Terminated
        call = self.interrupts.running
        if call is not None:
            self.interrupts.stop(call)
