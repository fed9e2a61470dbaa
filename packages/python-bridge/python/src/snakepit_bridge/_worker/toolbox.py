"""The tools of the worker, by name: the adapter's, and the bridge's own."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any, Callable

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.instances import Instances, Run, Steps, clean_up_session
from snakepit_bridge._worker.sessions_in_use import END_SESSION
from snakepit_bridge.discovery import RESERVED, Tool, discover
from snakepit_bridge.generic import GenericCalls
from snakepit_bridge.methods import find_hook
from snakepit_bridge.session_context import SessionContext

_MAX_TOOLS = 1024
_CONTEXT_HOOK = "set_session_context"


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
        self.adapter = adapter
        self._any_name = found.any_name
        self._all_declared = found.any_name is None or bool(found.tools)
        self._has_context_hook = find_hook(adapter, _CONTEXT_HOOK) is not None
        #: Whether there is anything to do before a tool of the adapter is called.
        self.prepares = instances is not None or self._has_context_hook
        self._generic = generic
        if generic is not None:
            self.tools.update({name: BridgeTool(name, function) for name, function in generic.tools.items()})
        if len(self.tools) > _MAX_TOOLS:
            raise ValueError(
                f"{len(self.tools)} tools are more than the {_MAX_TOOLS} that a worker may declare"
            )
        self._end: Tool | None = None

    def remaining(self) -> Iterable[tuple[str | None, object]]:
        """The instances of the adapter that are initialized: before the first call and after the last one.

        Each with the session that it serves, where it serves one alone.
        """
        return ((None, self.adapter),) if self.instances is None else self.instances.remaining()

    def find(self, name: str) -> Tool:
        tool = self.tools.get(name)
        if tool is None and name.startswith(RESERVED):
            tool = self._reserved(name)
        elif tool is None and self._any_name is not None:
            tool = self._any_name(name)
        if tool is None:
            raise Refusal("unknown_tool", "UnknownTool", f"there is no tool named {name!r}", {"tool": name})
        return tool

    def prepare(self, call: Call, tool: Tool, run: Run) -> Steps[Callable[..., Any]]:
        """Makes the instance that serves this call ready for it, and returns its method."""
        instances, adapter = self.instances, self.adapter
        if instances is not None:
            adapter = yield from instances.serve(call, run)
        if self._has_context_hook:
            yield from run(call, getattr(adapter, _CONTEXT_HOOK), call.context)
        return tool.function if instances is None else tool.method_of(adapter)

    def declare(self) -> list[dict[str, Any]] | None:
        """For the hello. None: any name may be called."""
        return [tool.declare() for tool in self.tools.values()] if self._all_declared else None

    def _reserved(self, name: str) -> Tool | None:
        """Made at the first need: most workers never hear of it."""
        if name != END_SESSION:
            return None
        if self._end is None:
            self._end = BridgeTool(name, self._end_session)
        return self._end

    def _end_session(self, ctx: SessionContext) -> Awaitable[Any] | None:
        """Lets go of everything that the session of the call has in this worker."""
        if ctx.session_id is None:
            return None
        if self._generic is not None:
            self._generic.end_session(ctx.session_id)
        if self.instances is None:
            return clean_up_session(self.adapter, ctx.session_id)
        return self.instances.end_session(ctx.session_id)
