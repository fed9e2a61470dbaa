"""Tools that write several variables at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, InvalidVariableError, SessionContext, tool


class Batching(BaseAdapter):
    @tool
    def batch(self, ctx: SessionContext, fail: bool = False) -> Any:
        seen = []
        try:
            with ctx.batch_updates() as batch:
                ctx["x"] = 10
                ctx.update_variable("y", 20)
                with ctx.batch_updates():
                    batch["x"] = 11
                seen = [ctx["x"], ctx.get_variable("y"), *ctx.get_variables(["x", "z"]).values()]
                if fail:
                    raise OSError("no")
        except OSError:
            return "nothing"
        return seen

    @tool
    async def batch_async(self, ctx: SessionContext) -> Any:
        async with ctx.batch_updates():
            ctx["x"] = 10
            await ctx.update_variable("y", 20)
        return [ctx["x"], ctx["y"]]

    @tool
    def batch_around(self, ctx: SessionContext) -> Any:
        with ctx.batch_updates():
            ctx["x"] = 1
            ctx.call_host_tool("between")
        return None

    @tool
    def write(self, ctx: SessionContext, value: int) -> None:
        ctx["x"] = value

    @tool
    async def outlive(self, ctx: SessionContext, around: bool) -> Any:
        """A task goes on to write when the block that it was started in has ended."""
        ended = asyncio.Event()

        async def write_late() -> None:
            await ended.wait()
            ctx["x"] = 7
            await ctx.update_variable("y", 8)

        async def start() -> asyncio.Task[None]:
            async with ctx.batch_updates():
                task = asyncio.ensure_future(write_late())
                await asyncio.sleep(0)
            ended.set()
            return task

        if not around:
            await (await start())
            return [ctx["x"], ctx["y"]]
        async with ctx.batch_updates():
            await (await start())
        return [ctx["x"], ctx["y"]]

    @tool
    def use_ended(self, ctx: SessionContext) -> Any:
        with ctx.batch_updates() as batch:
            pass
        batch["x"] = 1

    @tool
    def beside_generator(self, ctx: SessionContext) -> Any:
        """The block of a generator ends inside of one that its consumer has begun meanwhile."""

        def numbers() -> Iterator[int]:
            with ctx.batch_updates():
                ctx["x"] = 1
                yield 1

        generator = numbers()
        next(generator)
        with ctx.batch_updates():
            next(generator, None)
            ctx["y"] = 1
            ctx["y"] = 2
        ctx["y"] = ctx["y"] + 1
        return [ctx["x"], ctx["y"]]

    @tool
    async def leave_generator(self, ctx: SessionContext) -> Any:
        """The block of a generator that is left ends in another task, where its token would be of no use."""
        left = asyncio.Event()

        async def numbers() -> AsyncIterator[int]:
            try:
                async with ctx.batch_updates():
                    ctx["x"] = 1
                    yield 1
            finally:
                left.set()

        async for _ in numbers():
            break
        await left.wait()
        ctx["y"] = 2
        return [ctx["x"], ctx["y"]]

    @tool
    def replace(self, ctx: SessionContext) -> Any:
        with ctx.batch_updates():
            ctx["x"] = 1
            with ctx.batch_updates():
                ctx["x"] = 2
                ctx.register_variable("x", "integer", 5)
        return ctx["x"]

    @tool
    def replace_in_vain(self, ctx: SessionContext) -> Any:
        """What was written stays where nothing took its place."""
        with ctx.batch_updates():
            ctx["x"] = 1
            with contextlib.suppress(InvalidVariableError):
                ctx.register_variable("x", "choice", "z", {"choices": ["a"]})
        return ctx["x"]

    @tool
    def remove(self, ctx: SessionContext) -> Any:
        with ctx.batch_updates():
            ctx["x"] = 1
            del ctx["x"]
            ctx["y"] = 2
        return ["x" in ctx, ctx["y"]]
