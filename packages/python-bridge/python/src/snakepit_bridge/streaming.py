"""What a streaming tool yields when a bare value does not say enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StreamChunk:
    """One chunk of a stream.

    :param data: the payload, any value that can travel.
    :param is_final: ends the stream; the generator is closed and nothing after it is sent.
    :param metadata: travels beside the payload; keys and values become strings.
    """

    __slots__ = ("data", "is_final", "metadata")

    def __init__(self, data: Any, is_final: bool = False, metadata: Mapping[str, Any] | None = None) -> None:
        self.data = data
        self.is_final = is_final
        self.metadata = metadata

    def __repr__(self) -> str:
        return f"StreamChunk({self.data!r}, is_final={self.is_final}, metadata={self.metadata!r})"
