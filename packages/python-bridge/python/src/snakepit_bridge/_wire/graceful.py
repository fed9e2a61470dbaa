"""Values of types that the protocol does not know: what stands for them."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import os
import struct
import uuid
from collections.abc import Mapping, Sequence, Set, ValuesView
from typing import Any, Callable, Optional

from snakepit_bridge._wire.arrays import is_dtype, is_of_numpy, simplify_array
from snakepit_bridge._wire.errors import Unrepresentable
from snakepit_bridge.tensor import Tensor

#: ``marker`` sends a description in place of a value that nothing can be done with, ``error`` refuses it.
POLICY_VARIABLE = "SNAKEPIT_UNSERIALIZABLE"

_REPR_LENGTH = 200

Converter = Callable[[Any], Any]

#: For each group of types what becomes of their values; the first that fits counts.
_RULES: tuple[tuple[tuple[type, ...], Converter], ...] = (
    ((enum.Enum,), lambda value: value.value),
    ((str,), str.__str__),
    ((int,), int.__int__),
    ((float,), float.__float__),
    ((Mapping,), dict),
    ((Set,), list),
    ((os.PathLike,), os.fspath),
    ((decimal.Decimal, fractions.Fraction, uuid.UUID), str),
    ((datetime.timedelta,), datetime.timedelta.total_seconds),
    ((complex,), lambda value: Tensor("complex128", (), struct.pack("<2d", value.real, value.imag))),
)
_SEQUENCES = (Sequence, ValuesView, collections.deque)


def simplify(value: Any) -> Any:
    """Something simpler that stands for ``value``; it may need to be simplified again.

    :raises Unrepresentable: there is nothing simpler.
    """
    if is_of_numpy(value):
        return simplify_array(value)
    if isinstance(value, type):
        return _marker(value)
    if is_dtype(value):
        return value.name
    for kinds, convert in _RULES:
        if isinstance(value, kinds):
            return convert(value)
    if isinstance(value, datetime.datetime) and value != value:
        # Not a time, as pandas calls it.
        return None
    method = _method(value, "model_dump", "to_dict", "_asdict") or _old_model(value)
    if method is not None:
        return method()
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    method = _method(value, "tolist", "isoformat")
    if method is not None:
        return method()
    return list(value) if isinstance(value, _SEQUENCES) else _marker(value)


def name_of(value: Any) -> str:
    """The name of a value's type, for messages."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def describe(error: Exception) -> str:
    """The text of an error, whatever it does."""
    return _safe(str, error)


def _method(value: Any, *names: str) -> Optional[Callable[[], Any]]:
    for name in names:
        method = getattr(value, name, None)
        if callable(method):
            return method  # type: ignore[no-any-return]
    return None


def _old_model(value: Any) -> Optional[Callable[[], Any]]:
    """What pydantic called ``model_dump`` before version 2."""
    return _method(value, "dict") if hasattr(value, "__fields__") else None


def _marker(value: Any) -> dict[str, str]:
    if os.environ.get(POLICY_VARIABLE, "marker") == "error":
        raise Unrepresentable(f"a value of type {name_of(value)} cannot be sent")
    return {"__type__": name_of(value), "__repr__": _safe(repr, value)[:_REPR_LENGTH]}


def _safe(describe: Callable[[Any], str], value: Any) -> str:
    try:
        text = describe(value)
    except Exception:
        return f"<{name_of(value)} that cannot be described>"
    return text.encode("utf-8", "backslashreplace").decode()
