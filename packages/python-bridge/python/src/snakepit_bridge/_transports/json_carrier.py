"""Lines of JSON on the private channel."""

from __future__ import annotations

from snakepit_bridge._transports.byte_outlet import ByteOutlet
from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.source import Source


class JsonCarrier:
    """Needs nothing that is not there."""

    address = None
    token = None

    def __init__(self) -> None:
        self.lane = Lane.offered()

    def open(self, source: Source, write_fd: int, limits: Limits) -> Link:
        frames, inlet = JsonFrames(limits, self.lane), JsonInlet(source, limits, self.lane)
        return Link(frames, inlet, ByteOutlet(write_fd))
