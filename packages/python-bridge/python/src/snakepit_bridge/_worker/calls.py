"""The calls this worker was sent and has not answered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, Protocol

from snakepit_bridge.host_tools import HostStream
from snakepit_bridge.session_context import SessionContext

if TYPE_CHECKING:
    from snakepit_bridge._worker.host_call import HostCall

DEFAULT_CREDIT = 1024


def _nobody_waits() -> None:
    """Stands in for a wake-up while nobody waits."""


class HostLine(Protocol):
    """The way to the host's tools."""

    def call_for(self, call: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """Calls a tool of the host on behalf of ``call``."""

    def call_blocking_for(self, call: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """The same, and waits for the result in a coroutine, too."""

    def awaits_for(self, call: Call) -> bool:
        """Whether the running code is a coroutine, in which ``call_for`` returns an awaitable."""

    def stream_for(self, call: Call, tool: str, arguments: dict[str, Any]) -> HostStream:
        """What a tool of the host yields, on behalf of ``call``."""


class Call:
    """One call. Each field is written by one thread, so none of them needs a lock."""

    #: When the call must not start any more, on the monotonic clock.
    deadline: float | None = None
    #: How many callbacks it is nested in.
    level = 0
    #: Credit the host gave (written by the reader) and the producer used.
    granted = DEFAULT_CREDIT
    spent = 0
    #: When a stream's tool was started, on the clock of `time.perf_counter`.
    started = 0.0
    #: The host wants the call to stop; the tool has been told so, which happens once.
    cancelled = False
    interrupted = False
    answered = False
    #: The event loop that was already running where the call started.
    outer_loop: Any = None
    #: How any thread can tell the task that serves the call to stop, where one does.
    cancel_task: Callable[[], None] | None = None
    #: Rouses whoever waits on behalf of this call.
    wake: Callable[[], None] = staticmethod(_nobody_waits)
    #: The adapter that serves it, where each call has its own.
    instance: object = None
    _context: SessionContext | None = None

    def __init__(self, frame: dict[str, Any], now: float, parent: HostCall | None, host: HostLine) -> None:
        self.id: int = frame["id"]
        self.tool: str = frame["tool"]
        self.args: Any = frame["args"]
        self.frame = frame
        self.parent = parent
        self.host = host
        #: Calls to the host that are open on its behalf.
        self.host_calls: set[HostCall] = set()
        self.stream: bool = frame.get("stream") is True
        left = frame.get("deadlineMs")
        if left is not None:
            self.deadline = now + left / 1000
        if parent is not None:
            self.level = parent.level + 1
        if self.stream:
            credit = frame.get("credit")
            self.granted = DEFAULT_CREDIT if credit is None else credit

    @property
    def session(self) -> str | None:
        """The id of the session the call belongs to."""
        return self.frame.get("session")

    @property
    def outermost(self) -> Call:
        """The call that this one is nested in, however deep."""
        call = self
        while call.parent is not None:
            call = call.parent.call
        return call

    @property
    def has_credit(self) -> bool:
        """Whether the host takes another chunk."""
        return self.granted > self.spent

    @property
    def must_stop(self) -> bool:
        """Cancelled, and the tool does not know yet."""
        return self.cancelled and not self.interrupted

    @property
    def context(self) -> SessionContext:
        """What the tool sees of this call; made at first use."""
        context = self._context
        if context is None:
            made = SessionContext(self.session, self.frame.get("meta") or {}, BoundHost(self))
            # In one step, since threads may ask for it at the same time.
            context = vars(self).setdefault("_context", made)
        return context


class BoundHost:
    """The host as one call sees it."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def awaits(self) -> bool:
        return self._call.host.awaits_for(self._call)

    @property
    def cancelled(self) -> bool:
        return self._call.cancelled

    def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        return self._call.host.call_for(self._call, tool, arguments)

    def call_blocking(self, tool: str, arguments: dict[str, Any]) -> Any:
        return self._call.host.call_blocking_for(self._call, tool, arguments)

    def stream(self, tool: str, arguments: dict[str, Any]) -> HostStream:
        return self._call.host.stream_for(self._call, tool, arguments)


class CallTable:
    """Written by the reader, which adds calls, and by whoever answers them, who removes them.

    What is iterated is copied by ``list``, in one step, whatever other threads do.
    """

    def __init__(self) -> None:
        self.top: dict[int, Call] = {}
        self.nested: dict[int, Call] = {}
        self._waiting: dict[int, Call] = {}
        #: Held while a call that waited is taken back and its answer is posted.
        self.taking_back = threading.Lock()

    def add(self, call: Call) -> None:
        """A call arrived and waits for its turn."""
        (self.top if call.parent is None else self.nested)[call.id] = call
        self._waiting[call.id] = call

    def find(self, id: int) -> Call | None:
        """The open call of this number."""
        return self.top.get(id) or self.nested.get(id)

    def claim(self, call: Call) -> bool:
        """Either starts a waiting call or takes it back: only one thread ever gets True."""
        return self._waiting.pop(call.id, None) is not None

    def claim_all(self) -> list[Call]:
        """Takes back all that wait."""
        return [call for call in list(self._waiting.values()) if self.claim(call)]

    def open(self) -> list[Call]:
        """All that are not answered."""
        return [*list(self.top.values()), *list(self.nested.values())]

    def remove(self, call: Call) -> None:
        """The call is about to be answered."""
        (self.top if call.parent is None else self.nested).pop(call.id, None)

    def waiting_for(self, parent: HostCall) -> list[Call]:
        """Calls nested in ``parent`` that have not started."""
        return [
            call for call in list(self.nested.values()) if call.parent is parent and call.id in self._waiting
        ]
