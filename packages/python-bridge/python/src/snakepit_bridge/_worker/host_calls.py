"""Calls to tools of the host, and the nested calls served while they are open."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Callable, Protocol

from snakepit_bridge._wire.errors import Unsendable
from snakepit_bridge._wire.frames import Frames
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.host_call import HostCall
from snakepit_bridge._worker.host_streams import OpenStream
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.loops import running_loop, wakeable
from snakepit_bridge._worker.mailbox import Mailbox, own_mailbox, waiting_mailbox
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.errors import CallCancelled, NotSerializableError
from snakepit_bridge.read_cache import forget_reads
from snakepit_bridge.session_context import current_scope
from snakepit_bridge.variables import READING

if TYPE_CHECKING:
    import asyncio


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
        self.interrupts = interrupts
        self._open: dict[int, HostCall] = {}
        self._lock = threading.Lock()
        self._last_id = 0

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
            if not host_call.only_reads:
                forget_reads()
            host_call.reply = frame
            host_call.wake()

    def receive_chunk(self, host_call: HostCall, frame: dict[str, Any], size: int) -> None:
        """
        :param size: bytes, as credit counts them.
        :raises ProtocolError: it is not the one that is due.
        """
        host_call.check_turn(frame["seq"])
        if frame.get("final") is True:
            self.settle(frame)
        elif host_call.streams:
            forget_reads()
            host_call.chunks.append((frame, size))
            host_call.wake()

    def call_for(self, owner: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """Blocks for the result; in a coroutine returns an awaitable of it."""
        call = self._caller(owner)
        loop = self.loop_of(call)
        if loop is None:
            return self._call(call, tool, arguments)
        return self._call_async(call, tool, arguments, loop)

    def call_blocking_for(self, owner: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """Blocks for the result, also in a coroutine: only for tools that the host itself answers."""
        call = self._caller(owner)
        if running_loop() is None:
            return self._call(call, tool, arguments)
        return self._call_alone(call, tool, arguments)

    def awaits_for(self, owner: Call) -> bool:
        """Whether the running code is a coroutine, in which ``call_for`` does not block."""
        return self.loop_of(self._caller(owner)) is not None

    def stream_for(self, owner: Call, tool: str, arguments: dict[str, Any]) -> OpenStream:
        """What a tool yields; called when the first item is asked for."""
        return OpenStream(self, self._caller(owner), tool, arguments)

    def loop_of(self, call: Call) -> asyncio.AbstractEventLoop | None:
        """The event loop that the running code is a coroutine of."""
        loop = running_loop()
        return None if loop is call.outer_loop else loop

    def _caller(self, owner: Call) -> Call:
        if self._outbox.closed:
            raise RuntimeError("the host cannot be called from a forked process")
        scope = current_scope.get()
        return scope if isinstance(scope, Call) else owner

    def _call(self, call: Call, tool: str, arguments: dict[str, Any]) -> Any:
        with self.interrupts:
            mailbox = own_mailbox()
            host_call = self.begin(call, tool, arguments, mailbox.put, mailbox.wake)
            try:
                self.block(host_call, mailbox)
            finally:
                self.end(host_call)
            if host_call.reply is None:
                raise self.interruption(call)
            return host_call.result()

    def _call_alone(self, call: Call, tool: str, arguments: dict[str, Any]) -> Any:
        """Serves nothing meanwhile: what a nested call waits for may be up to the loop of this thread.

        A cancel does not strike here either; the task that serves the call hears of it at its next ``await``.
        """
        with self.interrupts:
            mailbox, done = own_mailbox(), threading.Event()
            mailbox.before_wait()
            host_call = self.begin(call, tool, arguments, mailbox.put, done.set, blocking=False)
            try:
                done.wait()
            finally:
                self.end(host_call)
            if host_call.reply is None:
                raise CallCancelled("the call that this was asked for has ended")
            return host_call.result()

    def _call_async(
        self, call: Call, tool: str, arguments: dict[str, Any], loop: asyncio.AbstractEventLoop
    ) -> Coroutine[Any, Any, Any]:
        import asyncio

        mailbox = waiting_mailbox()

        async def run() -> Any:
            done, wake = wakeable(loop)
            host_call = self.begin(call, tool, arguments, mailbox.put, wake, blocking=False)
            try:
                await self.suspend(done, mailbox)
            finally:
                self.end(host_call)
            if host_call.reply is None:
                raise asyncio.CancelledError
            return host_call.result()

        return run()

    def begin(
        self,
        call: Call,
        tool: str,
        arguments: dict[str, Any],
        offer: Callable[[Call], None],
        wake: Callable[[], None],
        stream: bool = False,
        blocking: bool = True,
    ) -> HostCall:
        """Sends a call.

        :param blocking: a thread waits for it that a cancel of ``call`` must set free.
        :raises NotSerializableError: an argument cannot travel.
        :raises RuntimeError: ``call``, on whose behalf it is made, has ended.
        """
        if self._calls.find(call.id) is not call:
            raise RuntimeError(f"cannot call {tool!r}: the call that this context belongs to has ended")
        host_call = HostCall(self._next_id(), call, stream, offer, wake, self._withdraw)
        frame = {"type": "call", "id": host_call.id, "tool": tool, "args": arguments, "parent": call.id}
        host_call.only_reads = tool == READING
        host_call.blocking = blocking
        if call.session is not None:
            frame["session"] = call.session
        if stream:
            frame["stream"] = True
        try:
            encoded = self._frames.encode(frame, "args", "args")
        except Unsendable as error:
            raise NotSerializableError(str(error)) from None
        self._open[host_call.id] = host_call
        call.host_calls.add(host_call)
        self._outbox.send(encoded)
        return host_call

    def block(self, host_call: HostCall, mailbox: Mailbox) -> None:
        """Returns when the call is ready or must stop; nested calls are served in place meanwhile."""
        call, heard_here = host_call.call, self.interrupts.in_tool_thread
        mailbox.wait(lambda: host_call.ready or (heard_here and call.must_stop), self._server.execute)

    async def suspend(self, done: asyncio.Future[None], mailbox: Mailbox) -> None:
        """Returns when ``done`` is; nested calls are served on the loop meanwhile, if nobody else does."""
        if mailbox is not own_mailbox():
            await done
            return
        mailbox.before_wait()
        entry = mailbox.enter(done.get_loop(), self._server.execute_on_loop)
        try:
            await done
        finally:
            mailbox.leave(entry)

    def interruption(self, call: Call) -> CallCancelled:
        """What to raise where a thread waited in vain."""
        if self.interrupts.in_tool_thread:
            call.interrupted = True
        return CallCancelled("the call was cancelled")

    def move(self, host_call: HostCall, offer: Callable[[Call], None], wake: Callable[[], None]) -> None:
        """Somebody waits from here on, maybe in another thread than the one before."""
        host_call.wake = wake
        if host_call.offer != offer:
            host_call.offer = offer
            # Whoever looks first, here or there, claims what was offered already.
            for nested in self._calls.waiting_for(host_call):
                offer(nested)

    def grant(self, host_call: HostCall, credit: int) -> None:
        """The host may send more chunks. Never blocks."""
        if host_call.id in self._open:
            frame = {"type": "credit", "id": host_call.id, "n": credit}
            self._outbox.post(self._frames.encode_plain(frame), 0)

    def end(self, host_call: HostCall) -> None:
        """The answer was taken, or nobody wants it."""
        host_call.call.host_calls.discard(host_call)
        self._withdraw(host_call.id)
        # The reader looks again after it has added a nested call, so that none falls between.
        for nested in self._calls.waiting_for(host_call):
            if self._calls.claim(nested):
                self._server.refuse(nested, not_started("the call that it was nested in has ended"))

    def _next_id(self) -> int:
        with self._lock:
            self._last_id += 1
            return self._last_id

    def _withdraw(self, id: int) -> None:
        host_call = self._open.pop(id, None)
        if host_call is not None:
            # Whatever it has changed so far, its answer would have told.
            if not host_call.only_reads:
                forget_reads()
            self._outbox.post(self._frames.encode_plain({"type": "cancel", "id": id}), 0)
