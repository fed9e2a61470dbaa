"""Tools about what goes in and comes out."""

from __future__ import annotations

import os
import sys
from typing import Any, Literal


class Unprintable(Exception):
    """Its text and its description cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Opaque:
    """Nothing that could be sent."""

    def __repr__(self) -> str:
        return "<nothing that could be sent>"


class Inputs:
    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: Any) -> Any:
        return value

    def describe(self, value: Any) -> list[str]:
        """What Python sees: the type and the text."""
        return [type(value).__name__, repr(value)]

    def shout(self, text: str, times: int, mark: Literal["!", "?"] = "!") -> str:
        return text * times + mark

    def power(self, base: int, exponent: int) -> int:
        return int(base**exponent)

    def text(self, codes: list[int]) -> dict[str, Any]:
        """What the system makes of such a name of a file: what is no UTF-8 becomes half of a character."""
        return {"names": ["fine", os.fsdecode(bytes(codes))]}

    def half(self) -> list[Any]:
        return [{"text": "\ud83d"}]

    def circular(self) -> list[Any]:
        rows: list[Any] = [1]
        rows.append({"self": rows})
        return rows

    def deep(self, levels: int) -> list[Any]:
        value: list[Any] = []
        for _ in range(levels):
            value = [value]
        return value

    def odd_keys(self) -> dict[str, Any]:
        return {
            "__proto__": {"polluted": 1},
            "constructor": {"prototype": {"polluted": 2}},
            "": 3,
            "$": "map",
        }

    def opaque(self) -> dict[str, Any]:
        return {"rows": [1, Opaque()]}

    def keyed(self) -> dict[Any, Any]:
        return {(1, 2): "a tuple"}

    def unprintable(self) -> None:
        raise Unprintable

    def group(self) -> None:
        if sys.version_info < (3, 11):
            raise ValueError("several: (2 sub-exceptions) first, second")
        raise ExceptionGroup("several", [ValueError("first"), KeyError("second")])  # noqa: F821

    def chained(self) -> None:
        try:
            raise KeyError("cause")
        except KeyError as cause:
            try:
                raise Unprintable from cause
            except Unprintable as error:
                raise ValueError("effect") from error

    def from_itself(self) -> None:
        """A chain without an end."""
        first, second = ValueError("first"), ValueError("second")
        first.__cause__, second.__cause__ = second, first
        raise first
