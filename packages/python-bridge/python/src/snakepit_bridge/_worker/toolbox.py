"""The tools of the worker, by name: the adapter's, and the bridge's own."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any, Callable

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.instances import Instances, Run, clean_up_session
from snakepit_bridge.discovery import Tool, discover
from snakepit_bridge.generic import GenericCalls
from snakepit_bridge.methods import find_hook
from snakepit_bridge.session_context import SessionContext

_MAX_TOOLS = 1024
_CONTEXT_HOOK = "set_session_context"
#: Tools with such names belong to the protocol.
_RESERVED = "snakepit."


class BridgeTool(Tool):
    """A tool of the bridge: no instance of the adapter serves it, and the adapter does not hear of it."""


class Toolbox:
    """
    :param instances: says which instance serves a call, where it is not ``adapter`` for all of them.
    :param generic: offers ``python.call`` and so on.
    :raises ValueError: the adapter's tools cannot be declared; the message says which and why.
    """

    def __init__(
        self, adapter: object, instances: Instances | None = None, generic: GenericCalls | None = None
    ) -> None:
        found = discover(adapter)
        self.tools: dict[str, Tool] = {tool.name: tool for tool in found.tools}
        self.instances = instances
        self._adapter = adapter
        self._any_name = found.any_name
        self._all_declared = found.any_name is None or bool(found.tools)
        #: Called before each call with its context.
        self.context_hook: Callable[..., Any] | None = find_hook(adapter, _CONTEXT_HOOK)
        self._generic = generic
        if generic is not None:
            self.tools.update({name: BridgeTool(name, function) for name, function in generic.tools.items()})
        if len(self.tools) > _MAX_TOOLS:
            raise ValueError(
                f"{len(self.tools)} tools are more than the {_MAX_TOOLS} that a worker may declare"
            )
        end = BridgeTool("snakepit.end_session", self._end_session)
        self._reserved = {end.name: end}

    def remaining(self) -> Iterable[object]:
        """The instances of the adapter that are initialized: before the first call and after the last one."""
        return (self._adapter,) if self.instances is None else self.instances.remaining()

    def find(self, name: str) -> Tool:
        tool = self.tools.get(name)
        if tool is None and name.startswith(_RESERVED):
            tool = self._reserved.get(name)
        elif tool is None and self._any_name is not None:
            tool = self._any_name(name)
        if tool is None:
            raise Refusal("unknown_tool", "UnknownTool", f"there is no tool named {name!r}", {"tool": name})
        return tool

    def methods_for(
        self, call: Call, tool: Tool, run: Run
    ) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
        """The tool and the context hook of the instance that serves this call."""
        if self.instances is None or isinstance(tool, BridgeTool):
            return tool.function, self.context_hook
        adapter = self.instances.serve(call, run)
        hook = None if self.context_hook is None else getattr(adapter, _CONTEXT_HOOK)
        return tool.method_of(adapter), hook

    def declare(self) -> list[dict[str, Any]] | None:
        """For the hello. None: any name may be called."""
        return [tool.declare() for tool in self.tools.values()] if self._all_declared else None

    def _end_session(self, ctx: SessionContext) -> Awaitable[Any] | None:
        """Lets go of everything that the session of the call has in this worker."""
        if ctx.session_id is None:
            return None
        if self._generic is not None:
            self._generic.end_session(ctx.session_id)
        if self.instances is None:
            return clean_up_session(self._adapter, ctx.session_id)
        return self.instances.end_session(ctx.session_id)
