"""Two lanes of one process, and frames between them."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import Any, Callable, NamedTuple

from snakepit_bridge._wire import fields
from snakepit_bridge._wire.frames import Encoded, Frames, Inlet
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.source import Source

Frame = dict[str, Any]


class Encoding(NamedTuple):
    frames: Callable[[Limits, Lane], Frames]
    inlet: Callable[[Source, Limits, Lane], Inlet]


ENCODINGS = {"json": Encoding(JsonFrames, JsonInlet), "msgpack": Encoding(MsgpackFrames, MsgpackInlet)}


class Pair:
    """What one side encodes the other one reads. Their own frames wait for ``pump``."""

    def __init__(self, encoding: Encoding, path: Path) -> None:
        os.environ["SNAKEPIT_SHARED_MEMORY"] = "1"
        self.sender = Lane.offered()
        os.environ["SNAKEPIT_SHARED_MEMORY"] = "1"
        self.receiver = Lane.offered()
        self._queue: deque[tuple[Lane, Frame]] = deque()
        #: What both sides have said.
        self.said: list[tuple[str, int]] = []
        self._path = path
        self._encoding = encoding
        self.frames = encoding.frames(Limits(), self.sender)
        probes = self.sender.probe, self.receiver.probe
        self.sender.agree(probes[1])
        self.receiver.agree(probes[0])
        self.sender.open(lambda frame: self._queue.append((self.receiver, frame)))
        self.receiver.open(lambda frame: self._queue.append((self.sender, frame)))
        self.pump()

    def pump(self) -> None:
        """Brings to each side what the other one has posted."""
        while self._queue:
            lane, frame = self._queue.popleft()
            kind = fields.check(frame)
            self.said.append((frame["type"], frame["segment"]))
            routes = {"segment": lane.announced, "release": lane.released, "forget": lane.forgotten}
            routes[str(kind)](frame)

    def encode(self, value: Any) -> Encoded:
        return self.frames.encode({"type": "result", "id": 1, "value": value}, "value", "result")

    def warm(self, size: int) -> None:
        """A segment for so many bytes is ready."""
        self.encode(bytes(size))
        self.pump()

    def read(self, encoded: Encoded) -> Frame:
        """The frame on the other side, once it has been sent."""
        self._path.write_bytes(b"".join([encoded] if isinstance(encoded, bytes) else encoded))
        size = self.frames.size_of(encoded)
        leave = getattr(encoded, "leave", None)
        if leave is not None:
            leave()
        fd = os.open(self._path, os.O_RDONLY)
        inlet = self._encoding.inlet(Source(fd), Limits(), self.receiver)
        frame = inlet.read()
        os.close(fd)
        assert inlet.size == size
        return frame
