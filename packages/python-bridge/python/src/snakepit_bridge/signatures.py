"""What a tool can be called with, worked out once from its signature."""

from __future__ import annotations

import json
from collections.abc import KeysView
from typing import Any, Callable

from snakepit_bridge.hints import is_context, resolve_hints, wire_type
from snakepit_bridge.parameters import (
    NOTHING,
    POSITIONAL_ONLY,
    VAR_KEYWORD,
    VAR_POSITIONAL,
    Parameter,
    parameters_of,
)
from snakepit_bridge.session_context import CallScope

#: Integers of as many digits, a sign included, are certainly safe in JavaScript.
_SAFE_DIGITS = 15
#: What numeric types take beside their own.
_NARROWER = {"integer": ("boolean",), "number": ("boolean", "integer")}


class BadArgument(Exception):
    """A call does not fit the signature. ``key`` is the parameter at fault."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


class Signature:
    """The parameters of a tool: declared ones, and those that receive the session context."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.parameters: list[dict[str, Any]] = []
        self.extra = False
        self._contexts: list[str] = []
        self._positional: list[tuple[str, Any]] = []
        hints = resolve_hints(function)
        for parameter in parameters_of(function):
            self._add(parameter, hints.get(parameter.name, parameter.annotation))
        self._names = frozenset(spec["name"] for spec in self.parameters)
        self._required = frozenset(spec["name"] for spec in self.parameters if spec["required"])

    def bind(self, arguments: dict[str, Any], scope: CallScope) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments for the function. Takes ``arguments`` over.

        :raises BadArgument: one is missing, or there is no such parameter.
        """
        names = arguments.keys()
        if names != self._names:
            self._check(names)
        for name in self._contexts:
            arguments[name] = scope.context
        if not self._positional:
            return (), arguments
        return tuple(arguments.pop(name, default) for name, default in self._positional), arguments

    def _check(self, names: KeysView[str]) -> None:
        if not self._required <= names:
            key = next(
                spec["name"] for spec in self.parameters if spec["required"] and spec["name"] not in names
            )
            raise BadArgument(key, f"missing parameter {key!r}")
        if not self.extra and not names <= self._names:
            key = next(name for name in names if name not in self._names)
            raise BadArgument(key, f"unexpected parameter {key!r}")

    def _add(self, parameter: Parameter, hint: Any) -> None:
        if parameter.kind is VAR_POSITIONAL:
            return
        if parameter.kind is VAR_KEYWORD:
            self.extra = True
            return
        if parameter.kind is POSITIONAL_ONLY:
            self._positional.append((parameter.name, parameter.default))
        if is_context(parameter.name, hint):
            self._contexts.append(parameter.name)
        else:
            self.parameters.append(_declare(parameter, hint))


def _declare(parameter: Parameter, hint: Any) -> dict[str, Any]:
    kind = "any" if hint is NOTHING else wire_type(hint)
    required = parameter.default is NOTHING
    spec = {"name": parameter.name, "type": kind, "required": required}
    if required:
        return spec
    spec["type"] = _or_default(kind, parameter.default)
    if _fits_json(parameter.default):
        spec["default"] = parameter.default
    return spec


def _or_default(kind: Any, default: Any) -> Any:
    """``name: str = None`` takes None as well, and ``limit: int = 0.5`` a float."""
    choices = kind["anyOf"] if isinstance(kind, dict) and "anyOf" in kind else [kind]
    own = wire_type(type(default))
    if own == "any" or "any" in choices or any(_takes(choice, own, default) for choice in choices):
        return kind
    return {"anyOf": [*choices, own]}


def _takes(kind: Any, own: str, default: Any) -> bool:
    """Whether a declared type takes a default whose own type is ``own``."""
    if isinstance(kind, str):
        return own in (kind, *_NARROWER.get(kind, ()))
    return default in kind["literal"] if "literal" in kind else own in kind


def _fits_json(value: Any) -> bool:
    """Whether a default is written by JSON as it is, without any tag."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
        return bool(json.loads(text, parse_int=_safe_integer) == value) and '"$"' not in text
    except Exception:
        # Comparing may fail in any way: NumPy's arrays, for instance, are neither equal nor not.
        return False


def _safe_integer(digits: str) -> int:
    """:raises ValueError: JavaScript has no number for it."""
    if len(digits) > _SAFE_DIGITS:
        raise ValueError(digits)
    return int(digits)
