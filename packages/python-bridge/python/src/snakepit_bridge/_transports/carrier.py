"""What every transport offers to a worker that starts."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from snakepit_bridge._wire.frames import Frames, Inlet, Outlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import Source


class Link(NamedTuple):
    """A connection that is open."""

    frames: Frames
    inlet: Inlet
    outlet: Outlet


class Carrier(Protocol):
    """A transport that was taken, before the host has answered."""

    @property
    def address(self) -> str | None:
        """Where the host finds it; None on the worker's own channel."""

    @property
    def token(self) -> str | None:
        """The secret that lets the host in there, once."""

    def open(self, source: Source, write_fd: int, limits: Limits) -> Link:
        """Begins to carry frames, once the host has said welcome.

        :param source: the private channel, right behind the welcome; ``write_fd`` is its other direction.
            Only a carrier without an address may read it: with one, the bridge waits there for its end.
        """
