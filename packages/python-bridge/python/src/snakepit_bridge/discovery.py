"""Finds the tools of an adapter, in whichever style it is written."""

from __future__ import annotations

import inspect
from typing import Any, Callable, NamedTuple

from snakepit_bridge.base_adapter import BaseAdapter
from snakepit_bridge.session_context import CallScope
from snakepit_bridge.signatures import BadArgument, Signature
from snakepit_bridge.tools import MARK, ToolMark

__all__ = ["BadArgument", "Discovered", "Tool", "discover", "find_hook"]

_HOOKS = frozenset({"initialize", "cleanup", "set_session_context", "execute_tool"})
_COMMAND_PREFIX = "execute_"

#: Positional and keyword arguments.
Bound = tuple[tuple[Any, ...], dict[str, Any]]


class Tool:
    """Something the host can call."""

    def __init__(self, name: str, function: Callable[..., Any], mark: ToolMark | None = None) -> None:
        self.name = name
        self.function = function
        self.description = (mark.description if mark else "") or _summary(function)
        self.streaming = bool(mark and mark.supports_streaming) or _generates(function)
        self.bind: Callable[[dict[str, Any], CallScope], Bound]
        self._use_signature(function)

    def declare(self) -> dict[str, Any]:
        """For the hello."""
        return {
            "name": self.name,
            "description": self.description,
            "streaming": self.streaming,
            "extra": self.extra,
            "parameters": self.parameters,
        }

    def _use_signature(self, function: Callable[..., Any]) -> None:
        signature = Signature(function)
        self.parameters = signature.parameters
        self.extra = signature.extra
        self.bind = signature.bind


class CommandTool(Tool):
    """A method that takes all arguments as one dictionary."""

    def _use_signature(self, function: Callable[..., Any]) -> None:
        self.parameters = []
        self.extra = True
        self.bind = lambda arguments, _scope: ((arguments,), {})


class DispatchTool(Tool):
    """A name that the adapter's own ``execute_tool`` knows what to do with."""

    def _use_signature(self, function: Callable[..., Any]) -> None:
        count = len(inspect.signature(function).parameters)
        self.parameters = []
        self.extra = True
        self.streaming = False
        self.bind = lambda arguments, scope: ((self.name, arguments, scope.context)[:count], {})


class Discovered(NamedTuple):
    """``any_name`` makes a tool of a name that is not declared, for adapters that dispatch themselves."""

    tools: list[Tool]
    any_name: Callable[[str], Tool] | None


def discover(adapter: object) -> Discovered:
    """Marked methods and ``execute_<command>`` methods; without any of them, all public methods."""
    methods = _methods(adapter)
    tools = [_marked(name, method) for name, method in methods.items() if hasattr(method, MARK)]
    names = {tool.name for tool in tools}
    commands = [_command(name, method) for name, method in methods.items() if _is_command(name, method)]
    tools += [tool for tool in commands if tool.name not in names]
    dispatch = find_hook(adapter, "execute_tool")
    if not tools and dispatch is None:
        tools = [Tool(name, method) for name, method in methods.items() if name not in _HOOKS]
    any_name = None if dispatch is None else lambda name: DispatchTool(name, dispatch)
    return Discovered(tools, any_name)


def find_hook(adapter: object, name: str) -> Callable[..., Any] | None:
    """The adapter's own method of this name, unless it is a tool."""
    method = getattr(adapter, name, None)
    return method if callable(method) and not hasattr(method, MARK) else None


def _methods(adapter: object) -> dict[str, Callable[..., Any]]:
    """Public methods in the order of their definition, base classes first."""
    names: dict[str, None] = {}
    for base in reversed(type(adapter).__mro__):
        if base not in (object, BaseAdapter):
            names.update(dict.fromkeys(name for name in vars(base) if not name.startswith("_")))
    methods = {}
    for name in names:
        # Reading a property could run anything.
        static = inspect.getattr_static(adapter, name)
        if isinstance(static, (staticmethod, classmethod)) or inspect.isroutine(static):
            methods[name] = getattr(adapter, name)
    return methods


def _marked(name: str, method: Callable[..., Any]) -> Tool:
    return Tool(name, method, getattr(method, MARK))


def _is_command(name: str, method: Callable[..., Any]) -> bool:
    if not name.startswith(_COMMAND_PREFIX) or name in _HOOKS or hasattr(method, MARK):
        return False
    parameters = list(inspect.signature(method).parameters.values())
    return len(parameters) == 1 and parameters[0].kind is not inspect.Parameter.KEYWORD_ONLY


def _command(name: str, method: Callable[..., Any]) -> Tool:
    return CommandTool(name[len(_COMMAND_PREFIX) :], method)


def _generates(function: Callable[..., Any]) -> bool:
    target = inspect.unwrap(getattr(function, "__func__", function))
    return inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target)


def _summary(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
