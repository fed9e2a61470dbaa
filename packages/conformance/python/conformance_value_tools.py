"""The tools that send, take and describe values; `src/values/tools.ts` has the same in TypeScript."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from conformance_described import described
from conformance_objects import OBJECTS
from conformance_values import CASES, difference, nested_lists

from snakepit_bridge import SessionContext, StreamChunk, tool


class Reducible:
    """Counts how often anybody tries to pickle it, or to call what a pickle would."""

    reductions = 0

    def __reduce__(self) -> Any:
        Reducible.reductions += 1
        raise AssertionError("somebody pickles")

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()

    def __getstate__(self) -> Any:
        return self.__reduce__()


class ValueTools:
    @tool
    def check_value(self, name: str, value: Any = None) -> str:
        problem = difference(CASES[name].receives, value)
        if problem is not None:
            raise TypeError(f"{name}: {problem}")
        return "ok"

    @tool
    def make_value(self, name: str) -> Any:
        return CASES[name].sends

    @tool
    def make_values(self, names: list[str]) -> Iterator[Any]:
        for name in names:
            yield StreamChunk(CASES[name].sends)

    @tool
    def swap_value(self, name: str, ctx: SessionContext) -> str:
        value = ctx.call_host_tool("swap", name=name, value=CASES[name].sends)
        return self.check_value(name, value)

    @tool
    def bad_value(self, kind: str) -> Any:
        return _bad_value(kind)

    @tool
    def bad_chunk(self, kind: str) -> Iterator[Any]:
        yield "good"
        yield _bad_value(kind)

    @tool
    def make_object(self, name: str) -> Any:
        return OBJECTS[name]()

    @tool
    def make_objects(self, names: list[str]) -> Iterator[Any]:
        for name in names:
            yield StreamChunk(OBJECTS[name]())

    @tool
    def give_object(self, name: str, ctx: SessionContext) -> Any:
        return ctx.call_host_tool("take", name=name, value=OBJECTS[name]())

    @tool
    def describe(self, value: Any) -> Any:
        return {"value": value, "description": described(value)}

    @tool
    def digest(self, data: bytes) -> Any:
        if type(data) is not bytes:
            raise TypeError(f"data is {type(data)}")
        return {"data": data, "sha256": hashlib.sha256(data).hexdigest()}

    @tool
    def digest_by_host(self, data: bytes, ctx: SessionContext) -> Any:
        return ctx.call_host_tool("digest", data=data)

    @tool
    def reductions(self) -> int:
        return Reducible.reductions

    @tool
    def nest(self, levels: int) -> Any:
        return nested_lists(levels)


def _bad_value(kind: str) -> Any:
    rows: list[Any] = [1]
    if kind == "lone_surrogate":
        rows.append({"name": "\ud800"})
    elif kind == "circular":
        rows.append(rows)
    elif kind == "too_deep":
        rows.append(nested_lists(200))
    elif kind == "huge_integer":
        rows.append(10**5000)
    elif kind == "object":
        rows.append(Reducible())
    return {"rows": rows}
