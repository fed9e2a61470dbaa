"""A worker that is connected: its parts and its life."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Protocol

from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._worker.calls import CallTable
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.cooperative_interrupts import CooperativeInterrupts
from snakepit_bridge._worker.ending import Terminated, end_within
from snakepit_bridge._worker.executor import Executor
from snakepit_bridge._worker.forks import disable_in_children
from snakepit_bridge._worker.host_calls import HostCalls
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.journal import Journal
from snakepit_bridge._worker.loops import Loops
from snakepit_bridge._worker.main_thread import MainThread
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.router import Router
from snakepit_bridge._worker.signal_interrupts import SignalInterrupts
from snakepit_bridge._worker.termination import END_SECONDS, Termination
from snakepit_bridge._worker.threads import Threads
from snakepit_bridge._worker.toolbox import Toolbox

#: How often threads take turns. The default of 5 ms is how long a cancel could wait for a busy tool.
_SWITCH_SECONDS = 0.001


class Serving(Protocol):
    """Runs the calls that arrive."""

    def serve(self) -> None:
        """Returns after a drain.

        :raises Terminated: SIGTERM came.
        """

    def terminate(self) -> None:
        """In the handler of SIGTERM: ends ``serve``.

        :raises Terminated: the handler came where nothing is lost by that.
        """


class Worker:
    """
    :param threads: that tools run in, several at a time; None: they run in the main thread.
    """

    def __init__(
        self,
        channel: Channel,
        link: Link,
        toolbox: Toolbox,
        limits: Limits,
        loops: Loops,
        threads: int | None,
        journal: Journal | None = None,
        lane: Lane | None = None,
    ) -> None:
        frames, inlet, outlet = link
        self.outbox = Outbox(outlet, journal)
        lane = lane or Lane()
        lane.open(lambda frame: self.outbox.post(frames.encode_plain(frame)))
        calls = CallTable()
        signals = SignalInterrupts() if threads is None else None
        cooperative = CooperativeInterrupts()
        self.interrupts: Interrupts = signals or cooperative
        host_calls = HostCalls(frames, calls, self.outbox, self.interrupts)
        executor = Executor(toolbox, frames, calls, self.outbox, self.interrupts, loops)
        host_calls.serve_with(executor)
        max_in_flight = limits.max_in_flight * (threads or 1)
        router = Router(inlet, frames, max_in_flight, calls, host_calls, self.outbox, self.interrupts, lane)
        self._serving: Serving = (
            Threads(inlet, router, executor, calls, cooperative, threads or 1)
            if signals is None
            else MainThread(inlet, router, executor, self.outbox, calls, signals)
        )
        disable_in_children(channel, self.outbox, lane)

    def serve(self) -> None:
        """Returns after a drain or SIGTERM."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        # What was imported stays; the collector need not look at it again and again.
        gc.freeze()
        with contextlib.suppress(Terminated):
            Termination(self._serving.terminate).install()
            self.interrupts.install()
            self._serving.serve()
            self.outbox.let_leave()
        end_within(END_SECONDS)
