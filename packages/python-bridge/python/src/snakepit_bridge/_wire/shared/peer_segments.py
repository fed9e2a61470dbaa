"""The segments that the peer writes to, and what this process reads in them."""

from __future__ import annotations

import mmap
from typing import Any, Union

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.shared import bounds, memory
from snakepit_bridge._wire.shared.own_segments import Post
from snakepit_bridge._wire.source import Block


class _Mapped:
    """A segment of the peer; ``lent`` while an attachment in it is in use here."""

    __slots__ = ("id", "lent", "memory")

    def __init__(self, id: int, memory: mmap.mmap) -> None:
        self.id = id
        self.memory = memory
        self.lent = False


class PeerSegments:
    """Mapped when they are announced, and kept until the peer forgets them.

    :param pid: the peer, as this process sees it.
    :param post: sends a frame; never blocks, also in a finalizer.
    """

    def __init__(self, pid: int, post: Post) -> None:
        self._pid = pid
        self._post = post
        self._mapped: dict[int, _Mapped] = {}
        #: Those that tensors lie in.
        self._held: set[_Mapped] = set()

    def announced(self, id: int, fd: int, capacity: int) -> None:
        """Opens a segment. The peer hears of it only where that went well, and does without it otherwise.

        :raises ProtocolError: the number was used before.
        """
        if id in self._mapped:
            raise ProtocolError(f"segment {id} is announced twice")
        sizes = [len(segment.memory) for segment in self._mapped.values()]
        if len(sizes) >= bounds.MAX_SEGMENTS or sum(sizes) + capacity > bounds.MAX_BYTES:
            return
        try:
            with memory.opened(self._pid, fd) as own:
                self._mapped[id] = _Mapped(id, memory.map_whole(own, capacity))
        except OSError:
            return
        self._release(id)

    def lend(self, id: int, size: int) -> Lent:
        """
        :raises ProtocolError: there is no such segment, it is in use, or has less than ``size`` bytes.
        """
        segment = self._mapped.get(id)
        if segment is None or segment.lent or size > len(segment.memory):
            raise ProtocolError(f"an attachment of {size} bytes in segment {id}, which has no room for it")
        segment.lent = True
        return Lent(self, segment, size)

    def forget(self, id: int) -> None:
        """The peer has given a segment up; one that could not be opened is not known here.

        :raises ProtocolError: it is in use.
        """
        segment = self._mapped.pop(id, None)
        if segment is not None and segment.lent:
            raise ProtocolError(f"forget: segment {id} is in use")

    def close(self) -> None:
        """In a forked child: the mappings are gone once nothing lies in them."""
        self._mapped = {}

    def hold(self, segment: _Mapped) -> bool:
        """Whether a tensor may stay where it is: at most three quarters of what there may be are held."""
        held = {*self._held, segment}
        size = sum(len(one.memory) for one in held)
        if len(held) > bounds.MAX_HELD_SEGMENTS or size > bounds.MAX_HELD_BYTES:
            return False
        self._held.add(segment)
        return True

    def give_back(self, segment: _Mapped) -> None:
        """Nothing here refers to what is in it any more."""
        self._held.discard(segment)
        # Before the peer can hear of it, and use it again.
        segment.lent = False
        self._release(segment.id)

    def _release(self, id: int) -> None:
        self._post({"type": "release", "segment": id})


class Lent:
    """An attachment in a segment of the peer, which gets it back when the last reference to this is gone."""

    __slots__ = ("_segment", "_segments", "_size")

    def __init__(self, segments: PeerSegments, segment: _Mapped, size: int) -> None:
        self._segments = segments
        self._segment = segment
        self._size = size

    def __del__(self) -> None:
        self._segments.give_back(self._segment)

    def __bytes__(self) -> bytes:
        return self._segment.memory[: self._size]

    def view(self) -> memoryview:
        """What is there as long as somebody refers to ``self``."""
        return memoryview(self._segment.memory)[: self._size]

    def hold(self) -> memoryview | bytearray:
        """The same for as long as anybody refers to it or to a part of it; a copy where too much is held.

        :raises ImportError: there is no NumPy, whose arrays keep alive what they are a view of.
        """
        import numpy

        if not self._segments.hold(self._segment):
            return bytearray(self.view())
        base: Any = numpy.asarray(self)
        return memoryview(base)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        import numpy

        start = numpy.frombuffer(self._segment.memory, numpy.uint8).__array_interface__["data"]
        return {"version": 3, "typestr": "|u1", "shape": (self._size,), "data": start}


#: An attachment that has arrived.
Attachment = Union[bytearray, Block, Lent]


def contents(attachment: Binary | Block | Lent) -> Binary:
    """Its bytes where they are, for as long as somebody refers to the attachment."""
    return attachment.view() if isinstance(attachment, (Block, Lent)) else attachment
