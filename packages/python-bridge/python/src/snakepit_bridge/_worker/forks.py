"""What becomes of the bridge in a process that a tool forks."""

from __future__ import annotations

import os
import signal
import threading

from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.termination import forget_signals


def disable_in_children(channel: Channel, outbox: Outbox, lane: Lane) -> None:
    """A forked child has no channel, and from its first moment SIGTERM ends it like any other process."""

    def disable() -> None:
        # Numbers of closed descriptors are used again: a grandchild must not close them once more.
        if not outbox.closed:
            outbox.closed = True
            channel.close()
            lane.close()
            forget_signals()

    if not hasattr(os, "register_at_fork"):
        return
    deferral = SigtermDeferral()
    os.register_at_fork(before=deferral.begin, after_in_child=disable)
    # Twice: what a signal handler raises in a hook, such as a cancel, ends it before it has done its work.
    for _ in range(2):
        os.register_at_fork(after_in_parent=deferral.end, after_in_child=deferral.end)


class SigtermDeferral(threading.local):
    """Keeps SIGTERM from a thread that forks, and so from the child until its own handler is in place.

    Python forgets what arrives in a child before that, and the child would live on: ``multiprocessing`` ends
    the processes of a pool by SIGTERM, some of them just born, and waits for them.

    A signal handler may raise in the midst of it. That may cost a fork its deferral, but SIGTERM does not
    stay blocked.
    """

    #: Whether SIGTERM is to be unblocked; whoever had blocked it keeps it so.
    _blocks = False

    def begin(self) -> None:
        # Noted before it is done. A handler that forks in between leaves the note to this fork.
        self._blocks |= signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])

    def end(self) -> None:
        if self._blocks:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
            self._blocks = False
