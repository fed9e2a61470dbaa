"""What is left to be written of a frame whose attachments lie in segments."""

from __future__ import annotations

from typing import Callable

from snakepit_bridge._wire.frames import Binary, Encoded
from snakepit_bridge._wire.shared.own_segments import Segment


class SharedPieces(list[Binary]):
    """If it never leaves, nobody but its finalizer gives the segments back.

    :param give_back: must not block.
    """

    def __init__(self, give_back: Callable[[Segment], None]) -> None:
        super().__init__()
        self._give_back = give_back
        self._segments: list[Segment] = []
        #: What lies in segments.
        self.shared_bytes = 0

    def __del__(self) -> None:
        for segment in self._segments:
            self._give_back(segment)

    def add(self, segment: Segment, size: int) -> None:
        """``size`` bytes are in a segment."""
        self._segments.append(segment)
        self.shared_bytes += size

    def leave(self) -> None:
        """From now on the segments are the peer's."""
        self._segments = []


def shared_bytes(encoded: Encoded) -> int:
    """How much of a frame lies in segments."""
    return encoded.shared_bytes if isinstance(encoded, SharedPieces) else 0
