"""What a function takes, read off its code where that says everything.

`inspect` and `typing` know every case, and take several times as long to find out about the usual one.
"""

from __future__ import annotations

import builtins
import inspect
from types import CodeType, FunctionType, MethodType
from typing import Any, Callable, NamedTuple

from snakepit_bridge.tools import MARK

POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
POSITIONAL_OR_KEYWORD = inspect.Parameter.POSITIONAL_OR_KEYWORD
VAR_POSITIONAL = inspect.Parameter.VAR_POSITIONAL
KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
VAR_KEYWORD = inspect.Parameter.VAR_KEYWORD
#: There is no default, or no annotation.
NOTHING = inspect.Parameter.empty

#: Attributes that do not.
_HARMLESS = {MARK}


class Parameter(NamedTuple):
    """As in `inspect`."""

    name: str
    kind: Any
    default: Any
    annotation: Any


def parameters_of(function: Callable[..., Any]) -> list[Parameter]:
    """What a method takes beside ``self``.

    :raises ValueError: it cannot be known; the message says what to do.
    """
    plain = function.__func__ if isinstance(function, MethodType) else function
    if is_plain(plain):
        found = _of_code(plain.__code__, plain)
        if plain is function:
            return found
        if found and found[0].kind in (POSITIONAL_ONLY, POSITIONAL_OR_KEYWORD):
            return found[1:]
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        advice = "define it with `def`, and `self` as its first parameter"
        raise ValueError(f"its parameters cannot be known ({error}); {advice}") from None
    return [Parameter(p.name, p.kind, p.default, p.annotation) for p in signature.parameters.values()]


def is_plain(function: Any) -> bool:
    """Whether ``function`` was written with ``def``, and bears nothing that changes what it seems to take."""
    return type(function) is FunctionType and vars(function).keys() <= _HARMLESS


def simple_hints(function: Any) -> dict[str, type] | None:
    """The hints of parameters where each names a class; None: it takes more than a look to tell."""
    if not is_plain(function) or bool(getattr(function, "__type_params__", None)):
        return None
    hints: dict[str, type] = {}
    for name, hint in function.__annotations__.items():
        if name == "return":
            continue
        if type(hint) is str:
            hint = function.__globals__.get(hint, vars(builtins).get(hint))
        if type(hint) is not type:
            return None
        hints[name] = hint
    return hints


def _of_code(code: CodeType, function: Any) -> list[Parameter]:
    names, count = code.co_varnames, code.co_argcount
    end = count + code.co_kwonlyargcount
    annotations = function.__annotations__
    defaults = function.__defaults__ or ()
    by_keyword = function.__kwdefaults__ or {}
    without = count - len(defaults)
    found = []

    def add(name: str, kind: Any, default: Any = NOTHING) -> None:
        found.append(Parameter(name, kind, default, annotations.get(name, NOTHING)))

    for index, name in enumerate(names[:count]):
        kind = POSITIONAL_ONLY if index < code.co_posonlyargcount else POSITIONAL_OR_KEYWORD
        add(name, kind, NOTHING if index < without else defaults[index - without])
    if code.co_flags & inspect.CO_VARARGS:
        add(names[end], VAR_POSITIONAL)
        end += 1
    for name in names[count : count + code.co_kwonlyargcount]:
        add(name, KEYWORD_ONLY, by_keyword.get(name, NOTHING))
    if code.co_flags & inspect.CO_VARKEYWORDS:
        add(names[end], VAR_KEYWORD)
    return found
