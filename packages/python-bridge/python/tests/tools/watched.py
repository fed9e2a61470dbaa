"""Objects and generators whose end can be seen."""

from __future__ import annotations

import asyncio
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

_all: weakref.WeakSet[Any] = weakref.WeakSet()
closed: list[str] = []


class Watched:
    def __init__(self) -> None:
        _all.add(self)


def count() -> int:
    gc.collect()
    return len(_all)


def endless() -> Iterator[int]:
    try:
        yield from itertools.count()
    finally:
        closed.append("endless")


async def endless_async() -> AsyncIterator[int]:
    for number in itertools.count():
        await asyncio.sleep(0)
        yield number
