"""What becomes of the bridge in a process that a tool forks."""

from __future__ import annotations

import os

from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.termination import forget_signals


def disable_in_children(channel: Channel, outbox: Outbox, lane: Lane) -> None:
    """A forked child has no channel, and ends like any other process."""

    def disable() -> None:
        # Numbers of closed descriptors are used again: a grandchild must not close them once more.
        if not outbox.closed:
            outbox.closed = True
            channel.close()
            lane.close()
            forget_signals()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=disable)
