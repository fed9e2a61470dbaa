"""Type hints as the types of declared parameters."""

from __future__ import annotations

import collections.abc
import datetime
import functools
import inspect
import re
import typing
from typing import Any, Callable

from snakepit_bridge.parameters import NOTHING, simple_hints
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
#: Levels of a declared type.
_MAX_DEPTH = 8
#: `Sequence` is none of them: texts, bytes and arrays are sequences, too.
_LISTS = (list, set, frozenset, collections.abc.MutableSequence)
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def resolve_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The hints of a function's parameters. What cannot be resolved stays a string, or is ``Any``."""
    target = plain_function(function)
    try:
        simple = simple_hints(target)
        if simple is not None:
            return simple
        return typing.get_type_hints(target)
    except Exception:
        raw = getattr(target, "__annotations__", {})
        return {name: _resolve_one(name, hint, target) for name, hint in raw.items()}


def plain_function(function: Any) -> Any:
    """What was wrapped, bound or filled in."""
    while True:
        if hasattr(function, "__wrapped__"):
            function = inspect.unwrap(function)
        inner = getattr(function, "__func__", None)
        if inner is None and isinstance(function, functools.partial):
            inner = function.func
        if inner is None:
            return function
        function = inner


def _resolve_one(name: str, hint: Any, function: Callable[..., Any]) -> Any:
    holder = type("_Holder", (), {"__annotations__": {name: hint}})
    try:
        return typing.get_type_hints(holder, getattr(function, "__globals__", {}))[name]
    except Exception:
        return hint


def is_context(name: str, hint: Any) -> bool:
    """Whether a parameter asks for the session context."""
    if hint is NOTHING or hint is Any:
        return name == "ctx"
    return any(_means_context(name, choice) for choice in (hint, *typing.get_args(hint)))


def _means_context(name: str, hint: Any) -> bool:
    """A hint that could not be resolved is read as text: ``Optional["SessionContext"]``.

    The text may also be an alias that is imported for type checkers alone; then the name decides.
    """
    text = hint.__forward_arg__ if isinstance(hint, typing.ForwardRef) else hint
    if isinstance(text, str):
        return name == "ctx" or SessionContext.__name__ in re.findall(r"\w+", text)
    return hint is SessionContext


def wire_type(hint: Any, depth: int = 0) -> Any:
    """The declared type, never stricter than Python itself: where there is doubt, ``any``."""
    try:
        # A type may be made of itself.
        return "any" if depth > _MAX_DEPTH else _wire_type(hint, depth + 1)
    except Exception:
        # Hints may be any objects, and may refuse to be compared, hashed or looked into.
        return "any"


def _wire_type(hint: Any, depth: int) -> Any:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hasattr(hint, "__metadata__"):
        return wire_type(hint.__origin__, depth)
    if origin is typing.Literal:
        return _literal(arguments)
    if _is_union(origin):
        return _union([wire_type(argument, depth) for argument in arguments])
    if origin in _LISTS and len(arguments) == 1:
        return _nested("array", arguments[0], depth)
    if origin in _MAPS and len(arguments) == 2:
        return _nested("object", arguments[1], depth)
    if origin is tuple:
        return "array"
    if isinstance(hint, type) and issubclass(hint, dict) and hasattr(hint, "__total__"):
        return "object"
    # A `NewType`, and what `type Name = …` made.
    meant = getattr(hint, "__supertype__", None) or getattr(hint, "__value__", None)
    return "any" if meant is None or origin is not None else wire_type(meant, depth)


def _is_union(origin: Any) -> bool:
    return origin is typing.Union or getattr(origin, "__name__", "") == "UnionType"


def _literal(values: tuple[Any, ...]) -> Any:
    if all(value is None or type(value) in (str, int, bool) for value in values):
        return {"literal": list(values)}
    return "any"


def _union(members: list[Any]) -> Any:
    return "any" if "any" in members else {"anyOf": members}


def _nested(kind: str, hint: Any, depth: int) -> Any:
    inner = wire_type(hint, depth)
    return kind if inner == "any" else {kind: inner}
