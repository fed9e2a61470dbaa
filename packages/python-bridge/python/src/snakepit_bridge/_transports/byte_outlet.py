"""Frames that leave through the private channel."""

from __future__ import annotations

import os

from snakepit_bridge._wire.frames import Binary


class ByteOutlet:
    """``Outlet`` to a descriptor. What is written survives the end of this process."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def starting(self, id: int) -> None:
        """The host will know: the kernel has the answers to all calls before this one."""

    def write(self, data: Binary) -> None:
        written = os.write(self._fd, data)
        while written < len(data):
            written += os.write(self._fd, memoryview(data)[written:])

    def flush(self) -> None:
        """Everything has left."""

    def finish(self) -> None:
        """The end of this process ends the channel."""
