"""Bytes of the channel, read into one buffer that is used again and again."""

from __future__ import annotations

import io
from typing import Callable

from snakepit_bridge._wire.errors import ProtocolError

BUFFER_BYTES = 256 * 1024


class Source:
    """Cuts what arrives on a descriptor into lines and blocks.

    ``before_wait`` is called whenever the next read may block.
    """

    def __init__(self, fd: int) -> None:
        self.before_wait: Callable[[], None] = lambda: None
        self._file = io.FileIO(fd, "rb", closefd=False)
        self._start = self._end = 0
        #: Where the next line ends; -1: not known.
        self._stop = -1
        self._allocate(BUFFER_BYTES)

    @property
    def has_line(self) -> bool:
        """Whether the next line has arrived as a whole."""
        if self._stop < 0:
            self._stop = self._buffer.find(b"\n", self._start, self._end)
        return self._stop >= 0

    def line(self, limit: int) -> bytearray:
        """The next line, without its newline.

        :raises ProtocolError: it is longer than ``limit`` bytes, or the bytes end in its middle.
        :raises EOFError: there is none, the peer closed.
        """
        start = self._start
        if self.has_line and self._stop <= start + limit:
            stop, self._stop = self._stop, -1
            self._start = stop + 1
            return self._buffer[start:stop]
        self._stop = -1
        return self._long_line(limit)

    def _long_line(self, limit: int) -> bytearray:
        searched = self._start
        while True:
            stop = self._buffer.find(b"\n", searched, self._end)
            length = (stop if stop >= 0 else self._end) - self._start
            if length > limit:
                raise ProtocolError(f"a line of more than {limit} bytes")
            if stop >= 0:
                line = self._buffer[self._start : stop]
                self._start = stop + 1
                return line
            self._make_room(limit)
            searched = self._start + length
            self._read_some()

    def block(self, size: int) -> bytearray:
        """The next ``size`` bytes; read in place, the caller has checked that ``size`` is allowed."""
        block = bytearray(size)
        have = min(size, self._end - self._start)
        block[:have] = self._view[self._start : self._start + have]
        self._start += have
        with memoryview(block) as rest:
            while have < size:
                self.before_wait()
                count = self._file.readinto(rest[have:])
                if not count:
                    raise ProtocolError("the bytes end inside an attachment")
                have += count
        return block

    def _read_some(self) -> None:
        self.before_wait()
        count = self._file.readinto(self._view[self._end :])
        if not count:
            if self._start != self._end:
                raise ProtocolError("the bytes end inside a line")
            raise EOFError
        self._end += count

    def _make_room(self, limit: int) -> None:
        """Moves an unfinished line to the front, and gives it a larger buffer where it needs one."""
        pending = self._view[self._start : self._end]
        if len(pending) == len(self._buffer):
            self._allocate(min(2 * len(pending), limit + 1 + BUFFER_BYTES))
        elif self._start == self._end and len(self._buffer) > BUFFER_BYTES:
            self._allocate(BUFFER_BYTES)
        elif not self._start:
            return
        count = len(pending)
        self._view[:count] = bytes(pending) if pending.obj is self._buffer else pending
        self._start, self._end = 0, count

    def _allocate(self, size: int) -> None:
        self._buffer = bytearray(size)
        self._view = memoryview(self._buffer)
