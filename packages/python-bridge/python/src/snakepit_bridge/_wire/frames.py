"""What every encoding offers to the rest of the bridge."""

from __future__ import annotations

from typing import Any, Callable, Protocol, Union

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

    def encoded(self) -> bytes:
        """The value of a chunk as it was sent, also after ``restore`` has failed."""
        raise NotImplementedError


class Frames(Protocol):
    """Makes bytes of frames, which are dictionaries. Any thread may use it."""

    #: What the values of one ``chunks`` may take together, in bytes, each with one more for what is between.
    values_bytes: int

    def encode(self, frame: dict[str, Any], field: str, root: str) -> Encoded:
        """
        :param field: which field holds a value of the tool's making; ``root`` is what messages call it.
        :raises Unsendable: that value cannot travel, or is beyond a limit.
        """

    def encode_plain(self, frame: dict[str, Any]) -> bytes:
        """A frame without values of a tool's making."""

    def pack_value(self, value: Any) -> bytes | None:
        """A chunk's value by itself, for ``chunks``. None: it needs a frame of its own, or cannot travel."""

    def chunks(self, id: int, seq: int, values: list[bytes]) -> bytes:
        """A frame of the chunks from ``seq`` on, with what ``pack_value`` made of their values."""

    def fits(self, encoded: bytes) -> bool:
        """Whether a plain frame is within the limits of the connection."""

    def size_of(self, encoded: Encoded) -> int:
        """What the credit of a stream counts, in bytes."""


class Inlet(Protocol):
    """Where frames come from. One thread reads at a time."""

    #: Of the frame that was read last, in bytes, as the credit of a stream counts them (``Frames.size_of``).
    size: int

    def read(self) -> dict[str, Any]:
        """The next frame. ``args``, ``value`` and error details may be ``Deferred``.

        :raises ProtocolError: the peer sent something else.
        :raises EOFError: the peer closed.
        """

    @property
    def pending(self) -> bool:
        """Whether the beginning of another frame, at least, is here: it came with the last one."""

    @property
    def fd(self) -> int | None:
        """What ``read`` waits for, where that is a descriptor."""

    def on_wait(self, callback: Callable[[], None]) -> None:
        """``callback`` is called whenever ``read`` may block."""


class Batch(Protocol):
    """A frame that grows until it is written."""

    def take(self) -> bytes:
        """The frame with all that it has by now; empty if that is nothing. One thread calls at a time."""


class Outlet(Protocol):
    """Where encoded frames go. One thread writes at a time."""

    def starting(self, id: int) -> None:
        """A top-level call is about to start: the host must hear of it even if this process dies in it."""

    def write(self, data: Binary) -> None:
        """Frames, or a piece of one.

        :raises OSError: the host is gone.
        """

    def flush(self) -> None:
        """Returns when everything written has left this process."""

    def finish(self) -> None:
        """Tells the host that nothing more comes. Nothing is written afterwards."""
