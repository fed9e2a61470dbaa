"""Binary data that travels raw beside a frame."""

from __future__ import annotations

from typing import Any

from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.limits import MAX_SAFE_INTEGER, Limits
from snakepit_bridge._wire.source import Source

#: Larger binary data is sent at once, from where it is.
_COPY_BYTES = 64 * 1024


def flat(data: Binary) -> Binary:
    """The same bytes, so that ``len`` counts them; copied only where they do not lie in one piece."""
    if isinstance(data, memoryview):
        return data.cast("B") if data.c_contiguous and data.nbytes else data.tobytes()
    return data


def attach(data: Binary, attachments: list[Binary]) -> int:
    """Adds ``data`` to what travels beside the frame. Returns its place."""
    data = flat(data)
    if len(data) < _COPY_BYTES and not isinstance(data, bytes):
        # It may wait for others to leave with, and the tool could change it meanwhile.
        data = bytes(data)
    attachments.append(data)
    return len(attachments) - 1


def announce(attachments: list[Binary], limits: Limits) -> list[int]:
    """What a frame says about its attachments.

    :raises Unrepresentable: they are beyond the limit.
    """
    sizes = [len(part) for part in attachments]
    limit = limits.max_attachment_bytes
    if sum(sizes) > limit:
        raise Unrepresentable(
            f"{sum(sizes)} bytes of binary data are beyond the limit of {limit} for one frame"
        )
    return sizes


def read_attachments(source: Source, sizes: Any, limits: Limits) -> list[bytearray]:
    """What a frame announced.

    :raises ProtocolError: it is malformed, or beyond the limit.
    """
    if type(sizes) is not list or not all(type(n) is int and 0 <= n <= MAX_SAFE_INTEGER for n in sizes):
        raise ProtocolError("a malformed attach")
    if sum(sizes) > limits.max_attachment_bytes:
        raise ProtocolError(f"attachments of {sum(sizes)} bytes")
    return [source.block(size) for size in sizes]
