"""Tools that call back into the host."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from snakepit_bridge import HostToolError, SessionContext


class Callbacks:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def add(self, a: int, b: int) -> int:
        return a + b

    def count(self, n: int) -> Any:
        try:
            yield from range(n)
        finally:
            self.notes.append("closed")

    def recall(self) -> list[str]:
        return self.notes

    def call(self, ctx: SessionContext, tool: str, **arguments: Any) -> Any:
        return ctx.call_host_tool(tool, **arguments)

    async def call_async(self, ctx: SessionContext, tool: str, **arguments: Any) -> Any:
        return await ctx.call_host_tool(tool, **arguments)

    async def call_many(self, ctx: SessionContext, tool: str, n: int) -> list[Any]:
        return list(await asyncio.gather(*(ctx.call_host_tool(tool, number=number) for number in range(n))))

    def call_from_threads(self, ctx: SessionContext, tool: str, n: int) -> list[Any]:
        answers: dict[int, Any] = {}

        def ask(number: int) -> None:
            answers[number] = ctx.call_host_tool(tool, number=number)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [answers[number] for number in range(n)]

    def stream_through(self, ctx: SessionContext, tool: str, n: int) -> Any:
        """Each chunk is what the host makes of a number."""
        for number in range(n):
            yield ctx.call_host_tool(tool, number=number)

    def call_and_catch(self, ctx: SessionContext, tool: str) -> dict[str, Any]:
        try:
            return {"value": ctx.call_host_tool(tool)}
        except HostToolError as error:
            return {
                "type": error.type,
                "code": error.code,
                "message": error.message,
                "details": error.details,
            }

    def call_in_finally(self, ctx: SessionContext, tool: str) -> None:
        try:
            ctx.call_host_tool(tool)
        finally:
            self.notes.append("finally")

    def session(self, ctx: SessionContext) -> Any:
        return ctx.session_id
