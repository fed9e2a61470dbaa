"""Bytes of the channel, read into one buffer that is used again and again."""

from __future__ import annotations

import io
import struct
from typing import Callable, Protocol, Union

from snakepit_bridge._wire.errors import ProtocolError

BUFFER_BYTES = 256 * 1024
#: Before anything large has come; a worker that hears little then needs little memory.
_FIRST_BYTES = 8 * 1024
#: What a block that says its size begins with.
_SIZE = struct.Struct(">I")


class Readable(Protocol):
    """Where bytes come from, other than a descriptor."""

    def readinto(self, buffer: memoryview) -> int:
        """Blocks until there is something; returns how many bytes it has put there, 0 at the end."""


class Block(io.BytesIO):
    """Bytes that have arrived. Neither ``bytes`` of it nor a view of it, which is writable, takes a copy."""

    def __bytes__(self) -> bytes:
        return self.getvalue()

    def view(self) -> memoryview:
        return self.getbuffer()

    def hold(self) -> memoryview:
        return self.getbuffer()


class Source:
    """Cuts what arrives on a descriptor, or elsewhere, into lines and blocks. A block may say its own size.

    ``before_wait`` is called whenever the next read may block.
    """

    def __init__(self, origin: Union[int, Readable]) -> None:
        self.before_wait: Callable[[], None] = lambda: None
        #: What is read from, where that is a descriptor.
        self.fd = origin if isinstance(origin, int) else None
        self._file = io.FileIO(origin, "rb", closefd=False) if isinstance(origin, int) else origin
        self._start = self._end = 0
        #: Where the next line ends; -1 while it has not arrived as a whole.
        self.line_end = -1
        self._usual = _FIRST_BYTES
        self._allocate(_FIRST_BYTES)

    def line(self, limit: int) -> bytearray:
        """The next line, without its newline.

        :raises ProtocolError: it is longer than ``limit`` bytes, or the bytes end in its middle.
        :raises EOFError: there is none, the peer closed.
        """
        if self.line_end < 0:
            self._await_line(limit)
        start, stop = self._start, self.line_end
        if stop - start > limit:
            raise _too_long(limit)
        self._start = stop + 1
        self.line_end = self._buffer.find(b"\n", stop + 1, self._end)
        return self._buffer[start:stop]

    def lines(self, limit: int) -> bytearray | None:
        """Those complete lines that are here behind the next one's beginning, if there are two or more.

        They stay: ``skip`` takes them. None when they have more than ``limit`` bytes.
        """
        start, first = self._start, self.line_end
        if first < 0 or self._end - first < 2:
            return None
        last = self._buffer.rfind(b"\n", first + 1, self._end)
        return None if last < 0 or last - start > limit else self._buffer[start:last]

    def skip(self, count: int) -> None:
        """Takes what ``lines`` has shown; ``count`` is its length."""
        self._start += count + 1
        self.line_end = self._buffer.find(b"\n", self._start, self._end)

    def _await_line(self, limit: int) -> None:
        while self.line_end < 0:
            searched = self._end - self._start
            if searched > limit:
                raise _too_long(limit)
            self._make_room(limit)
            self._read_some()
            self.line_end = self._buffer.find(b"\n", self._start + searched, self._end)

    @property
    def block_here(self) -> bool:
        """Whether the next block that says its size has arrived as a whole."""
        have = self._end - self._start - _SIZE.size
        return have >= 0 and have >= _SIZE.unpack_from(self._buffer, self._start)[0]

    def sized_block(self, limit: int) -> bytes | bytearray:
        """The next block, behind its size: four bytes, big-endian.

        :raises ProtocolError: it is larger than ``limit`` bytes, or the bytes end in its middle.
        :raises EOFError: there is none, the peer closed.
        """
        while self._end - self._start < _SIZE.size:
            self._make_room(limit)
            self._read_some()
        size: int = _SIZE.unpack_from(self._buffer, self._start)[0]
        if size > limit:
            raise ProtocolError(f"a frame of {size} bytes, the limit is {limit}")
        start = self._start = self._start + _SIZE.size
        if self._end - start < size:
            return self.block(size).getvalue()
        self._start = start + size
        return self._buffer[start : start + size]

    def block(self, size: int) -> Block:
        """The next ``size`` bytes; read in place, the caller has checked that ``size`` is allowed."""
        block = Block(bytes(size))
        have = min(size, self._end - self._start)
        with block.getbuffer() as view:
            view[:have] = self._view[self._start : self._start + have]
            self._start += have
            while have < size:
                self.before_wait()
                count = self._file.readinto(view[have:])
                if not count:
                    raise ProtocolError("the bytes end inside a frame")
                have += count
        self.line_end = self._buffer.find(b"\n", self._start, self._end)
        return block

    def _read_some(self) -> None:
        self.before_wait()
        count = self._file.readinto(self._view[self._end :])
        if not count:
            if self._start != self._end:
                raise ProtocolError("the bytes end inside a frame")
            raise EOFError
        self._end += count
        if self._end == len(self._buffer):
            self._usual = BUFFER_BYTES

    def _make_room(self, limit: int) -> None:
        """Moves an unfinished line to the front, and gives it a larger buffer where it needs one."""
        pending = self._view[self._start : self._end]
        if len(pending) == len(self._buffer):
            self._allocate(min(2 * len(pending), limit + 1 + BUFFER_BYTES))
        elif self._start == self._end and len(self._buffer) != self._usual:
            self._allocate(self._usual)
        elif not self._start:
            return
        count = len(pending)
        self._view[:count] = bytes(pending) if pending.obj is self._buffer else pending
        self._start, self._end = 0, count

    def _allocate(self, size: int) -> None:
        self._buffer = bytearray(size)
        self._view = memoryview(self._buffer)


def _too_long(limit: int) -> ProtocolError:
    return ProtocolError(f"a line of more than {limit} bytes")
