"""The tools of the adapter, by name."""

from __future__ import annotations

from typing import Any, Callable

from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge.discovery import Tool, discover
from snakepit_bridge.methods import find_hook

_MAX_TOOLS = 1024


class Toolbox:
    """:raises ValueError: the adapter's tools cannot be declared; the message says which and why."""

    def __init__(self, adapter: object) -> None:
        found = discover(adapter)
        self.tools: dict[str, Tool] = {tool.name: tool for tool in found.tools}
        self._any_name = found.any_name
        #: Called before each call with its context.
        self.context_hook: Callable[..., Any] | None = find_hook(adapter, "set_session_context")
        if len(self.tools) > _MAX_TOOLS:
            raise ValueError(
                f"{len(self.tools)} tools are more than the {_MAX_TOOLS} that a worker may declare"
            )

    def find(self, name: str) -> Tool:
        tool = self.tools.get(name)
        if tool is not None:
            return tool
        if self._any_name is not None:
            return self._any_name(name)
        raise Refusal("unknown_tool", "UnknownTool", f"there is no tool named {name!r}", {"tool": name})

    def declare(self) -> list[dict[str, Any]] | None:
        """For the hello. None: any name may be called."""
        if self._any_name is not None and not self.tools:
            return None
        return [tool.declare() for tool in self.tools.values()]
