"""The last resort for values of a type that the protocol does not know."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Callable

from snakepit_bridge._wire.errors import Unrepresentable

#: ``marker`` sends a description in place of a value that nothing can be done with, ``error`` refuses it.
POLICY_VARIABLE = "SNAKEPIT_UNSERIALIZABLE"

_AS_LIST = (set, frozenset)
_CONVERTERS = ("model_dump", "to_dict", "_asdict", "tolist", "isoformat")
_REPR_LENGTH = 200


def simplify(value: Any) -> Any:
    """Something simpler that stands for ``value``; it may need to be simplified again.

    :raises Unrepresentable: there is nothing simpler.
    """
    if isinstance(value, _AS_LIST):
        return list(value)
    convert = _converter(value)
    if convert is None:
        if isinstance(value, (list, tuple)):
            return list(value)
        return _marker(value)
    try:
        return convert()
    except Exception as error:
        raise Unrepresentable(
            f"a value of type {_name(value)} failed to convert itself: {_safe(str, error)}"
        ) from error


def _converter(value: Any) -> Callable[[], Any] | None:
    if isinstance(value, type):
        return None
    if _is_text_like(value):
        return lambda: str(value)
    for name in _CONVERTERS[:3]:
        method = getattr(value, name, None)
        if callable(method):
            return method  # type: ignore[no-any-return]
    if dataclasses.is_dataclass(value):
        return lambda: {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    for name in _CONVERTERS[3:]:
        method = getattr(value, name, None)
        if callable(method):
            return method  # type: ignore[no-any-return]
    return None


def _is_text_like(value: Any) -> bool:
    if isinstance(value, os.PathLike):
        return True
    kind = type(value)
    return (kind.__module__, kind.__name__) in {("decimal", "Decimal"), ("uuid", "UUID")}


def _marker(value: Any) -> dict[str, str]:
    if os.environ.get(POLICY_VARIABLE, "marker") == "error":
        raise Unrepresentable(f"a value of type {_name(value)} cannot be sent")
    return {"__type__": _name(value), "__repr__": _safe(repr, value)[:_REPR_LENGTH]}


def _name(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _safe(describe: Callable[[Any], str], value: Any) -> str:
    try:
        text = describe(value)
    except Exception:
        return f"<{_name(value)} that cannot be described>"
    return text.encode("utf-8", "backslashreplace").decode()
