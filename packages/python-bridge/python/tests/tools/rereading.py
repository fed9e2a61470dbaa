"""Tools that read the same variable again, with something in between."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import types
from collections.abc import AsyncIterator, Iterator
from typing import Any

from snakepit_bridge import HostToolError, SessionContext, read_cache, tool, variables


class Rereading:
    @tool
    def read(self, ctx: SessionContext, times: int = 1, fresh: bool = False) -> Any:
        return [ctx.get_variable("x", fresh=fresh) for _ in range(times)]

    @tool
    async def read_async(self, ctx: SessionContext, times: int = 1) -> Any:
        return [await ctx.get_variable("x") for _ in range(times)]

    @tool
    def read_all(self, ctx: SessionContext, n: int) -> Any:
        names = [f"n{number}" for number in range(n)]
        ctx.get_variables(names)
        return [ctx.get_variable(names[0]), ctx.get_variable(names[-1])]

    @tool
    def write(self, ctx: SessionContext, value: int) -> None:
        ctx["x"] = value

    @tool
    def read_around(self, ctx: SessionContext, tool: str = "between") -> Any:
        """Reads ``x``, calls back, and reads again."""
        before = ctx["x"]
        with contextlib.suppress(HostToolError):
            ctx.call_host_tool(tool)
        return [before, ctx["x"]]

    @tool
    async def read_around_async(self, ctx: SessionContext, tool: str = "between") -> Any:
        before = await ctx.get_variable("x")
        with contextlib.suppress(HostToolError):
            await ctx.call_host_tool(tool)
        return [before, await ctx.get_variable("x")]

    @tool
    async def read_while_nested(self, ctx: SessionContext, tool: str = "between") -> Any:
        """Reads again while the callback is still open, once the call nested in it has told so."""
        self.written = asyncio.Event()
        before = await ctx.get_variable("x")
        callback = asyncio.ensure_future(ctx.call_host_tool(tool))
        await self.written.wait()
        after = await ctx.get_variable("x")
        await callback
        return [before, after]

    @tool
    async def write_and_tell(self, ctx: SessionContext, value: int) -> None:
        ctx["x"] = value
        self.written.set()

    @tool
    async def tell(self) -> None:
        self.written.set()

    @tool
    def stream_around(self, ctx: SessionContext) -> Iterator[Any]:
        yield ctx["x"]
        yield ctx["x"]

    @tool
    async def stream_around_async(self, ctx: SessionContext) -> AsyncIterator[Any]:
        yield await ctx.get_variable("x")
        yield await ctx.get_variable("x")

    @tool
    def stream_from(self, ctx: SessionContext) -> Any:
        """Reads before and after each chunk of the host's."""
        return [ctx["x"], *(ctx["x"] for _ in ctx.stream_host_tool("chunks"))]

    @tool
    async def read_around_timeout(self, ctx: SessionContext) -> Any:
        before = await ctx.get_variable("x")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ctx.call_host_tool("between"), 0.01)
        return [before, await ctx.get_variable("x")]

    @tool
    def read_and_leave(self, ctx: SessionContext) -> Any:
        stream = ctx.stream_host_tool("chunks")
        next(stream)
        before = ctx["x"]
        stream.close()
        return [before, ctx["x"]]

    @tool
    def in_thread(self, ctx: SessionContext) -> Any:
        """A write of a thread is seen by the one that read before."""
        before = ctx["x"]
        thread = threading.Thread(target=lambda: ctx.update_variable("x", before + 1))
        thread.start()
        thread.join()
        return [before, ctx["x"]]

    @tool
    async def read_beside_write(self, ctx: SessionContext) -> Any:
        read = asyncio.ensure_future(ctx.get_variable("x"))
        await asyncio.sleep(0)
        ctx.update_variable("x", 2)
        return [await read, await ctx.get_variable("x")]

    @tool
    def hasten(self) -> None:
        """From now on the cache's clock goes a second on whenever somebody looks at it."""
        looks = itertools.count()
        clock = types.SimpleNamespace(monotonic=lambda: float(next(looks)))
        vars(read_cache)["time"] = vars(variables)["time"] = clock

    @tool
    def mutate(self, ctx: SessionContext) -> Any:
        ctx["x"].append(9)
        return ctx["x"]

    @tool
    def keep(self, ctx: SessionContext) -> Any:
        self.kept = ctx
        return ctx["x"]

    @tool
    def use_kept(self) -> Any:
        return self.kept["x"]
