"""Streams: chunks, credit, and the end of a generator whatever ends it."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from snakepit_bridge._wire.frames import Encoded, Frames
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.read_cache import forget_reads
from snakepit_bridge.streaming import StreamChunk

#: Bytes that one unit of credit pays for.
_CREDIT_BYTES = 4 * 1024
#: Larger values have a frame of their own. With what is around it, one of these costs a single unit.
_SMALL_BYTES = 3 * 1024
#: Chunks leave at once when so many bytes of them have come together.
_BATCH_BYTES = 64 * 1024


class ChunkWriter:
    """Numbers, encodes and sends the chunks of one stream, and counts what they cost.

    As a ``Batch`` of the outbox it is the frame of those small chunks that came since the last write. One
    thread adds to it, and whoever has the lock of the outbox takes: neither waits for the other.
    """

    def __init__(self, call: Call, frames: Frames, outbox: Outbox) -> None:
        self._call = call
        self._frames = frames
        self._outbox = outbox
        self._batch_bytes = min(_BATCH_BYTES, frames.values_bytes)
        self._seq = 0
        #: Small chunks that wait, the number of the first of them, and whether the outbox knows of them.
        self._values: deque[bytes] = deque()
        self._taken = 0
        self._posted = False
        #: Bytes since this thread itself last saw to it that they leave.
        self._bytes = 0

    def write(self, item: Any) -> None:
        """Sends a chunk that others will follow: the first at once, the next ones within a millisecond."""
        forget_reads()
        if isinstance(item, StreamChunk):
            self._write_alone(item.data, item.metadata)
            return
        value = self._frames.pack_value(item)
        if value is None or len(value) > _SMALL_BYTES:
            self._write_alone(item, None, value)
            return
        size = len(value) + 1
        self._bytes += size
        if self._bytes > self._batch_bytes:
            self._bytes = size
            self._outbox.send(self)
        self._values.append(value)
        self._call.spent += 1
        self._seq += 1
        if self._seq == 1:
            self._outbox.send(self)
        # Cleared before the values are taken, so one that comes in between is never forgotten.
        elif not self._posted:
            self._posted = True
            self._outbox.post(self)

    def take(self) -> bytes:
        self._posted = False
        values: list[bytes] = []
        waiting = self._values
        while waiting:
            values.append(waiting.popleft())
        if not values:
            return b""
        first = self._taken
        self._taken = first + len(values)
        return self._frames.chunks(self._call.id, first, values)

    def last(self, chunk: StreamChunk) -> Encoded:
        """The frame that ends the stream, where the tool marked it."""
        return self._encode(chunk.data, {**(chunk.metadata or {}), **self._timing()}, final=True)

    def synthetic(self, value: Any) -> Encoded:
        """The frame that ends the stream, where the tool only returned."""
        return self._encode(value, {"synthetic_final": "true", **self._timing()}, final=True)

    def _timing(self) -> dict[str, str]:
        return {"execution_time_ms": f"{(time.perf_counter() - self._call.started) * 1000:.3f}"}

    def _write_alone(self, value: Any, metadata: Any, packed: bytes | None = None) -> None:
        """A chunk with a frame of its own."""
        # Afterwards nobody is about to number what came before.
        self._outbox.send(self)
        if packed is None:
            frame = self._encode(value, metadata)
        else:
            frame = self._frames.chunks(self._call.id, self._seq, [packed])
            self._seq += 1
        self._taken = self._seq
        size = self._frames.size_of(frame)
        self._call.spent += credit_cost(size)
        self._bytes += size
        if self._bytes > _BATCH_BYTES or self._seq == 1:
            self._bytes = 0
            self._outbox.send(frame)
        else:
            self._outbox.post(frame)

    def _encode(self, value: Any, metadata: Any, final: bool = False) -> Encoded:
        frame: dict[str, Any] = {"type": "chunk", "id": self._call.id, "seq": self._seq, "value": value}
        if final:
            frame["final"] = True
        if metadata:
            frame["meta"] = {str(key): str(text) for key, text in metadata.items()}
        self._seq += 1
        return self._frames.encode(frame, "value", "chunk")


def credit_cost(size: int) -> int:
    """What a chunk of so many bytes costs."""
    return max(1, -(-size // _CREDIT_BYTES))


def is_final(item: Any) -> bool:
    """Whether a generator marked what it yielded as the last chunk. A dictionary keeps the key."""
    if isinstance(item, StreamChunk):
        return item.is_final
    return type(item) is dict and item.get("is_final") is True


def as_chunk(item: Any) -> StreamChunk:
    """What a generator yielded, with its metadata."""
    return item if isinstance(item, StreamChunk) else StreamChunk(item)
