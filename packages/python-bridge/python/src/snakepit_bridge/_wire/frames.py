"""What every encoding offers to the rest of the bridge."""

from __future__ import annotations

from typing import Any, Protocol, Union

from snakepit_bridge._wire.source import Source

Binary = Union[bytes, bytearray, memoryview]

#: A frame's bytes: one piece, or several that are sent one after the other.
Encoded = Union[bytes, list[Binary]]


class Deferred:
    """A value as it was read, not yet brought back to what it was."""

    __slots__ = ()

    def restore(self) -> Any:
        """
        :raises ProtocolError: the value is malformed, or nests too deep.
        """
        raise NotImplementedError


class Frames(Protocol):
    """Frames as dictionaries, to and from bytes."""

    def encode(self, frame: dict[str, Any], field: str, root: str) -> Encoded:
        """
        :param field: which field holds a value of the tool's making; ``root`` is what messages call it.
        :raises Unsendable: that value cannot travel, or is beyond a limit.
        """

    def encode_plain(self, frame: dict[str, Any]) -> bytes:
        """A frame without values of a tool's making."""

    def fits(self, encoded: bytes) -> bool:
        """Whether a plain frame is within the limits of the connection."""

    def size_of(self, encoded: Encoded) -> int:
        """What the credit of a stream counts, in bytes."""

    def read(self, source: Source) -> dict[str, Any]:
        """The next frame. ``args``, ``value`` and error details may be ``Deferred``.

        :raises ProtocolError: the peer sent something else.
        :raises EOFError: the peer closed.
        """
