"""The methods of an adapter, found without running any of its code."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any, Callable

from snakepit_bridge.tools import MARK, ToolMark

Method = Callable[..., Any]

_BRIDGE = __name__.partition(".")[0]
#: Not callable themselves, but what they give is.
_WRAPPERS = (staticmethod, classmethod, functools.partialmethod)
#: What built-in types bring along, `dict.keys` for instance; and what binds itself in some Pythons only.
_NO_METHODS = (types.MethodDescriptorType, types.ClassMethodDescriptorType, functools.partial)


def public_methods(adapter: object) -> dict[str, Method]:
    """In the order of their definition, base classes first."""
    names: dict[str, None] = {}
    for base in reversed(type(adapter).__mro__):
        names.update(dict.fromkeys(name for name in vars(base) if _is_offered(base, name)))
    # Reading a property, cached or not, could run anything.
    return {
        name: getattr(adapter, name) for name in names if _is_method(inspect.getattr_static(adapter, name))
    }


def mark_of(adapter: object, name: str) -> ToolMark | None:
    """What ``@tool`` was told about a method. Who overrides a tool need not mark it again."""
    for base in type(adapter).__mro__:
        mark = _mark(vars(base).get(name))
        if mark is not None:
            return mark
    return None


def find_hook(adapter: object, name: str) -> Method | None:
    """The adapter's own method of this name, unless it is a tool."""
    if not _is_method(inspect.getattr_static(adapter, name, None)) or mark_of(adapter, name) is not None:
        return None
    method: Method = getattr(adapter, name)
    return method


def _is_offered(base: type, name: str) -> bool:
    """What the bridge's own classes bring along is no tool, unless it is marked as one."""
    if name.startswith("_") or base is object:
        return False
    return base.__module__.partition(".")[0] != _BRIDGE or _mark(vars(base)[name]) is not None


def _mark(static: object) -> ToolMark | None:
    """Of a method as it stands in its class. The mark may be on the wrapper, or on what is wrapped."""
    for candidate in (static, getattr(static, "__func__", None), getattr(static, "func", None)):
        mark = getattr(candidate, MARK, None)
        if isinstance(mark, ToolMark):
            return mark
    return None


def _is_method(static: object) -> bool:
    """A function binds itself to the adapter; a class or `math.log` as an attribute does not."""
    if isinstance(static, _WRAPPERS):
        return True
    return callable(static) and hasattr(type(static), "__get__") and not isinstance(static, _NO_METHODS)
