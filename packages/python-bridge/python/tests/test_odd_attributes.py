"""Nothing beside its tools keeps an adapter from starting; what is meant as a tool and cannot be one does."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import pytest

from snakepit_bridge import BaseAdapter, tool
from snakepit_bridge.discovery import discover


def names(adapter: object) -> list[str]:
    return [tool.name for tool in discover(adapter).tools]


class Plain(dict[str, Any]):
    """Derived from a built-in type, for its methods are no tools either."""

    log = math.log
    sqrt = math.sqrt
    upper = str.upper
    dumps = functools.partial(json.dumps, indent=2)
    Error = ValueError
    limit = 10

    def works(self, value: int) -> int:
        return value

    def forgot() -> None:  # type: ignore[misc]
        raise AssertionError

    def größe(self) -> None:
        raise AssertionError

    @functools.cached_property
    def model(self) -> None:
        raise AssertionError("a cached property was read")

    @functools.lru_cache  # noqa: B019
    def cached(self, value: int) -> int:
        return value

    half = functools.partialmethod(works, value=5)


def test_what_cannot_be_a_tool_is_none() -> None:
    assert names(Plain()) == ["works", "cached", "half"]


def test_a_name_that_is_too_long() -> None:
    function = lambda self: None  # noqa: E731
    assert names(type("Long", (), {"x" * 64: function, "y" * 65: function})()) == ["x" * 64]


class MarkedWithoutSelf(BaseAdapter):
    @tool
    def forgot() -> None:  # type: ignore[misc]
        raise AssertionError


class MarkedByAnOddName(BaseAdapter):
    @tool
    def größe(self) -> None:
        raise AssertionError


class CommandWithoutParameters:
    def execute_forgot() -> None:  # type: ignore[misc]
        raise AssertionError


class CommandOfAnOddName:
    def execute_größe(self, args: dict[str, Any]) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("adapter", "method", "advice"),
    [
        (MarkedWithoutSelf, "forgot", "`self` as its first parameter"),
        (MarkedByAnOddName, "größe", "'größe' is no name for one; use at most 64 of A-Z"),
        (CommandWithoutParameters, "execute_forgot", "`self` as its first parameter"),
        (CommandOfAnOddName, "execute_größe", "'größe' is no name for one"),
    ],
)
def test_what_is_meant_as_a_tool_must_be_able_to(adapter: type, method: str, advice: str) -> None:
    with pytest.raises(ValueError, match=f"^{adapter.__name__}.{method} cannot be a tool: .*{advice}"):
        discover(adapter())


def test_a_command_takes_one_parameter_by_position() -> None:
    class Keywords:
        def execute_all(self, **parameters: Any) -> None: ...

        def execute_none(self) -> None: ...

    assert names(Keywords()) == ["execute_all", "execute_none"]
