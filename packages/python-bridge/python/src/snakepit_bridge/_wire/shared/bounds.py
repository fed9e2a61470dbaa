"""What one direction of a connection may have of shared memory."""

from __future__ import annotations

#: Smaller attachments travel on the channel.
SMALLEST_BYTES = 1024 * 1024
MAX_SEGMENTS = 8
MAX_BYTES = 512 * 1024 * 1024
#: Of these, so much may be held by what was received; the rest stays in motion.
MAX_HELD_SEGMENTS = MAX_SEGMENTS * 3 // 4
MAX_HELD_BYTES = MAX_BYTES * 3 // 4
#: Capacities are powers of two up to this one, and multiples of it beyond.
_STEP_BYTES = 16 * 1024 * 1024


def capacity_for(size: int) -> int:
    """What a segment for ``size`` bytes has."""
    if size > _STEP_BYTES:
        return -(-size // _STEP_BYTES) * _STEP_BYTES
    return max(SMALLEST_BYTES, 1 << (size - 1).bit_length())
