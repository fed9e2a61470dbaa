"""What is read off a function's code is what ``inspect`` and ``typing`` say of it."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from typing import Any, Callable

import pytest

from snakepit_bridge import tool
from snakepit_bridge.hints import resolve_hints
from snakepit_bridge.parameters import Parameter, is_plain, parameters_of, simple_hints


def nothing() -> None: ...
def some(a: int, b: str = "b", c=None): ...  # type: ignore[no-untyped-def]
def kinds(a: int, /, b: float, c: int = 3, *rest: str, d: bytes, e: int = 5, **more: int) -> None: ...
def only_keywords(*, d: int, e: str = "e") -> None: ...
def only_rest(*rest: int, **more: str) -> None: ...
def local_variables(a: int, /, *, d: int = 1) -> int:
    inner = a
    return inner + d


@tool("marked", required_variables=["x"])
def marked(a: int, b: dict) -> list: ...  # type: ignore[type-arg, empty-body]


class Sample:
    def bound(self, a: int, b: str = "b") -> None: ...
    def bound_rest(*all_of_them): ...  # type: ignore[no-untyped-def]
    def positional(self, /, a: int) -> None: ...
    @classmethod
    def of_class(cls, a: int) -> None: ...
    @staticmethod
    def static(a: int) -> None: ...


FUNCTIONS: list[Callable[..., Any]] = [
    *(nothing, some, kinds, only_keywords, only_rest, local_variables, marked),
    *(Sample().bound, Sample().bound_rest, Sample().positional, Sample.of_class, Sample.static),
    *(Sample.bound, lambda a, b=2: None),
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_usual_functions(function: Callable[..., Any]) -> None:
    plain = getattr(function, "__func__", function)
    assert is_plain(plain)
    said = inspect.signature(function).parameters.values()
    assert parameters_of(function) == [Parameter(p.name, p.kind, p.default, p.annotation) for p in said]
    hints = {name: hint for name, hint in typing.get_type_hints(plain).items() if name != "return"}
    assert simple_hints(plain) == hints


def disguise(function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        return function(*args, **keywords)

    return wrapper


def signed(*args: Any) -> None: ...


signed.__signature__ = inspect.Signature([inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY)])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (disguise(some), ["a", "b", "c"]),
        (signed, ["x"]),
        (functools.partial(some, 1), ["b", "c"]),
        (functools.partialmethod(print, 1)._make_unbound_method(), None),  # type: ignore[attr-defined]
    ],
)
def test_what_is_disguised_is_left_to_inspect(function: Any, names: list[str] | None) -> None:
    assert not is_plain(function)
    assert simple_hints(function) is None
    if names is not None:
        assert [parameter.name for parameter in parameters_of(function)] == names


def test_without_self() -> None:
    method: Any = types.MethodType(nothing, object())
    with pytest.raises(ValueError, match="as its first parameter"):
        parameters_of(method)


def test_hints_that_take_more_than_a_look() -> None:
    def optional(a: int | None) -> None: ...
    def unknown(a: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821
    @typing.no_type_check
    def unchecked(a: int) -> None: ...

    for function in (optional, unknown, unchecked):
        assert simple_hints(function) is None
    assert resolve_hints(unchecked) == {}
