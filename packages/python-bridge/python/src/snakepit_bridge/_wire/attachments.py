"""Binary data that travels raw beside a frame, or in memory that both sides share."""

from __future__ import annotations

from typing import Any, NamedTuple

from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.limits import MAX_SAFE_INTEGER, Limits
from snakepit_bridge._wire.shared.bounds import SMALLEST_BYTES
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.shared.peer_segments import Attachment
from snakepit_bridge._wire.shared.pieces import SharedPieces
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


def announce(frame: dict[str, Any], attachments: list[Binary], limits: Limits, lane: Lane) -> list[Binary]:
    """Says in the frame what belongs to it. Returns what has to follow it.

    :raises Unrepresentable: they are beyond the limit.
    """
    sizes: list[Any] = [len(part) for part in attachments]
    limit = limits.max_attachment_bytes
    if sum(sizes) > limit:
        raise Unrepresentable(
            f"{sum(sizes)} bytes of binary data are beyond the limit of {limit} for one frame"
        )
    frame["attach"] = sizes
    return _share(sizes, attachments, lane) if lane.is_open and max(sizes) >= SMALLEST_BYTES else attachments


def _share(announced: list[Any], attachments: list[Binary], lane: Lane) -> list[Binary]:
    """Puts into segments what fits there, and tells so. Returns what is left."""
    pieces = SharedPieces(lane.give_back)
    for place, part in enumerate(attachments):
        segment = lane.write(part)
        if segment is None:
            pieces.append(part)
        else:
            pieces.add(segment, len(part))
            announced[place] = {"bytes": len(part), "segment": segment.id}
    return pieces


class Arrived(NamedTuple):
    """The attachments of a frame, and how many bytes they are."""

    parts: list[Attachment]
    size: int


def read_attachments(source: Source, announced: Any, limits: Limits, lane: Lane) -> Arrived:
    """What a frame announced.

    :raises ProtocolError: it is malformed, or beyond the limit.
    """
    if type(announced) is not list:
        raise _malformed()
    size = sum(map(_size, announced))
    if size > limits.max_attachment_bytes:
        raise ProtocolError(f"attachments of {size} bytes")
    return Arrived([_take(source, entry, lane) for entry in announced], size)


def _size(entry: Any) -> int:
    size: Any = entry.get("bytes") if type(entry) is dict else entry
    if type(size) is not int or not 0 <= size <= MAX_SAFE_INTEGER:
        raise _malformed()
    return size


def _take(source: Source, entry: Any, lane: Lane) -> Attachment:
    if type(entry) is int:
        return source.block(entry)
    id = entry.get("segment")
    if type(id) is not int:
        raise _malformed()
    return lane.lend(id, entry["bytes"])


def _malformed() -> ProtocolError:
    return ProtocolError("a malformed attach")
