"""What becomes of the bridge in a process that a tool forks."""

from __future__ import annotations

import os
import signal

from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.outbox import Outbox


def disable_in_children(channel: Channel, outbox: Outbox) -> None:
    """A forked child has no channel, and ends like any other process."""

    def disable() -> None:
        # Numbers of closed descriptors are used again: a grandchild must not close them once more.
        if not outbox.closed:
            outbox.closed = True
            channel.close()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=disable)
