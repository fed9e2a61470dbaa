"""Type hints as the types of declared parameters."""

from __future__ import annotations

import collections.abc
import datetime
import inspect
import typing
from typing import Any, Callable

from snakepit_bridge.session_context import SessionContext

_SIMPLE: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
    datetime.datetime: "date",
    list: "array",
    tuple: "array",
    set: "array",
    frozenset: "array",
    dict: "object",
    type(None): "null",
    None: "null",
}
_LISTS = (list, set, frozenset, collections.abc.Sequence, collections.abc.MutableSequence)
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def resolve_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The hints of a function's parameters. What cannot be resolved stays a string, or is ``Any``."""
    target = inspect.unwrap(getattr(function, "__func__", function))
    try:
        return typing.get_type_hints(target)
    except Exception:
        raw = getattr(target, "__annotations__", {})
        return {name: _resolve_one(name, hint, target) for name, hint in raw.items()}


def _resolve_one(name: str, hint: Any, function: Callable[..., Any]) -> Any:
    holder = type("_Holder", (), {"__annotations__": {name: hint}})
    try:
        return typing.get_type_hints(holder, getattr(function, "__globals__", {}))[name]
    except Exception:
        return hint


def is_context(name: str, hint: Any) -> bool:
    """Whether a parameter asks for the session context."""
    if hint is inspect.Parameter.empty or hint is Any:
        return name == "ctx"
    if isinstance(hint, str):
        return hint.replace("Optional[", "").rstrip("]").rpartition(".")[2] == SessionContext.__name__
    return hint is SessionContext or SessionContext in typing.get_args(hint)


def wire_type(hint: Any) -> Any:
    """The declared type, never stricter than Python itself: where there is doubt, ``any``."""
    try:
        if hint in _SIMPLE:
            return _SIMPLE[hint]
    except TypeError:
        return "any"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return _literal(arguments)
    if _is_union(origin):
        return _union([wire_type(argument) for argument in arguments])
    if origin in _LISTS and len(arguments) == 1:
        return _nested("array", arguments[0])
    if origin in _MAPS and len(arguments) == 2:
        return _nested("object", arguments[1])
    if origin is tuple:
        return "array"
    if typing.is_typeddict(hint) if hasattr(typing, "is_typeddict") else False:
        return "object"
    supertype = getattr(hint, "__supertype__", None)
    return "any" if supertype is None else wire_type(supertype)


def _is_union(origin: Any) -> bool:
    return origin is typing.Union or getattr(origin, "__name__", "") == "UnionType"


def _literal(values: tuple[Any, ...]) -> Any:
    if all(value is None or type(value) in (str, int, bool) for value in values):
        return {"literal": list(values)}
    return "any"


def _union(members: list[Any]) -> Any:
    return "any" if "any" in members else {"anyOf": members}


def _nested(kind: str, hint: Any) -> Any:
    inner = wire_type(hint)
    return kind if inner == "any" else {kind: inner}
