"""Values that go on belonging to somebody else: nothing uses them up, waits for them or closes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from snakepit_bridge.session_context import current_scope


class Described:
    """Stands for an iterator or an awaitable in an answer, which is then not taken for a stream."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def to_dict(self) -> Any:
        """Asked for when the answer is encoded: what can travel of the value, or its description."""
        return self._value


def lend(value: Any) -> Any:
    """What a tool returns to tell of ``value``. A caller who wants a stream gets the items of an iterator,
    which stays open; of what is left in it others go on.
    """
    kind = type(value)
    if not any(hasattr(kind, name) for name in ("__next__", "__anext__", "__await__")):
        return value
    if getattr(current_scope.get(), "stream", False):
        if hasattr(kind, "__next__"):
            return _items(value)
        if hasattr(kind, "__anext__"):
            return _async_items(value)
    return Described(value)


def _items(iterator: Any) -> Iterator[Any]:
    """Not ``yield from``, which would close the iterator together with this one."""
    for item in iterator:  # noqa: UP028
        yield item


async def _async_items(iterator: Any) -> AsyncIterator[Any]:
    async for item in iterator:
        yield item
