"""Tools that keep what they know in variables of their session."""

from __future__ import annotations

from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext, tool


class Variables(BaseAdapter):
    @tool
    def process_embeddings(self, ctx: SessionContext, batch_size: int) -> Any:
        embeddings = [[row + column / 512 for column in range(512)] for row in range(batch_size)]
        ctx.register_variable("batch_embeddings", "embedding", embeddings)
        stored = ctx["batch_embeddings"]
        return {"shape": [len(stored), len(stored[0])], "same": stored == embeddings}

    @tool
    async def load(self, ctx: SessionContext) -> None:
        await ctx.register_variable("shape", "list", [3, 4])
        ctx.register_variable("rate", "float", 0.5, {"min": 0, "max": 1})
        ctx["name"] = "model"
        async with ctx.batch_updates():
            ctx["rate"] = 0.75
            ctx["name"] = "better"

    @tool
    def describe(self, ctx: SessionContext) -> Any:
        """What Python makes of each variable."""
        described = {each["name"]: type(each["value"]).__name__ for each in ctx.list_variables()}
        return {name: [kind, name in ctx] for name, kind in described.items()}

    @tool
    def scale(self, ctx: SessionContext, by: float) -> None:
        ctx["matrix"] = ctx["matrix"] * by

    @tool
    def catch(self, ctx: SessionContext, name: str, value: Any) -> list[str]:
        try:
            ctx.update_variable(name, value)
        except (KeyError, ValueError) as error:
            return [type(error).__name__, str(error)]
        return []

    @tool
    def write(self, ctx: SessionContext, value: int) -> None:
        ctx["x"] = value

    @tool
    def read_around(self, ctx: SessionContext) -> list[Any]:
        return [ctx["x"], ctx["x"], ctx.call_host_tool("between"), ctx["x"]]

    @tool
    async def read_around_async(self, ctx: SessionContext) -> list[Any]:
        read = ctx.get_variable
        return [await read("x"), await read("x"), await ctx.call_host_tool("between"), await read("x")]

    @tool(required_variables=["x"])
    def requires(self) -> str:
        return "ran"

    @tool
    def programs(self, ctx: SessionContext) -> Any:
        ctx.programs.store("p", {"signature": "question -> answer"})
        return [ctx.programs.list(), ctx.programs.get("shared", global_=True)]
