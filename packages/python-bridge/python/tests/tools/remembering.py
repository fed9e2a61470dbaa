"""Tools that keep what they know in variables of the session."""

from __future__ import annotations

import asyncio
from typing import Any

from rereading import Rereading

from snakepit_bridge import (
    BaseAdapter,
    InvalidVariableError,
    SessionContext,
    UnknownVariableError,
    tool,
)
from snakepit_bridge.variable_aware import VariableAwareMixin


class Remembering(Rereading, VariableAwareMixin, BaseAdapter):
    def __init__(self) -> None:
        self.limit = 0
        self.model = Model()
        self.bind_variable("limit")
        self.bind_variable("model.temperature", "heat")

    @tool
    def everything(self, ctx: SessionContext) -> Any:
        """Each way to write and to read, in ordinary code."""
        ctx.register_variable("a", "integer", 1, {"min": 0})
        ctx.update_variable("a", 2)
        ctx["a"] = ctx["a"] + 1
        ctx["b"] = "new"
        found = {"a": ctx.get_variable("a"), "both": ctx.get_variables(["a", "b"]), "has": "b" in ctx}
        found["listed"] = [(each["name"], each["type"], each["value"]) for each in ctx.list_variables()]
        found["deleted"] = [ctx.delete_variable("a"), ctx.delete_variable("a")]
        del ctx["b"]
        found["left"] = [name for name in ("a", "b") if name in ctx]
        return found

    @tool
    async def everything_async(self, ctx: SessionContext) -> Any:
        await ctx.register_variable("a", "integer", 1, {"min": 0})
        ctx.update_variable("a", 2)
        ctx["a"] = ctx["a"] + 1
        ctx["b"] = "new"
        found = {"a": await ctx.get_variable("a"), "has": "b" in ctx}
        found["both"] = await ctx.get_variables(["a", "b"])
        found["listed"] = [(each["name"], each["type"], each["value"]) for each in await ctx.list_variables()]
        found["deleted"] = [await ctx.delete_variable("a"), await ctx.delete_variable("a")]
        del ctx["b"]
        found["left"] = [name for name in ("a", "b") if name in ctx]
        return found

    @tool
    async def forget_to_await(self, ctx: SessionContext, name: str = "x") -> str:
        ctx.update_variable(name, 5)
        return "done"

    @tool
    async def gather(self, ctx: SessionContext) -> Any:
        await asyncio.gather(ctx.update_variable("x", 1), ctx.update_variable("y", 2))
        return await asyncio.gather(ctx.get_variable("x"), ctx.get_variable("y"))

    @tool
    def kinds(self, ctx: SessionContext) -> Any:
        values = (True, 1, 1.5, "s", [1], (1,), {"k": 1})
        for number, value in enumerate(values):
            ctx[f"v{number}"] = value
        try:
            ctx["none"] = None
        except InvalidVariableError as error:
            return str(error)
        raise AssertionError

    @tool
    def put(self, ctx: SessionContext, name: str, type: str, value: Any) -> Any:
        ctx.register_variable(name, type, value)
        read = ctx[name]
        return [type_name(read), read]

    @tool
    def put_arrays(self, ctx: SessionContext) -> Any:
        import numpy as np

        embeddings = np.arange(6, dtype="float32").reshape(2, 3)
        ctx.register_variable("rows", "embedding", list(embeddings))
        ctx.register_variable("tensor", "tensor", embeddings)
        ctx["scalar"] = np.float32(0.5)
        ctx["inferred"] = np.zeros(2)
        return [ctx["rows"], ctx["tensor"].sum().item(), str(ctx["tensor"].dtype)]

    @tool
    def update_learned(self, ctx: SessionContext) -> Any:
        """The type of ``rows`` is known once it has been read."""
        ctx.update_variable("rows", [[1.0, 2.0]])
        ctx.get_variable("rows")
        ctx.update_variable("rows", [[3.0, 4.0]])
        return None

    @tool
    def update_around(self, ctx: SessionContext) -> Any:
        """Lists travel as bytes while the type is known to be the embedding that was read."""
        ctx.get_variable("rows")
        ctx.update_variable("rows", [[1.0, 2.0]])
        ctx.update_variable("rows", [[3.0, 4.0]])
        ctx.call_host_tool("between")
        ctx.update_variable("rows", [["text"]])
        return None

    @tool
    def has(self, ctx: SessionContext) -> Any:
        found = ["x" in ctx, "missing" in ctx]
        return [*found, ctx["x"], "x" in ctx]

    @tool
    def caught(self, ctx: SessionContext, what: str) -> Any:
        try:
            if what == "missing":
                ctx["missing"]
            elif what == "update":
                ctx.update_variable("missing", 1)
            elif what == "choice":
                ctx.register_variable("c", "choice", "z", {"choices": ["a"]})
            elif what == "ragged":
                ctx.register_variable("r", "embedding", [[1.0], [1.0, 2.0]])
            elif what == "text":
                ctx.register_variable("r", "tensor", ["a"])
        except KeyError as error:
            assert isinstance(error, UnknownVariableError)
            return ["KeyError", str(error)]
        except ValueError as error:
            assert isinstance(error, InvalidVariableError)
            return ["ValueError", str(error)]
        raise AssertionError

    @tool
    def programs(self, ctx: SessionContext) -> Any:
        programs = ctx.programs
        programs.store("p", {"n": 1})
        programs.store("p", {"n": 2}, global_=True)
        found = [
            programs.get("p"),
            programs.get("p", global_=True),
            programs.list(),
            programs.list(global_=True),
        ]
        return [*found, programs.delete("p"), programs.delete("p"), programs.list()]

    @tool
    async def programs_async(self, ctx: SessionContext) -> Any:
        ctx.programs.store("p", {"n": 1})
        return [await ctx.programs.get("p"), await ctx.programs.delete("p"), await ctx.programs.list()]

    @tool
    def global_program(self, ctx: SessionContext) -> Any:
        ctx.programs.store("p", 1, global_=True)
        return ctx.programs.get("p", global_=True)

    @tool(required_variables=["x", "y"])
    def requires(self, ctx: SessionContext) -> Any:
        return [ctx["x"], ctx["y"]]

    @tool(required_variables=["x"])
    async def requires_async(self) -> str:
        return "ran"

    @tool
    def sync(self) -> Any:
        return [self.sync_variables(), self.limit, self.model.temperature]

    @tool
    async def sync_async(self, ctx: SessionContext) -> Any:
        return [await self.sync_variables(ctx), self.limit, self.model.temperature]

    @tool
    def unbind(self) -> Any:
        return [self.unbind_variable("limit"), self.unbind_variable("limit"), self.bound_variables]


class Model:
    temperature = 0.0


def type_name(value: Any) -> str:
    return type(value).__name__
