"""The tools that the basic suites call, as plain functions."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import Any, Callable

from basic_values import BASIC_CASES, difference

lines: list[str] = []


class Marked:
    """A chunk that its tool marked as final, or gave metadata."""

    def __init__(self, data: Any, final: bool, meta: dict[str, str]) -> None:
        self.data = data
        self.final = final
        self.meta = meta


def add(a: int, b: int) -> int:
    return a + b


def note(line: str) -> None:
    lines.append(line)


def journal() -> list[str]:
    taken, lines[:] = lines[:], []
    return taken


def fail(message: str) -> None:
    raise ValueError(message)


def check_value(name: Any, value: Any = None) -> str:
    problem = difference(BASIC_CASES[name].receives, value)
    if problem is not None:
        raise TypeError(f"{name}: {problem}")
    return "ok"


def make_value(name: Any) -> Any:
    return BASIC_CASES[name].sends


def count(to: int) -> Generator[int, None, None]:
    yield from range(to)


def count_and_return(to: int) -> Generator[int, None, Any]:
    yield from range(to)
    return {"total": to}


def mark(to: int) -> Generator[Marked, None, None]:
    for number in range(to):
        yield Marked(number, number == to - 1, {"n": str(number)})


def fail_after(count: int) -> Generator[int, None, None]:
    yield from range(count)
    raise ValueError("no more")


def produce(count: int, length: int) -> Generator[str, None, None]:
    for _ in range(count):
        yield "x" * length


def ticks() -> Generator[int, None, None]:
    number = 0
    try:
        while True:
            yield number
            number += 1
    finally:
        lines.append("ticks stopped")


class BasicTool:
    """A function, and what a worker has to tell the host of it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.streams = inspect.isgeneratorfunction(function)
        self._signature = inspect.signature(function)

    def accepts(self, args: dict[str, Any]) -> bool:
        try:
            self._signature.bind(**args)
        except TypeError:
            return False
        return True

    def declare(self) -> dict[str, Any]:
        parameters = [
            {"name": name, "type": TYPES.get(spec.annotation, "any"), "required": spec.default is spec.empty}
            for name, spec in self._signature.parameters.items()
        ]
        return {"name": self.function.__name__, "streaming": self.streams, "parameters": parameters}


TYPES = {"int": "integer", "str": "string"}
UNARY = (add, note, journal, fail, check_value, make_value)
STREAMING = (count, count_and_return, mark, fail_after, produce, ticks)
TOOLS = {function.__name__: BasicTool(function) for function in (*UNARY, *STREAMING)}
