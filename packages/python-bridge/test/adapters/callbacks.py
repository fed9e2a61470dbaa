"""Tools that call back into the host."""

from __future__ import annotations

import asyncio
import itertools
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
                "traceback": error.traceback,
                "shown": traceback.format_exc(),
            }

    def call_in_finally(self, ctx: SessionContext, tool: str) -> None:
        try:
            ctx.call_host_tool(tool)
        finally:
            self.notes.append("finally")

    def session(self, ctx: SessionContext) -> Any:
        return ctx.session_id

    # Two callbacks for each call, from every kind of place.

    def twice(self, ctx: SessionContext, number: int) -> list[Any]:
        return [ctx.call_host_tool("next", number=number), ctx.tools.next(number=-number)]

    async def twice_async(self, ctx: SessionContext, number: int) -> list[Any]:
        return list(await asyncio.gather(ctx.tools.next(number=number), ctx.tools.next(number=-number)))

    def twice_in_threads(self, ctx: SessionContext, number: int) -> list[Any]:
        with ThreadPoolExecutor(2) as threads:
            return list(threads.map(lambda each: ctx.tools.next(number=each), (number, -number)))

    def twice_through(self, ctx: SessionContext, number: int) -> Iterator[Any]:
        yield ctx.tools.next(number=number)
        yield ctx.tools.next(number=-number)

    # Streams of the host.

    def read(self, ctx: SessionContext, tool: str, upto: int) -> list[Any]:
        """The first items of a stream, which is left then."""
        return list(itertools.islice(ctx.stream_host_tool(tool), upto))

    async def read_async(self, ctx: SessionContext, tool: str, upto: int) -> list[Any]:
        items: list[Any] = []
        async for item in ctx.stream_host_tool(tool):
            items.append(item)
            if len(items) == upto:
                break
        return items

    def read_through(self, ctx: SessionContext, tool: str, upto: int) -> Iterator[Any]:
        yield from itertools.islice(ctx.stream_host_tool(tool), upto)

    def sip(self, ctx: SessionContext, tool: str) -> None:
        """Reads on whenever the host says so."""
        stream = ctx.stream_host_tool(tool)
        while ctx.tools.thirsty():
            next(stream)

    # Errors.

    def fail(self, at: str) -> None:
        raise Broken(at, {"at": at, "depth": 4})

    def pass_on(self, ctx: SessionContext, tool: str) -> Any:
        return ctx.call_host_tool(tool)


class Broken(ValueError):
    def __init__(self, message: str, where: dict[str, Any]) -> None:
        super().__init__(message)
        self.where = where
