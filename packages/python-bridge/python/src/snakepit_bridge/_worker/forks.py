"""What becomes of the bridge in a process that a tool forks."""

from __future__ import annotations

import os
import signal
import threading

from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.termination import forget_signals


def disable_in_children(channel: Channel, outbox: Outbox, lane: Lane, interrupts: Interrupts) -> None:
    """A forked child has no channel, and ends like any other process."""

    def disable() -> None:
        # Numbers of closed descriptors are used again: a grandchild must not close them once more.
        if not outbox.closed:
            outbox.closed = True
            channel.close()
            lane.close()
            forget_signals()
        deferral.end()

    if hasattr(os, "register_at_fork"):
        deferral = _Deferral(interrupts)
        os.register_at_fork(before=deferral.begin, after_in_parent=deferral.end, after_in_child=disable)


class _Deferral(threading.local):
    """Keeps SIGTERM from a thread that forks, and so from the child until its own handler is in place.

    Python forgets what arrives in a child before that, and the child would live on: ``multiprocessing`` ends
    the processes of a pool by SIGTERM, some of them just born, and waits for them.
    """

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._defers = False

    def begin(self) -> None:
        # A cancel that strikes in here would be swallowed, with half of the work done.
        with self._interrupts:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            self._defers = signal.SIGTERM not in before

    def end(self) -> None:
        with self._interrupts:
            if self._defers:
                self._defers = False
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
