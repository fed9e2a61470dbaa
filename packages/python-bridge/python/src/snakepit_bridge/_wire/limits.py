"""Limits of a connection; the host sets them in its welcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

#: Integers beyond ± this one travel as `bigint`.
MAX_SAFE_INTEGER = 2**53 - 1

#: Digits of the longest integer that can travel, which is what Python itself converts by default.
MAX_INTEGER_DIGITS = 4300

#: Bytes of a hello or welcome line.
MAX_HELLO_BYTES = 4 * 1024 * 1024


class Limits(NamedTuple):
    """What both sides keep to. ``max_in_flight`` counts top-level calls, sizes are bytes."""

    max_frame_bytes: int = 64 * 1024 * 1024
    max_attachment_bytes: int = 1024 * 1024 * 1024
    max_depth: int = 128
    max_in_flight: int = 64

    @classmethod
    def from_welcome(cls, fields: Mapping[str, Any]) -> Limits:
        """Unknown limits are ignored, missing ones keep their default."""
        names = ("maxFrameBytes", "maxAttachmentBytes", "maxDepth", "maxInFlight")
        return cls(*(fields.get(name) or default for name, default in zip(names, cls())))
