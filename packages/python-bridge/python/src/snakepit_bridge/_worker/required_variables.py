"""Tools that say which variables they read are not called without them."""

from __future__ import annotations

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge.discovery import Tool
from snakepit_bridge.errors import NoSessionError, UnknownVariableError


def require_variables(tool: Tool, call: Call) -> None:
    """
    :raises Refusal: the session of the call lacks one of them, or there is no session.
    """
    try:
        call.context.require_variables(tool.required_variables)
    except (NoSessionError, UnknownVariableError) as error:
        names = ", ".join(map(repr, tool.required_variables))
        message = f"{tool.name} requires the session variables {names}: {error.message}"
        raise Refusal("tool_error", error.type, message) from None
