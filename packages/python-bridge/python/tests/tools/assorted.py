"""Streams of many kinds of chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from snakepit_bridge import StreamChunk

#: How each kind of chunk travels differs; `None` stands for one with metadata.
KINDS: dict[str, Any] = {
    "number": 7,
    "map": {"n": 1, "nested": [1, {"a": None}]},
    "big": 2**80,
    "bytes": b"binary",
    "large": "x" * 10_000,
    "deep": [[[["deep"]]]],
}


class Assorted:
    def assorted(self, order: list[str]) -> Iterator[Any]:
        for name in order:
            yield StreamChunk(7, metadata={"of": name}) if name == "meta" else KINDS[name]

    def counted(self, n: int) -> Iterator[int]:
        yield from range(n)

    def changing(self, n: int) -> Iterator[dict[str, int]]:
        state = {"step": -1}
        for _ in range(n):
            state["step"] += 1
            yield state

    def failing(self, n: int) -> Iterator[int]:
        yield from range(n)
        raise ValueError("enough")
