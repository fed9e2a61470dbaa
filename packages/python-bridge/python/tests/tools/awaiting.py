"""Coroutines that use session variables in ways that block, and in ways that do not."""

from __future__ import annotations

import asyncio
from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext, UnknownVariableError, tool

#: Writes, if nobody cancels them.
ENOUGH = 300


class Awaiting(BaseAdapter):
    @tool
    async def block_beside_callback(self, ctx: SessionContext, how: str) -> Any:
        """The nested call that the callback waits for can end only when this coroutine goes on."""
        self.go_on = asyncio.Event()
        callback = asyncio.ensure_future(ctx.call_host_tool("between"))
        await asyncio.sleep(0)
        if how == "read":
            assert ctx["x"] == 0
        elif how == "write":
            ctx["x"] = 1
        elif how == "update":
            await ctx.update_variable("x", 1)
        else:
            assert ctx.host_tools == {}
        self.go_on.set()
        return await callback

    @tool
    async def wait_for_both(self, ctx: SessionContext) -> Any:
        self.go_on, self.read = asyncio.Event(), asyncio.Event()
        callback = asyncio.ensure_future(ctx.call_host_tool("between"))
        await self.read.wait()
        self.go_on.set()
        return await callback

    @tool
    def read_nested(self, ctx: SessionContext) -> Any:
        value = ctx["x"]
        self.read.set()
        return value

    @tool
    async def wait_to_go_on(self) -> str:
        await self.go_on.wait()
        return "went on"

    @tool
    async def write_until_cancelled(self, ctx: SessionContext, how: str) -> None:
        try:
            await getattr(self, f"_{how}")(ctx)
        except BaseException as error:
            self.caught = type(error).__name__
            raise

    @tool
    def what_was_caught(self) -> Any:
        return self.caught

    @tool
    async def as_tasks(self, ctx: SessionContext) -> Any:
        """What awaits what is there already, and what is not, can be a task all the same."""
        create = asyncio.create_task
        values = [await create(ctx.get_variable("x")) for _ in range(2)]
        await asyncio.wait_for(ctx.update_variable("x", 5), None)
        values.append(await asyncio.wait_for(create(ctx.get_variable("x")), None))
        try:
            await create(ctx.update_variable("missing", 1))
        except UnknownVariableError:
            values.append("unknown")
        ctx.update_variable("x", 6).close()
        return [*values, await create(ctx.get_variable("x"))]

    async def _items(self, ctx: SessionContext) -> None:
        for _ in range(ENOUGH):
            ctx["x"] = 1
            await asyncio.sleep(0)

    async def _updates(self, ctx: SessionContext) -> None:
        for _ in range(ENOUGH):
            await ctx.update_variable("x", 1)

    async def _batches(self, ctx: SessionContext) -> None:
        for _ in range(ENOUGH):
            async with ctx.batch_updates():
                ctx["x"] = 1

    async def _tasks(self, ctx: SessionContext) -> None:
        """Ends at once when a task of its own is struck in its place."""
        await asyncio.gather(self._items(ctx), self._updates(ctx), return_exceptions=True)
