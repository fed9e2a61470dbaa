"""Calls to tools of the host, and the nested calls served while they are open."""

from __future__ import annotations

import contextlib
from collections.abc import Coroutine
from typing import Any, Callable, Protocol

from snakepit_bridge._wire.errors import ProtocolError, Unsendable
from snakepit_bridge._wire.frames import Deferred, Frames
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.ending import end_by_fault
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.loops import running_loop
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.errors import CallCancelled, HostToolError, NotSerializableError
from snakepit_bridge.session_context import current_scope


class HostCall:
    """A call to the host that has not been answered."""

    __slots__ = ("abandoned", "blocking", "call", "id", "level", "offer", "reply", "wake", "withdraw")

    def __init__(
        self,
        id: int,
        call: Call,
        blocking: bool,
        offer: Callable[[Call], None],
        wake: Callable[[], None],
        withdraw: Callable[[int], None],
    ) -> None:
        self.id = id
        #: A thread waits for it, not a task.
        self.blocking = blocking
        self.call = call
        self.level = call.level
        #: Hands a nested call to whoever waits; ``wake`` tells it to look at ``reply`` and ``abandoned``.
        self.offer = offer
        self.wake = wake
        self.withdraw = withdraw
        self.reply: dict[str, Any] | None = None
        #: The call it was made for is cancelled or has ended.
        self.abandoned = False

    def abandon(self) -> None:
        """Nobody wants the answer any more. Safe in every thread."""
        self.abandoned = True
        self.withdraw(self.id)
        self.wake()


class Server(Protocol):
    """Runs nested calls."""

    def execute(self, call: Call) -> None:
        """In the current thread."""

    def execute_on_loop(self, call: Call) -> None:
        """On the event loop that runs in the current thread."""

    def refuse(self, call: Call, error: Exception) -> None:
        """Answers a claimed call without running it."""


class HostCalls:
    """The way to the host's tools, for every thread."""

    def __init__(self, frames: Frames, calls: CallTable, outbox: Outbox, interrupts: Interrupts) -> None:
        self._server: Server
        self._frames = frames
        self._calls = calls
        self._outbox = outbox
        self._interrupts = interrupts
        self._open: dict[int, HostCall] = {}
        self._next_id = iter(range(1, 2**53)).__next__

    def serve_with(self, server: Server) -> None:
        """Says who runs nested calls; once, before the first call."""
        self._server = server

    def find(self, id: int) -> HostCall | None:
        """The open call to the host of this number."""
        return self._open.get(id)

    def settle(self, frame: dict[str, Any]) -> None:
        """The host answered. Only the first answer counts."""
        host_call = self._open.pop(frame["id"], None)
        if host_call is not None:
            host_call.reply = frame
            host_call.wake()

    def call_for(self, owner: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """Blocks for the result; in a coroutine returns an awaitable of it."""
        if self._outbox.closed:
            raise RuntimeError("the host cannot be called from a forked process")
        scope = current_scope.get()
        call = scope if isinstance(scope, Call) else owner
        loop = running_loop()
        if loop is None or loop is call.outer_loop:
            return self._call(call, tool, arguments)
        return self._call_async(call, tool, arguments, loop)

    def _call(self, call: Call, tool: str, arguments: dict[str, Any]) -> Any:
        with self._interrupts:
            mailbox = own_mailbox()
            in_main_thread = self._interrupts.in_main_thread
            host_call = self._begin(call, tool, arguments, True, mailbox.put, mailbox.wake)
            try:
                mailbox.wait(lambda: self._over(host_call, in_main_thread), self._server.execute)
            finally:
                self._end(host_call)
            if host_call.reply is None:
                if in_main_thread:
                    call.interrupted = True
                raise CallCancelled("the call was cancelled")
            return self._result(host_call.reply)

    def _over(self, host_call: HostCall, in_main_thread: bool) -> bool:
        if host_call.reply is not None or host_call.abandoned:
            return True
        return in_main_thread and host_call.call.must_stop

    def _call_async(
        self, call: Call, tool: str, arguments: dict[str, Any], loop: Any
    ) -> Coroutine[Any, Any, Any]:
        import asyncio

        mailbox = own_mailbox()

        async def run() -> Any:
            done = loop.create_future()

            def finish() -> None:
                if not done.done():
                    done.set_result(None)

            def wake() -> None:
                # A loop of the tool's own may be closed by now.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(finish)

            host_call = self._begin(call, tool, arguments, False, mailbox.put, wake)
            entry = mailbox.enter(loop, self._server.execute_on_loop)
            try:
                await done
            finally:
                mailbox.leave(entry)
                self._end(host_call)
            if host_call.reply is None:
                raise asyncio.CancelledError
            return self._result(host_call.reply)

        return run()

    def _begin(
        self,
        call: Call,
        tool: str,
        arguments: dict[str, Any],
        blocking: bool,
        offer: Callable[[Call], None],
        wake: Callable[[], None],
    ) -> HostCall:
        if self._calls.find(call.id) is not call:
            raise RuntimeError(f"cannot call {tool!r}: the call that this context belongs to has ended")
        host_call = HostCall(self._next_id(), call, blocking, offer, wake, self._withdraw)
        frame = {"type": "call", "id": host_call.id, "tool": tool, "args": arguments, "parent": call.id}
        if call.session is not None:
            frame["session"] = call.session
        try:
            encoded = self._frames.encode(frame, "args", "args")
        except Unsendable as error:
            raise NotSerializableError(str(error)) from None
        self._open[host_call.id] = host_call
        call.host_calls.add(host_call)
        self._outbox.send(encoded)
        return host_call

    def _end(self, host_call: HostCall) -> None:
        host_call.call.host_calls.discard(host_call)
        self._withdraw(host_call.id)
        # The reader looks again after it has added a nested call, so that none falls between.
        for nested in self._calls.waiting_for(host_call):
            if self._calls.claim(nested):
                self._server.refuse(nested, not_started("the call that it was nested in has ended"))

    def _withdraw(self, id: int) -> None:
        if self._open.pop(id, None) is not None:
            self._outbox.post(self._frames.encode_plain({"type": "cancel", "id": id}), 0)

    def _result(self, frame: dict[str, Any]) -> Any:
        if frame["type"] != "error":
            return _restore(frame.get("value"))
        error = frame["error"]
        details = _restore(error.get("details"))
        raise HostToolError(error["type"], error["code"], error["message"], details, error.get("traceback"))


def _restore(value: Any) -> Any:
    if not isinstance(value, Deferred):
        return value
    try:
        return value.restore()
    except ProtocolError as error:
        end_by_fault(f"protocol error: {error}")
