"""Streams: chunks, credit, and the end of a generator whatever ends it."""

from __future__ import annotations

import time
from typing import Any

from snakepit_bridge._wire.frames import Encoded, Frames
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.read_cache import forget_reads
from snakepit_bridge.streaming import StreamChunk

#: Bytes that one unit of credit pays for.
_CREDIT_BYTES = 64 * 1024
#: Chunks are written together, up to this size.
_BATCH_BYTES = 64 * 1024


class ChunkWriter:
    """Numbers, encodes and sends the chunks of one stream, and counts what they cost."""

    def __init__(self, call: Call, frames: Frames, outbox: Outbox) -> None:
        self._call = call
        self._frames = frames
        self._outbox = outbox
        self._seq = 0
        self._posted = 0

    @property
    def has_credit(self) -> bool:
        return self._call.granted > self._call.spent

    def write(self, chunk: StreamChunk) -> None:
        """Sends a chunk that others will follow. It leaves within a millisecond, or with the next ones."""
        frame = self._encode(chunk.data, chunk.metadata)
        forget_reads()
        size = self._frames.size_of(frame)
        self._call.spent += credit_cost(size)
        self._posted += size
        if self._posted < _BATCH_BYTES:
            self._outbox.post(frame)
        else:
            self._posted = 0
            self._outbox.send(frame)

    def last(self, chunk: StreamChunk) -> Encoded:
        """The frame that ends the stream, where the tool marked it."""
        return self._encode(chunk.data, {**(chunk.metadata or {}), **self._timing()}, final=True)

    def synthetic(self, value: Any) -> Encoded:
        """The frame that ends the stream, where the tool only returned."""
        return self._encode(value, {"synthetic_final": "true", **self._timing()}, final=True)

    def _timing(self) -> dict[str, str]:
        return {"execution_time_ms": f"{(time.perf_counter() - self._call.started) * 1000:.3f}"}

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


def as_chunk(item: Any) -> StreamChunk:
    """What a generator yielded. A dictionary may mark itself as the last one, and keeps that key."""
    if isinstance(item, StreamChunk):
        return item
    return StreamChunk(item, type(item) is dict and item.get("is_final") is True)
