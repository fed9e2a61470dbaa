"""Tools that are no generators and return one, of every pair of kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator


class Returned:
    def __init__(self) -> None:
        self.ended: list[str] = []

    def from_sync(self, n: int) -> Iterator[int]:
        return self._count(n)

    def async_from_sync(self, n: int) -> AsyncIterator[int]:
        return self._count_async(n)

    async def from_async(self, n: int) -> Iterator[int]:
        await asyncio.sleep(0)
        return self._count(n)

    async def async_from_async(self, n: int) -> AsyncIterator[int]:
        await asyncio.sleep(0)
        return self._count_async(n)

    def recall(self) -> list[str]:
        ended, self.ended = self.ended, []
        return ended

    def _count(self, n: int) -> Iterator[int]:
        try:
            yield from range(n)
        finally:
            self.ended.append("closed")

    async def _count_async(self, n: int) -> AsyncIterator[int]:
        try:
            for number in range(n):
                await asyncio.sleep(0)
                yield number
        finally:
            self.ended.append("closed")
