"""What a tool knows about the call it serves, and its way back to the host."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Protocol


class Host(Protocol):
    """Calls tools of the host."""

    def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """The tool's result; inside a coroutine an awaitable of it."""


class CallScope(Protocol):
    """A call that is being served."""

    @property
    def context(self) -> SessionContext: ...


#: The call that the running code serves. Right in threads and coroutines alike.
current_scope: ContextVar[CallScope | None] = ContextVar("snakepit_scope", default=None)


def current_context() -> SessionContext | None:
    """The context of the call that the running code serves; None outside of a call."""
    scope = current_scope.get()
    return None if scope is None else scope.context


class SessionContext:
    """Handed to a tool that has a parameter annotated ``SessionContext`` or named ``ctx``.

    ``session_id`` is None for a call outside of any session. ``request_metadata`` holds what the caller sent
    beside the arguments, for instance ``traceparent``.
    """

    __slots__ = ("_host", "request_metadata", "session_id")

    def __init__(self, session_id: str | None, request_metadata: Mapping[str, str], host: Host) -> None:
        self.session_id = session_id
        self.request_metadata = dict(request_metadata)
        self._host = host

    def call_host_tool(self, tool_name: str, /, **arguments: Any) -> Any:
        """Calls a tool that the host registered and returns its result.

        Blocks in ordinary code, also in threads that the tool started; in a coroutine returns an awaitable.

        :raises HostToolError: the tool failed, or there is none of that name.
        :raises NotSerializableError: an argument cannot travel.
        :raises CallCancelled: the call being served was cancelled (a coroutine sees ``CancelledError``).
        :raises RuntimeError: the call that this context belongs to has ended.
        """
        return self._host.call(tool_name, arguments)

    call_elixir_tool = call_host_tool

    def __repr__(self) -> str:
        return f"SessionContext(session_id={self.session_id!r})"
