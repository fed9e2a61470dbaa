"""MessagePack on the private channel."""

from __future__ import annotations

import msgpack

from snakepit_bridge._transports.byte_outlet import ByteOutlet
from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.source import Source


class MsgpackCarrier:
    """Needs ``msgpack`` 1.0 or later.

    :raises ImportError: it is older.
    """

    address = None
    token = None

    def __init__(self) -> None:
        if msgpack.version < (1, 0):
            version = ".".join(map(str, msgpack.version))
            raise ImportError(f"msgpack is {version}, 1.0 or later is needed")
        self.lane = Lane.offered()

    def open(self, source: Source, write_fd: int, limits: Limits) -> Link:
        frames, inlet = MsgpackFrames(limits, self.lane), MsgpackInlet(source, limits, self.lane)
        return Link(frames, inlet, ByteOutlet(write_fd))
