"""The methods of an adapter, found without running any of its code."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any, Callable

from snakepit_bridge.base_adapter import BaseAdapter
from snakepit_bridge.tools import MARK

Method = Callable[..., Any]

#: Not callable themselves, but what they give is.
_WRAPPERS = (staticmethod, classmethod, functools.partialmethod)
#: What built-in types bring along, `dict.keys` for instance; and what binds itself in some Pythons only.
_NO_METHODS = (types.MethodDescriptorType, types.ClassMethodDescriptorType, functools.partial)


def public_methods(adapter: object) -> dict[str, Method]:
    """In the order of their definition, base classes first."""
    names: dict[str, None] = {}
    for base in reversed(type(adapter).__mro__):
        if base not in (object, BaseAdapter):
            names.update(dict.fromkeys(name for name in vars(base) if not name.startswith("_")))
    # Reading a property, cached or not, could run anything.
    return {
        name: getattr(adapter, name) for name in names if _is_method(inspect.getattr_static(adapter, name))
    }


def find_hook(adapter: object, name: str) -> Method | None:
    """The adapter's own method of this name, unless it is a tool."""
    method = getattr(adapter, name, None)
    return method if callable(method) and not hasattr(method, MARK) else None


def _is_method(static: object) -> bool:
    """A function binds itself to the adapter; a class or `math.log` as an attribute does not."""
    if isinstance(static, _WRAPPERS):
        return True
    return callable(static) and hasattr(type(static), "__get__") and not isinstance(static, _NO_METHODS)
