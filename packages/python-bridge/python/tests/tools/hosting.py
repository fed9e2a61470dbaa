"""Tools that use the tools of the host in every way there is."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

from threads import result_in_thread

from snakepit_bridge import HostToolError, SessionContext


class Hosting:
    def __init__(self) -> None:
        self.kept: list[Any] = []

    def echo(self, value: Any) -> Any:
        return value

    async def async_echo(self, value: Any) -> Any:
        return value

    # Proxies.

    def by_attribute(self, ctx: SessionContext, id: int) -> Any:
        return ctx.tools.lookup(id=id)

    async def by_attribute_async(self, ctx: SessionContext, id: int) -> Any:
        return {"answer": await ctx.tools.lookup(id=id)}

    def by_name(self, ctx: SessionContext) -> Any:
        return ctx.tools["a.b"](self=1, name=2, host=3)

    def listed(self, ctx: SessionContext) -> Any:
        tools = ctx.tools
        return [dir(tools), list(tools), "b" in tools, "c" in tools]

    async def listed_async(self, ctx: SessionContext) -> Any:
        return [ctx.host_tools, ctx.elixir_tools["a"]["streaming"], dir(ctx.tools)]

    def no_tool(self, ctx: SessionContext) -> Any:
        return [hasattr(ctx.tools, "_repr_html_"), repr(ctx.tools.lookup)]

    # Streams.

    def all(self, ctx: SessionContext, tool: str = "rows", **arguments: Any) -> Any:
        return list(ctx.stream_host_tool(tool, **arguments))

    async def all_async(self, ctx: SessionContext, tool: str = "rows") -> Any:
        return [item async for item in ctx.tools[tool].stream()]

    def all_in_thread(self, ctx: SessionContext) -> Any:
        return result_in_thread(lambda: list(ctx.stream_host_tool("rows")))

    def all_in_foreign_loop(self, ctx: SessionContext) -> Any:
        return asyncio.run(self.all_async(ctx))

    def through(self, ctx: SessionContext) -> Iterator[Any]:
        yield from ctx.tools.rows.stream()

    async def through_async(self, ctx: SessionContext) -> AsyncIterator[Any]:
        async for item in ctx.tools.rows.stream():
            yield item

    def handed_on(self, ctx: SessionContext) -> Any:
        return ctx.tools.rows.stream()

    def both(self, ctx: SessionContext) -> Any:
        left, right = ctx.tools.left.stream(), ctx.tools.right.stream()
        return list(zip(left, right))

    async def both_async(self, ctx: SessionContext) -> Any:
        return list(await asyncio.gather(self.all_async(ctx, "left"), self.all_async(ctx, "right")))

    def caught(self, ctx: SessionContext) -> Any:
        items: list[Any] = []
        stream = ctx.tools.rows.stream()
        try:
            items.extend(stream)
        except HostToolError as error:
            return [items, error.code, list(stream)]

    # Streams that are left.

    def take(self, ctx: SessionContext, count: int) -> Any:
        """Tells the host when so many items were taken, and then takes the others."""
        stream = ctx.tools.rows.stream()
        items = [next(stream) for _ in range(count)]
        ctx.tools.gate()
        return items + list(stream)

    def leave(self, ctx: SessionContext) -> Any:
        return next(ctx.tools.rows.stream())

    async def leave_async(self, ctx: SessionContext) -> Any:
        async for _ in ctx.tools.rows.stream():
            break
        return await ctx.tools.gate()

    def close(self, ctx: SessionContext) -> Any:
        stream = ctx.tools.rows.stream()
        first = next(stream)
        stream.close()
        stream.close()
        return [first, list(stream)]

    async def close_async(self, ctx: SessionContext) -> Any:
        stream = ctx.tools.rows.stream()
        first = await stream.__anext__()
        await stream.aclose()
        return [first, [item async for item in stream]]

    def never(self, ctx: SessionContext) -> None:
        ctx.tools.rows.stream().close()

    def keep_open(self, ctx: SessionContext) -> Any:
        stream = ctx.tools.rows.stream()
        self.kept.append(stream)
        return next(stream)

    def use_kept(self) -> Any:
        stream = self.kept.pop()
        return result_in_thread(lambda: next(stream))

    def collected(self, ctx: SessionContext) -> Any:
        """Leaves a stream to the garbage collector."""
        holder: dict[str, Any] = {"stream": ctx.tools.rows.stream()}
        holder["self"] = holder
        first = next(holder["stream"])
        del holder
        gc.collect()
        ctx.tools.gate()
        return first

    def in_two_threads(self, ctx: SessionContext) -> Any:
        """A stream that one thread opens and another one goes on with."""
        stream = ctx.tools.rows.stream()
        first = next(stream)
        return [first, *result_in_thread(lambda: list(stream))]

    def pause(self, ctx: SessionContext) -> Any:
        """Waits for another answer of the host in the middle of a stream."""
        stream = ctx.tools.rows.stream()
        return [next(stream), ctx.tools.gate(), *stream]

    # What is refused.

    async def blocking_loop(self, ctx: SessionContext) -> Any:
        return list(ctx.tools.rows.stream())

    def unsendable(self, ctx: SessionContext) -> Any:
        return list(ctx.tools.rows.stream(rows=[{"when": "\ud800"}]))


class Nested:
    """Callbacks within callbacks, each of another kind than the one around it."""

    def ask(self, ctx: SessionContext, tool: str) -> Any:
        return {"answer": ctx.call_host_tool(tool)}

    async def ask_async(self, ctx: SessionContext, tool: str) -> Any:
        return {"answer": await ctx.call_host_tool(tool)}

    def ask_streaming(self, ctx: SessionContext, tool: str) -> Any:
        return {"answer": list(ctx.stream_host_tool(tool))}
