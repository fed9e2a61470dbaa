"""The segments that this process writes to and its peer reads."""

from __future__ import annotations

import contextlib
import enum
import mmap
import os
import threading
import time
from collections import deque
from typing import Any, Callable

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.shared import bounds, memory

#: A segment that was not used for so long is freed, before it is twice as long.
#: A system that had no memory is asked again.
IDLE_SECONDS = 30.0

Post = Callable[[dict[str, Any]], None]


class _State(enum.Enum):
    ANNOUNCED = enum.auto()
    FREE = enum.auto()
    BUSY = enum.auto()


class Segment:
    """Memory for one attachment at a time."""

    __slots__ = ("capacity", "fd", "id", "memory", "state", "used")

    def __init__(self, id: int, capacity: int) -> None:
        """
        :raises OSError: there is no more memory, or no more descriptors.
        """
        self.id = id
        self.capacity = capacity
        fd = memory.create(capacity)
        try:
            self.memory: mmap.mmap = memory.map_whole(fd, capacity)
        except BaseException:
            os.close(fd)
            raise
        #: For the peer, until it has opened it.
        self.fd: int | None = fd
        self.state = _State.ANNOUNCED
        self.used = time.monotonic()

    def close_fd(self) -> None:
        """The mapping stays."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


class OwnSegments:
    """A bounded pool. Every thread may use it.

    :param post: sends a frame without blocking, before any frame that is sent later.
    """

    def __init__(self, post: Post, idle_seconds: float = IDLE_SECONDS) -> None:
        self._post = post
        self._idle_seconds = idle_seconds
        self._segments: dict[int, Segment] = {}
        self._last_id = 0
        self._lock = threading.Lock()
        #: Given back by whoever could not send; without the lock, which an interrupted thread may hold.
        self._returned: deque[Segment] = deque()
        self._watched = False
        #: When the system, which gave no memory, may be asked again.
        self._refused_until = float("-inf")
        self._closed = False

    def write(self, data: Binary) -> Segment | None:
        """Copies ``data`` into a segment, which is the peer's once the frame that names it has left.

        :returns: None where no segment is ready for it; one may be from a later call on.
        """
        if self._closed or len(data) < bounds.SMALLEST_BYTES:
            return None
        with self._lock:
            segment = self._take(len(data))
            if self._segments and not self._watched:
                self._watch()
        if segment is not None:
            segment.memory[: len(data)] = data
        return segment

    def give_back(self, segment: Segment) -> None:
        """The frame that names it will not leave. Never blocks, also in a finalizer."""
        self._returned.append(segment)

    def released(self, id: int) -> None:
        """The peer has opened the segment, or has read what is in it.

        :raises ProtocolError: it was not asked to.
        """
        with self._lock:
            segment = self._segments.get(id)
            if segment is None or segment.state is _State.FREE:
                raise ProtocolError(f"release: segment {id} is not in use")
            segment.close_fd()
            self._free(segment)

    def close(self) -> None:
        """In a forked child: the segments are those of the parent, and its lock may never be free."""
        self._closed = True
        for segment in self._segments.values():
            segment.close_fd()
        self._segments = {}

    def _take(self, size: int) -> Segment | None:
        self._collect()
        fitting = [segment for segment in self._segments.values() if segment.capacity >= size]
        ready = [segment for segment in fitting if segment.state is _State.FREE]
        if ready:
            best = min(ready, key=lambda segment: segment.capacity)
            best.state = _State.BUSY
            return best
        if all(segment.state is _State.BUSY for segment in fitting):
            self._announce(bounds.capacity_for(size))
        return None

    def _announce(self, capacity: int) -> None:
        if time.monotonic() < self._refused_until or not self._make_room(capacity):
            return
        self._last_id += 1
        try:
            segment = Segment(self._last_id, capacity)
        except OSError:
            # To find out takes as long as to fill what memory there is, and others may want that.
            self._refused_until = time.monotonic() + self._idle_seconds
            return
        self._segments[segment.id] = segment
        self._post({"type": "segment", "segment": segment.id, "fd": segment.fd, "capacity": capacity})

    def _make_room(self, capacity: int) -> bool:
        """Forgets segments that are free, the idlest first, where that is enough."""
        count = len(self._segments) + 1
        total = sum(segment.capacity for segment in self._segments.values()) + capacity
        victims: list[Segment] = []
        free = [segment for segment in self._segments.values() if segment.state is _State.FREE]
        for segment in sorted(free, key=lambda segment: segment.used):
            if count <= bounds.MAX_SEGMENTS and total <= bounds.MAX_BYTES:
                break
            victims.append(segment)
            count, total = count - 1, total - segment.capacity
        if count > bounds.MAX_SEGMENTS or total > bounds.MAX_BYTES:
            return False
        self._forget(victims)
        return True

    def _forget(self, segments: list[Segment]) -> None:
        for segment in segments:
            del self._segments[segment.id]
            self._post({"type": "forget", "segment": segment.id})

    def _collect(self) -> None:
        while self._returned:
            self._free(self._returned.popleft())

    def _free(self, segment: Segment) -> None:
        segment.state = _State.FREE
        segment.used = time.monotonic()

    def _watch(self) -> None:
        """While there are segments, somebody looks after those that nobody uses."""
        timer = threading.Timer(self._idle_seconds, self._sweep)
        timer.name, timer.daemon = "snakepit-segments", True
        # Where the system has no more threads, the next write tries again.
        with contextlib.suppress(RuntimeError):
            timer.start()
            self._watched = True

    def _sweep(self) -> None:
        with self._lock:
            self._collect()
            self._watched = False
            deadline = time.monotonic() - self._idle_seconds
            free = [segment for segment in self._segments.values() if segment.state is _State.FREE]
            self._forget([segment for segment in free if segment.used <= deadline])
            if self._segments:
                self._watch()
