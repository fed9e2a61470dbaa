"""Finds the tools of an adapter, in whichever style it is written."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

from snakepit_bridge.command_handler import BaseCommandHandler, commands_of
from snakepit_bridge.hints import plain_function
from snakepit_bridge.methods import Method, find_hook, mark_of, public_methods
from snakepit_bridge.parameters import KEYWORD_ONLY, VAR_KEYWORD, is_plain, parameters_of
from snakepit_bridge.session_context import CallScope
from snakepit_bridge.signatures import Signature
from snakepit_bridge.tools import ToolMark

_HOOKS = frozenset({"initialize", "cleanup", "cleanup_session", "set_session_context", "execute_tool"})
_COMMAND_PREFIX = "execute_"
_BY_KEYWORD = (KEYWORD_ONLY, VAR_KEYWORD)
_GENERATES = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z", re.ASCII)
_MAX_NAME_BYTES = 64
#: Tools with such names belong to the protocol.
RESERVED = "snakepit."

#: Positional and keyword arguments.
Bound = tuple[tuple[Any, ...], dict[str, Any]]


class Tool:
    """Something the host can call."""

    def __init__(self, name: str, function: Method, mark: ToolMark | None = None) -> None:
        self.name = name
        self.function = function
        self.description = (mark.description if mark else "") or _summary(function)
        self.streaming = bool(mark and mark.supports_streaming) or _generates(function)
        #: Session variables without which it is not called.
        self.required_variables = mark.required_variables if mark else ()
        self.bind: Callable[[dict[str, Any], CallScope], Bound]
        self._use_signature(function)

    def method_of(self, adapter: object) -> Method:
        """The same method of another instance of the adapter."""
        return getattr(adapter, self.name)  # type: ignore[no-any-return]

    def declare(self) -> dict[str, Any]:
        """For the hello."""
        return {
            "name": self.name,
            "description": self.description,
            "streaming": self.streaming,
            "extra": self.extra,
            "parameters": self.parameters,
        }

    def _use_signature(self, function: Method) -> None:
        signature = Signature(function)
        self.parameters = signature.parameters
        self.extra = signature.extra
        self.bind = signature.bind


class CommandTool(Tool):
    """A method that takes all arguments as one dictionary."""

    def method_of(self, adapter: object) -> Method:
        command = commands_of(adapter).get(self.name)
        return getattr(adapter, _COMMAND_PREFIX + self.name) if command is None else command.function

    def _use_signature(self, function: Method) -> None:
        self.parameters = []
        self.extra = True
        self.bind = lambda arguments, _scope: ((arguments,), {})


class DispatchTool(Tool):
    """A name that the adapter's own ``execute_tool`` knows what to do with."""

    def method_of(self, adapter: object) -> Method:
        return adapter.execute_tool  # type: ignore[attr-defined, no-any-return]

    def _use_signature(self, function: Method) -> None:
        count = len(parameters_of(function))
        self.parameters = []
        self.extra = True
        self.streaming = False
        self.bind = lambda arguments, scope: ((self.name, arguments, scope.context)[:count], {})


class Discovered(NamedTuple):
    """``any_name`` makes a tool of a name that is not declared, for adapters that dispatch themselves."""

    tools: list[Tool]
    any_name: Callable[[str], Tool] | None


def discover(adapter: object) -> Discovered:
    """What is meant as a tool: methods with ``@tool``, commands that were registered, and
    ``execute_<command>(self, args)``.

    Where nothing is marked or registered, and the adapter does not dispatch itself, its other public methods
    are tools, too, as far as they can be. Of several with one name the first kind wins.

    :raises ValueError: what is meant as a tool cannot be one; the message names it.
    """
    methods = public_methods(adapter)
    dispatch = find_hook(adapter, "execute_tool")
    intended = [tool for name, method in methods.items() if (tool := _intended(adapter, name, method))]
    marked = [tool for tool in intended if not isinstance(tool, CommandTool)]
    tools = [*marked, *_registered(adapter), *(tool for tool in intended if isinstance(tool, CommandTool))]
    if dispatch is None and not marked and not isinstance(adapter, BaseCommandHandler):
        tools += _plain(methods)
    by_name: dict[str, Tool] = {}
    for tool in tools:
        by_name.setdefault(tool.name, tool)
    any_name = None if dispatch is None else lambda name: DispatchTool(name, dispatch)
    return Discovered(list(by_name.values()), any_name)


def _intended(adapter: object, name: str, method: Method) -> Tool | None:
    """The tool that the author asked for, by a mark or by the method's name."""
    mark = mark_of(adapter, name)
    try:
        if mark is not None:
            return Tool(_checked(name), method, mark)
        return CommandTool(_checked(_command(name)), method) if _is_command(name, method) else None
    except ValueError as error:
        raise ValueError(f"{type(adapter).__name__}.{name} cannot be a tool: {error}") from None


def _registered(adapter: object) -> Iterator[Tool]:
    for name, (function, description) in commands_of(adapter).items():
        try:
            yield CommandTool(_checked(name), function, ToolMark(description, False, ()))
        except ValueError as error:
            raise ValueError(f"a command of {type(adapter).__name__} cannot be a tool: {error}") from None


def _plain(methods: dict[str, Method]) -> Iterator[Tool]:
    for name, method in methods.items():
        if name not in _HOOKS and not _is_command(name, method):
            with contextlib.suppress(ValueError):
                yield Tool(_checked(name), method)


def _command(name: str) -> str:
    return name[len(_COMMAND_PREFIX) :]


def _is_command(name: str, method: Method) -> bool:
    if not name.startswith(_COMMAND_PREFIX) or name in _HOOKS:
        return False
    parameters = parameters_of(method)
    return len(parameters) == 1 and parameters[0].kind not in _BY_KEYWORD


def _checked(name: str) -> str:
    if len(name) > _MAX_NAME_BYTES or not _NAME.match(name):
        raise ValueError(f"{name!r} is no name for one; use at most {_MAX_NAME_BYTES} of A-Z a-z 0-9 _ . -")
    if name.startswith(RESERVED):
        raise ValueError(f"{name!r} is no name for one; what begins with {RESERVED!r} is the bridge's own")
    return name


def _generates(function: Method) -> bool:
    target = plain_function(function)
    if is_plain(target):
        return bool(target.__code__.co_flags & _GENERATES)
    return inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target)


def _summary(function: Method) -> str:
    return (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
