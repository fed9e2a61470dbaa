"""Tools annotated in many ways: callers may send what Python would take."""

from __future__ import annotations

import enum
import functools
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NewType, Optional, TypedDict, TypeVar, Union

from snakepit_bridge import BaseAdapter, telemetry, tool

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy as np

    from snakepit_bridge import SessionContext
    from snakepit_bridge import SessionContext as Context

T = TypeVar("T")
UserId = NewType("UserId", int)
UNSET = object()


class Color(enum.Enum):
    RED = "red"


class Options(TypedDict, total=False):
    name: str


class Base(BaseAdapter):
    @tool
    def inherited(self, value: T) -> T:
        return value


class Annotations(Base):
    @property
    def broken(self) -> None:
        raise AssertionError("a property was read")

    @tool
    def numbers(self, whole: int, real: float, many: Sequence[float] = ()) -> Any:
        return [type(value).__name__ for value in (whole, real, *many)]

    @tool
    def sequences(self, names: Sequence[str], nested: Mapping[str, Sequence[int]]) -> Any:
        return [list(names), {key: list(value) for key, value in nested.items()}]

    @tool
    def aliased(self, value: int, ctx: Context) -> Any:
        return [value, ctx.session_id]

    @tool
    def hidden(self, value: Decimal, ctx: SessionContext, user: UserId = UserId(1)) -> Any:
        return [value, user, ctx.session_id]

    @tool
    def optional(self, a: Optional[int] = None, b: Union[int, str] = 0, c: int | None = None) -> Any:
        return [a, b, c]

    @tool
    def literal(self, mode: Literal["fast", 1, None] = "fast") -> Any:
        return mode

    @tool
    def structured(self, options: Options, color: Color = Color.RED, note: str = UNSET) -> Any:  # type: ignore[assignment]
        return [options, color, note is UNSET]

    @tool
    def default(self, limit: int = 0.5) -> Any:  # type: ignore[assignment]
        return limit

    @tool
    def rest(self, first: int, *rest: int, only: int = 0, **extra: Any) -> Any:
        return [first, rest, only, extra]

    @tool
    def positional(self, a: int, b: int = 2, /) -> Any:
        return [a, b]

    @tool
    def array(self, matrix: np.ndarray) -> Any:  # type: ignore[type-arg]
        return [type(matrix).__name__, float(matrix.sum())]

    only_one = functools.partialmethod(rest, only=1)

    @tool
    def measured(self) -> None:
        with telemetry.span("work", {"kind": "test"}) as span:
            span.measurements["rows"] = 7
            time.sleep(0)
