"""What a transport of your own is made of, on the worker's side.

A carrier is named in the worker's environment, ``SNAKEPIT_CARRIER_TCP=my_module:MyCarrier`` for the transport
``tcp``, and made without arguments when the host offers that transport. Whatever it raises then means that
this worker cannot use it. See ``docs/guides/write-a-transport.md``.
"""

from snakepit_bridge._transports.byte_outlet import ByteOutlet
from snakepit_bridge._transports.carrier import Carrier, Link
from snakepit_bridge._wire.errors import ProtocolError, Unsendable
from snakepit_bridge._wire.frames import Deferred, Encoded, Frames, Inlet, Outlet
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import Source

__all__ = [
    "ByteOutlet",
    "Carrier",
    "Deferred",
    "Encoded",
    "Frames",
    "Inlet",
    "JsonFrames",
    "JsonInlet",
    "Limits",
    "Link",
    "Outlet",
    "ProtocolError",
    "Source",
    "Unsendable",
]
