"""Adapters whose instances live as long as a session, or as a call."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext, tool

_instances: weakref.WeakSet[Any] = weakref.WeakSet()
_cleaned: list[str] = []


class OfSession(BaseAdapter):
    lifecycle = "session"

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.session: str | None = None
        _instances.add(self)

    async def initialize(self) -> None:
        self.notes.append("initialized")

    async def cleanup(self) -> None:
        _cleaned.append(str(self.session))

    @tool
    def note(self, ctx: SessionContext, text: str) -> list[str]:
        self.session = ctx.session_id
        self.notes.append(text)
        return self.notes

    @tool
    def ask(self, ctx: SessionContext, tool: str) -> Any:
        return [self.notes, ctx.call_host_tool(tool)]

    @tool
    def count(self, n: int) -> Iterator[int]:
        yield from range(n)

    @tool
    def left(self) -> dict[str, Any]:
        """What was cleaned up, and how many instances there are."""
        gc.collect()
        return {"cleaned": sorted(_cleaned), "instances": len(_instances)}


class OfRequest(OfSession):
    lifecycle = "request"
