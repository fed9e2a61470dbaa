"""Tools annotated in every way that Python allows; hints are text until somebody resolves them."""

from __future__ import annotations

import dataclasses
import enum
import functools
import typing
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Callable, Generic, Literal, NewType, Optional, TypeVar, Union

import numpy as np

from snakepit_bridge import BaseAdapter, tool

if TYPE_CHECKING:
    from decimal import Decimal

    from typing_extensions import Self

    from snakepit_bridge import SessionContext
    from snakepit_bridge import SessionContext as Context

T = TypeVar("T")
UserId = NewType("UserId", int)
Vector = Sequence[float]
SENTINEL = object()


class Color(enum.Enum):
    RED = "red"


class Options(typing.TypedDict, total=False):
    name: str


@dataclasses.dataclass
class Point:
    x: float
    y: float


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        return function(*args, **keywords)

    return wrapper


def untold(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that keeps the signature to itself."""
    return lambda *args, **keywords: function(*args, **keywords)


class Base(BaseAdapter, Generic[T]):
    @tool
    def inherited(self, value: T) -> T:
        return value

    @tool(description="Overridden without a mark")
    def overridden(self, value: int) -> int:
        raise AssertionError


class Annotated(Base[int]):
    def overridden(self, value: int, more: int = 1) -> int:
        return value + more

    @property
    def broken(self) -> int:
        raise AssertionError("a property was read")

    @tool
    def future(self, value: int, ctx: SessionContext, limit: float = 1) -> Any:
        return [value, limit, ctx.session_id]

    @tool
    def context(self, ctx: SessionContext | None = None, other: Optional[SessionContext] = None) -> Any:
        return [ctx is not None, other is None]

    @tool
    def aliased(self, value: int, ctx: Context) -> Any:
        return [value, ctx.session_id]

    @tool
    def aliased_option(self, ctx: Optional[Context] = None) -> Any:
        return ctx and ctx.session_id

    @tool
    def type_checking(self, value: Decimal, many: list[Decimal], count: int) -> Any:
        return [value, many, count]

    @tool
    def optional(self, a: Optional[int], b: int | None = None, c: Union[int, str] = 0) -> Any:
        return [a, b, c]

    @tool
    def literal(self, mode: Literal["a", 1, True, None] = "a", flag: Literal[0, 1] = 0) -> Any:
        return [mode, flag]

    @tool
    def annotated(self, value: typing.Annotated[int, "a number"], options: Options, point: Point) -> Any:
        return [value, options, point]

    @tool
    def defaults(
        self,
        a: int = 1.5,  # type: ignore[assignment]
        b: str = SENTINEL,  # type: ignore[assignment]
        c: Any = SENTINEL,
        d: Any = np.zeros(3),  # noqa: B008
        e: int = 2**70,
        f: str = "\ud800",
        g: float = float("nan"),
        h: dict[str, int] = {},  # noqa: B006
        i: list[int] = None,  # type: ignore[assignment]  # noqa: RUF013
        j: Color = Color.RED,
    ) -> Any:
        return [a, b is SENTINEL, c is SENTINEL, len(d), e, g != g, h, i, j is Color.RED]

    @tool
    def rest(self, first: int, *rest: int, only: int = 0, **extra: int) -> Any:
        return [first, rest, only, extra]

    @tool
    def positional(self, a: int, b: int = 2, /, c: int = 3, *, d: int = 4) -> Any:
        return [a, b, c, d]

    @tool
    def named(self, user: UserId, color: Color, me: Optional[Self] = None) -> Any:
        return [user, color, me]

    @tool
    def numbers(self, flag: bool, whole: int, real: float, vector: Vector) -> Any:
        return [type(value).__name__ for value in (flag, whole, real, *vector)]

    @tool
    def array(self, matrix: np.ndarray, scalar: np.float64 = np.float64(1)) -> Any:  # noqa: B008
        return [type(matrix).__name__, scalar]

    @tool
    @traced
    def wrapped(self, value: int) -> Iterator[int]:
        yield value

    @tool
    @untold
    def hidden(self, value: int) -> int:
        return value

    @tool
    @staticmethod
    def static(value: int) -> int:
        return value

    @tool
    @classmethod
    def of_class(cls, value: int) -> Any:
        return [cls.__name__, value]

    doubled = tool(functools.partialmethod(overridden, more=2))  # type: ignore[call-overload]
