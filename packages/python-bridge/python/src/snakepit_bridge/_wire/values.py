"""Turns what tools return into what an encoding can write. Plain values are handed on as they are."""

from __future__ import annotations

import datetime
import enum
import math
import operator
from typing import Any, Protocol

from snakepit_bridge._wire.errors import Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.graceful import describe, name_of, simplify
from snakepit_bridge._wire.limits import MAX_SAFE_INTEGER
from snakepit_bridge._wire.literals import write_integer
from snakepit_bridge.tensor import Tensor

_ALWAYS_PLAIN = frozenset({str, bool, type(None)})
#: Types whose values need no simplifying.
_NATIVE = frozenset({*_ALWAYS_PLAIN, int, float, dict, list, tuple})
#: Floats beyond are integral, and would be read as integers elsewhere.
_INTEGRAL = float(MAX_SAFE_INTEGER + 1)
#: From this length on, a list is first checked as a whole, at the speed of C.
_LONG = 8
#: Longer lists of numbers may travel in one piece.
_LONGEST_TEXT = 1280
#: How often a value may be replaced by a simpler one, which may be of an odd type again.
_SIMPLIFICATIONS = 16


class Form(Protocol):
    """How an encoding writes what not every encoding has."""

    def integer(self, value: int) -> Any: ...
    def floating(self, value: float) -> Any: ...
    def binary(self, value: Binary, attachments: list[Binary]) -> Any: ...
    def date(self, value: datetime.datetime) -> Any: ...
    def tensor(self, dtype: str, shape: tuple[int, ...], data: Binary, attachments: list[Binary]) -> Any: ...
    def mapping(self, value: dict[str, Any]) -> Any: ...

    def numbers(self, value: Any, kind: type, attachments: list[Binary]) -> Any:
        """A long list in one piece, or None to write it entry by entry.

        :param kind: ``int`` or ``float``; every entry is of this type.
        """


def lower(value: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    """``value``, or a copy in which ``form`` replaced what needed it.

    :param parts: receives binary data that travels beside the rest.
    :param depth: how many levels of containers may follow.
    :raises Unrepresentable: with the path to what cannot travel.
    """
    kind = type(value)
    if kind in _ALWAYS_PLAIN:
        return value
    if kind is int:
        return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else form.integer(value)
    if kind is float:
        plain = -_INTEGRAL < value < _INTEGRAL and (value or _positive(value))
        return value if plain else form.floating(value)
    if kind is dict:
        return _lower_map(value, form, parts, depth)
    if kind is list or kind is tuple:
        return _lower_list(value, form, parts, depth)
    return _lower_other(value, form, parts, depth)


def _positive(zero: float) -> bool:
    return math.copysign(1.0, zero) > 0


def _deeper(depth: int) -> int:
    if depth <= 0:
        raise Unrepresentable("nests too deep, or contains itself")
    return depth - 1


def _lower_map(value: dict[Any, Any], form: Form, parts: list[Binary], depth: int) -> Any:
    depth = _deeper(depth)
    copy = None
    odd = False
    for key, item in value.items():
        odd = odd or type(key) is not str
        try:
            new = item if type(item) in _ALWAYS_PLAIN else lower(item, form, parts, depth)
        except Unrepresentable as error:
            raise error.within(key) from None
        if new is not item:
            if copy is None:
                copy = {**value}
            copy[key] = new
    result = value if copy is None else copy
    if odd:
        result = _with_text_keys(result)
    return form.mapping(result) if "$" in result else result


def _with_text_keys(value: dict[Any, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, item in value.items():
        try:
            name = key if type(key) is str else _key(key)
            if name in renamed:
                raise Unrepresentable(f"more than one key is {name!r} as text")
        except Unrepresentable as error:
            raise error.within(key) from None
        renamed[name] = item
    return renamed


def _key(key: object) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    if not isinstance(key, bool) and hasattr(type(key), "__index__"):
        return write_integer(operator.index(key))  # type: ignore[arg-type]
    raise Unrepresentable(f"a key of type {name_of(key)}; keys are strings or integers")


def _lower_list(value: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    depth = _deeper(depth)
    if len(value) >= _LONG:
        kinds = set(map(type, value))
        if len(value) > _LONGEST_TEXT and (kinds == {float} or kinds == {int}):
            packed = form.numbers(value, type(value[0]), parts)
            if packed is not None:
                return packed
        if _plain_throughout(value, kinds):
            return value
    copy = None
    for index, item in enumerate(value):
        try:
            new = lower(item, form, parts, depth)
        except Unrepresentable as error:
            raise error.within(index) from None
        if new is not item:
            if copy is None:
                copy = list(value)
            copy[index] = new
    return value if copy is None else copy


def _plain_throughout(items: Any, kinds: set[type]) -> bool:
    if kinds <= _ALWAYS_PLAIN:
        return True
    if kinds == {int}:
        return bool(min(items) >= -MAX_SAFE_INTEGER and max(items) <= MAX_SAFE_INTEGER)
    if kinds == {float}:
        # A sum with a NaN or an infinity in it is one itself.
        finite = math.isfinite(sum(items)) and 0.0 not in items
        return finite and bool(min(items) > -_INTEGRAL and max(items) < _INTEGRAL)
    return False


def _lower_other(value: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    simpler = value
    for _ in range(_SIMPLIFICATIONS):
        if isinstance(simpler, (bytes, bytearray, memoryview)):
            return form.binary(simpler, parts)
        if isinstance(simpler, Tensor):
            return form.tensor(simpler.dtype, simpler.shape, simpler.data, parts)
        try:
            if isinstance(simpler, datetime.datetime) and _has_zone(simpler):
                return form.date(simpler)
            simpler = simplify(simpler)
        except Unrepresentable:
            raise
        except Exception as error:
            raise Unrepresentable(
                f"a value of type {name_of(value)} failed to convert itself: {describe(error)}"
            ) from error
        if type(simpler) in _NATIVE:
            return lower(simpler, form, parts, depth)
    raise Unrepresentable(f"a value of type {name_of(value)} converts itself without end")


def _has_zone(value: datetime.datetime) -> bool:
    """pandas has a datetime that is not one; it is unequal to itself."""
    return value == value and value.utcoffset() is not None
