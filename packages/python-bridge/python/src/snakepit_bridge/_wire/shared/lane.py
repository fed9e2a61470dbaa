"""The way of large attachments between two processes that share memory."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.shared import memory
from snakepit_bridge._wire.shared.own_segments import OwnSegments, Post, Segment
from snakepit_bridge._wire.shared.peer_segments import Lent, PeerSegments
from snakepit_bridge._wire.shared.probe import Probe

_VARIABLE = "SNAKEPIT_SHARED_MEMORY"
#: What stands for the probe in frames.
_PROBE = 0


class Lane:
    """Off at first: then everything travels on the channel. Two sides that can open each other's memory agree
    on it in the handshake.
    """

    def __init__(self) -> None:
        self._probe: Probe | None = None
        self._peer_probe: Probe | None = None
        self._own: OwnSegments | None = None
        self._peer: PeerSegments | None = None
        self._confirmed = False

    @classmethod
    def offered(cls) -> Lane:
        """One that the host may agree to, where it has asked for it and the system allows it."""
        lane = cls()
        if os.environ.pop(_VARIABLE, None) == "1" and memory.can_share():
            with contextlib.suppress(OSError):
                lane._probe = Probe.make()
        return lane

    @property
    def probe(self) -> dict[str, Any] | None:
        """For the hello."""
        return None if self._probe is None else self._probe._asdict()

    def agree(self, fields: Any) -> None:
        """
        :param fields: of the host's own probe, or None: it wants no lane, or cannot open what this side owns.
        :raises ProtocolError: the fields are malformed.
        """
        if fields is not None and self._probe is not None:
            self._peer_probe = Probe.read_fields(fields)
        else:
            self._drop_probe()

    def open(self, post: Post) -> None:
        """Frames may flow.

        :param post: sends one, before any that is sent later; never blocks, also in a finalizer.
        """
        if self._peer_probe is None:
            return
        self._own = OwnSegments(post)
        self._peer = PeerSegments(self._peer_probe.pid, post)
        if self._peer_probe.can_be_read():
            post({"type": "release", "segment": _PROBE})

    @property
    def is_open(self) -> bool:
        """Whether the host can read what this side writes."""
        return self._confirmed

    def write(self, data: Binary) -> Segment | None:
        """Copies an attachment into memory that the host reads; None: it has to travel on the channel."""
        return self._own.write(data) if self._own is not None and self._confirmed else None

    def give_back(self, segment: Segment) -> None:
        """The frame that names it will not leave. Never blocks, also in a finalizer."""
        if self._own is not None:
            self._own.give_back(segment)

    def lend(self, id: int, size: int) -> Lent:
        """An attachment that has arrived.

        :raises ProtocolError: it is not where it is said to be.
        """
        lent: Lent = self._agreed(self._peer).lend(id, size)
        return lent

    def announced(self, frame: dict[str, Any]) -> None:
        """
        :raises ProtocolError: no lane was agreed on, or the frame does not fit.
        """
        self._agreed(self._peer).announced(frame["segment"], frame["fd"], frame["capacity"])

    def released(self, frame: dict[str, Any]) -> None:
        """
        :raises ProtocolError: as above.
        """
        own, id = self._agreed(self._own), frame["segment"]
        if id != _PROBE or self._confirmed:
            own.released(id)
            return
        self._confirmed = True
        self._drop_probe()

    def forgotten(self, frame: dict[str, Any]) -> None:
        """
        :raises ProtocolError: as above.
        """
        self._agreed(self._peer).forget(frame["segment"])

    def close(self) -> None:
        """In a forked child, which has no part in the connection."""
        self._drop_probe()
        if self._own is not None:
            self._own.close()
        if self._peer is not None:
            self._peer.close()

    def _drop_probe(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None

    def _agreed(self, side: Any) -> Any:
        if side is None:
            raise ProtocolError("shared memory, which was not agreed on")
        return side
