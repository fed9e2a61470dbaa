"""Turns what tools return into what an encoding can write. Plain values are handed on as they are."""

from __future__ import annotations

import datetime
import enum
import math
import sys
from collections.abc import Mapping
from typing import Any, Protocol

from snakepit_bridge._wire import graceful
from snakepit_bridge._wire.errors import Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.limits import MAX_SAFE_INTEGER
from snakepit_bridge.tensor import ITEM_SIZES, Tensor

_ALWAYS_PLAIN = frozenset({str, bool, type(None)})
#: Floats beyond are integral, and would be read as integers elsewhere.
_INTEGRAL = float(MAX_SAFE_INTEGER + 1)
#: From this length on, a list is first checked as a whole, at the speed of C.
_LONG = 8


class Form(Protocol):
    """How an encoding writes what not every encoding has."""

    def integer(self, value: int) -> Any: ...
    def floating(self, value: float) -> Any: ...
    def binary(self, value: Binary, attachments: list[Binary]) -> Any: ...
    def date(self, value: datetime.datetime) -> Any: ...
    def tensor(self, dtype: str, shape: tuple[int, ...], data: Binary, attachments: list[Binary]) -> Any: ...
    def mapping(self, value: dict[str, Any]) -> Any: ...


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
    for key, item in value.items():
        try:
            name = key if type(key) is str else _key(key)
            new = item if type(item) in _ALWAYS_PLAIN else lower(item, form, parts, depth)
        except Unrepresentable as error:
            raise error.within(key) from None
        if new is not item or name is not key:
            if copy is None:
                copy = {**value}
            if name is not key:
                del copy[key]
            copy[name] = new
    result = value if copy is None else copy
    return form.mapping(result) if "$" in result else result


def _key(key: object) -> str:
    if isinstance(key, str):
        return str(key.value) if isinstance(key, enum.Enum) else str(key)
    if isinstance(key, int) and not isinstance(key, (bool, enum.Enum)):
        return str(int(key))
    raise Unrepresentable(f"a key of type {type(key).__name__}; keys are strings")


def _lower_list(value: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    depth = _deeper(depth)
    if len(value) >= _LONG and _plain_throughout(value):
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


def _plain_throughout(items: Any) -> bool:
    kinds = set(map(type, items))
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
    if isinstance(value, (bytes, bytearray, memoryview)):
        return form.binary(value, parts)
    if isinstance(value, enum.Enum):
        return lower(value.value, form, parts, _deeper(depth))
    if isinstance(value, datetime.datetime) and value.utcoffset() is not None:
        return form.date(value)
    if isinstance(value, Tensor):
        return form.tensor(value.dtype, value.shape, value.data, parts)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return _lower_array(value, form, parts, depth)
    if numpy is not None and isinstance(value, getattr(numpy, "generic", ())):
        return _lower_scalar(value, form, parts, depth)
    for kind, plain in ((str, str), (int, int), (float, float)):
        if isinstance(value, kind):
            return lower(plain(value), form, parts, depth)
    if isinstance(value, Mapping):
        return lower(dict(value), form, parts, depth)
    return lower(graceful.simplify(value), form, parts, _deeper(depth))


def _lower_array(array: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    if array.dtype.name not in ITEM_SIZES:
        return lower(array.tolist(), form, parts, depth)
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    # An array without elements cannot be viewed as bytes.
    data = memoryview(little.reshape(-1).view("uint8")) if array.size else b""
    return form.tensor(array.dtype.name, tuple(int(side) for side in array.shape), data, parts)


def _lower_scalar(scalar: Any, form: Form, parts: list[Binary], depth: int) -> Any:
    plain = scalar.item()
    if type(plain) is type(scalar):
        raise Unrepresentable(f"a value of type {type(scalar).__name__} cannot be sent")
    if isinstance(plain, complex):
        return _lower_array(scalar.reshape(()), form, parts, depth)
    return lower(plain, form, parts, depth)
