"""The ``@tool`` decorator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])

#: Where the decorator leaves its mark on a function.
MARK = "__snakepit_tool__"


class ToolMark:
    """What ``@tool`` was told."""

    __slots__ = ("description", "required_variables", "supports_streaming")

    def __init__(self, description: str, supports_streaming: bool, required_variables: Sequence[str]) -> None:
        self.description = description
        self.supports_streaming = supports_streaming
        self.required_variables = tuple(required_variables)


@overload
def tool(description: F) -> F: ...


@overload
def tool(
    description: str = "",
    supports_streaming: bool = False,
    required_variables: Sequence[str] | None = None,
) -> Callable[[F], F]: ...


def tool(
    description: str | Callable[..., Any] = "",
    supports_streaming: bool = False,
    required_variables: Sequence[str] | None = None,
) -> Any:
    """Makes a method callable from the host. Works bare, ``@tool``, and with arguments.

    :param description: for people; default: the first paragraph of the docstring.
    :param supports_streaming: the method streams. Generators do in any case.
    :param required_variables: names of session variables that the tool reads.
    """
    # A method may stand here as what `classmethod` and its like made of it, which cannot be called.
    if not isinstance(description, str):
        setattr(description, MARK, ToolMark("", False, ()))
        return description
    mark = ToolMark(description, supports_streaming, required_variables or ())

    def decorate(function: F) -> F:
        setattr(function, MARK, mark)
        return function

    return decorate
