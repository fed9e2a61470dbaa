"""What a tool knows about the call it serves, and its way back to the host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from snakepit_bridge.errors import NoSessionError, UnknownVariableError
from snakepit_bridge.host_tools import HostStream, HostToolInfo, HostTools, list_host_tools
from snakepit_bridge.programs import Programs
from snakepit_bridge.session_calls import SessionCalls
from snakepit_bridge.variable_batch import VariableBatch
from snakepit_bridge.variables import Variables


class Host(Protocol):
    """Calls tools of the host."""

    @property
    def awaits(self) -> bool:
        """Whether the running code is a coroutine, in which ``call`` returns an awaitable."""

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the call any more."""

    def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """The tool's result; inside a coroutine an awaitable of it."""

    def call_blocking(self, tool: str, arguments: dict[str, Any]) -> Any:
        """The tool's result, also inside a coroutine: for what is answered at once and cannot be awaited."""

    def stream(self, tool: str, arguments: dict[str, Any]) -> HostStream:
        """What the tool yields."""


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

    **Variables** of the session: methods block in ordinary code and return the value. In a coroutine they
    return an awaitable; what writes is done at once, so that it counts without ``await``, too. Item access,
    ``in`` and ``del`` block in a coroutine as well: the host itself answers. What was read lately may be read
    again without asking the host: for a second at most, and never past a write, a callback or a chunk of the
    same chain of calls. A coroutine hears of a cancel where it awaits, never in what blocks. All of them
    raise ``NoSessionError`` in a call outside of any session.
    """

    __slots__ = ("_host", "_own_variables", "request_metadata", "session_id")

    def __init__(self, session_id: str | None, request_metadata: Mapping[str, str], host: Host) -> None:
        self.session_id = session_id
        self.request_metadata = dict(request_metadata)
        self._host = host
        self._own_variables: Variables | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the caller has given the call up: it was cancelled, or its time is over.

        Needed only where tools run in threads, and only in a tool that computes for long: it looks here now
        and then, and returns. Whatever calls the host, yields a chunk or awaits is told without asking.
        """
        return self._host.cancelled

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

    def stream_host_tool(self, tool_name: str, /, **arguments: Any) -> HostStream:
        """What a tool of the host yields: for ``for``, and in a coroutine for ``async for``.

        The tool is called when the first item is asked for. Leaving the loop stops it.
        """
        return self._host.stream(tool_name, arguments)

    @property
    def tools(self) -> HostTools:
        """The host's tools as functions: ``ctx.tools.lookup(id=3)``, ``ctx.tools.rows.stream(table="a")``."""
        return HostTools(self._host)

    @property
    def host_tools(self) -> dict[str, HostToolInfo]:
        """What the host says of the tools that this call may use, by name. Asks the host each time."""
        return list_host_tools(self._host)

    @property
    def elixir_tools(self) -> dict[str, HostToolInfo]:
        """The same as ``host_tools``."""
        return self.host_tools

    def register_variable(
        self, name: str, type: str, value: Any, constraints: Mapping[str, Any] | None = None
    ) -> Any:
        """Makes a variable, or replaces its type, value and constraints. Returns None.

        :param type: one of string integer float boolean choice module embedding tensor list map.
        :param value: an embedding or a tensor is an array, a ``Tensor``, or lists of numbers (float64 then).
        :param constraints: ``min`` ``max``; ``min_length`` ``max_length`` ``pattern`` ``enum``; ``choices``;
            ``allowed_modules``; ``dimensions``; ``shape``, whichever the type has.
        :raises InvalidVariableError: the value does not fit, or lists of numbers are not equally long.
        """
        return self._variables.register(name, type, value, constraints)

    def get_variable(self, name: str, fresh: bool = False) -> Any:
        """The value: of an embedding a list (of lists for a batch), of a tensor an array or a ``Tensor``.

        :param fresh: asks the host in any case. What waits in a batch counts nevertheless.
        :raises UnknownVariableError: there is none of that name.
        """
        return self._variables.get(name, fresh)

    def get_variables(self, names: Iterable[str], fresh: bool = False) -> Any:
        """The values by name, all of one moment. :raises UnknownVariableError:"""
        return self._variables.get_many(names, fresh)

    def update_variable(self, name: str, value: Any) -> Any:
        """Gives a variable another value. Returns None.

        :raises UnknownVariableError: it was never registered.
        :raises InvalidVariableError: the value is not of its type, or breaks a constraint.
        """
        return self._variables.update(name, value)

    def list_variables(self) -> Any:
        """A list of dicts: ``name``, ``type``, ``value``, ``constraints``, ``version``, ``updated_at``."""
        return self._variables.list()

    def delete_variable(self, name: str) -> Any:
        """Whether there was such a variable."""
        return self._variables.delete(name)

    def batch_updates(self) -> VariableBatch:
        """For ``with`` or ``async with``: updates inside of it happen at its end, together or not at all.

        Nothing is sent when the block raises. Every variable must be registered before. Registering and
        deleting happen at once, and undo what waits to be written to that variable.
        """
        return self._variables.batch()

    def __getitem__(self, name: str) -> Any:
        """The value of a variable. :raises UnknownVariableError:"""
        return self._variables.get_now(name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Updates a variable, or registers it with the type that ``value`` has in Python."""
        self._variables.set_now(name, value)

    def __contains__(self, name: str) -> bool:
        try:
            self._variables.check_now([name])
        except UnknownVariableError:
            return False
        return True

    def __delitem__(self, name: str) -> None:
        """:raises UnknownVariableError:"""
        if not self._variables.delete_now(name):
            message = f"the session has no variable {name!r}"
            raise UnknownVariableError("UnknownVariable", "tool_error", message, {"variable": name})

    #: A context is no collection.
    __iter__ = None

    @property
    def programs(self) -> Programs:
        """Programs of the session: ``store``, ``get``, ``list``, ``delete``."""
        return Programs(self._acting, SessionCalls(self._host))

    def require_variables(self, names: Iterable[str]) -> None:
        """Blocks until the host has said that they are there.

        :raises UnknownVariableError: one of them is not.
        :raises NoSessionError: this call is outside of any session.
        """
        self._variables.check_now(names)

    def require_session(self, what: str) -> None:
        """:raises NoSessionError: this call is outside of any session; ``what`` is what belongs to one."""
        if self.session_id is None:
            message = (
                f"{what} belong to a session, and this call is outside of any: call the tool in a session"
            )
            raise NoSessionError("NoSession", "tool_error", message)

    @property
    def _acting(self) -> SessionContext:
        """A context that was kept acts for the call that is being served, if there is one."""
        return current_context() or self

    @property
    def _variables(self) -> Variables:
        context = self._acting
        if context._own_variables is None:
            context._own_variables = Variables(context, SessionCalls(context._host))
        return context._own_variables

    def __repr__(self) -> str:
        return f"SessionContext(session_id={self.session_id!r})"
