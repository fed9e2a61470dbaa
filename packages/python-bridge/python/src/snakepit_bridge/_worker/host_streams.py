"""Streams that tools of the host send to this worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from snakepit_bridge._worker.calls import DEFAULT_CREDIT, Call
from snakepit_bridge._worker.host_call import HostCall, restore_chunk
from snakepit_bridge._worker.loops import wakeable
from snakepit_bridge._worker.mailbox import own_mailbox, waiting_mailbox
from snakepit_bridge._worker.streams import credit_cost

if TYPE_CHECKING:
    from snakepit_bridge._worker.host_calls import HostCalls

#: Credit is granted when so much was consumed since the last time: half of what the stream starts with.
_GRANT_AT = DEFAULT_CREDIT // 2


class OpenStream:
    """``HostStream``: one consumer takes the chunks of one call, wherever it runs at the moment."""

    def __init__(self, host: HostCalls, call: Call, tool: str, arguments: dict[str, Any]) -> None:
        self._host_call: HostCall | None = None
        self._ended = False
        self._ungranted = 0
        self._host = host
        self._call = call
        self._tool = tool
        self._arguments = arguments

    def __iter__(self) -> OpenStream:
        return self

    def __next__(self) -> Any:
        if self._host.loop_of(self._call) is not None:
            raise RuntimeError(f"use `async for` with {self._tool!r}: a coroutine must not block its loop")
        if self._ended:
            raise StopIteration
        with self._host.interrupts:
            try:
                return self._next()
            except BaseException:
                self.close()
                raise

    def __aiter__(self) -> OpenStream:
        return self

    async def __anext__(self) -> Any:
        if self._ended:
            raise StopAsyncIteration
        try:
            return await self._next_async()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stops the tool. Never waits for it, may be repeated."""
        self._ended = True
        if self._host_call is not None:
            with self._host.interrupts:
                self._host.end(self._host_call)

    async def aclose(self) -> None:
        self.close()

    def __del__(self) -> None:
        # This may run anywhere, also where a lock is held, so it must not answer calls nested in the stream.
        if self._host_call is not None and not self._ended:
            with self._host.interrupts:
                self._host_call.abandon()
                self._call.host_calls.discard(self._host_call)

    def _next(self) -> Any:
        mailbox = own_mailbox()
        host_call = self._awaited(mailbox.put, mailbox.wake, blocking=True)
        self._host.block(host_call, mailbox)
        if host_call.abandoned or not host_call.ready:
            raise self._host.interruption(self._call)
        return self._take(host_call, StopIteration)

    async def _next_async(self) -> Any:
        import asyncio

        mailbox = waiting_mailbox()
        done, wake = wakeable(asyncio.get_running_loop())
        host_call = self._awaited(mailbox.put, wake, blocking=False)
        if not host_call.ready:
            await self._host.suspend(done, mailbox)
        elif self._call.cancelled:
            # A stream that is never waited for must not keep the loop from cancelling.
            await asyncio.sleep(0)
        if host_call.abandoned:
            raise asyncio.CancelledError
        return self._take(host_call, StopAsyncIteration)

    def _awaited(self, offer: Callable[[Call], None], wake: Callable[[], None], blocking: bool) -> HostCall:
        """The call, made if need be; from here on ``offer`` and ``wake`` say who waits for it."""
        if self._host_call is None:
            self._host_call = self._host.begin(
                self._call, self._tool, self._arguments, offer, wake, stream=True, blocking=blocking
            )
        else:
            self._host_call.blocking = blocking
            self._host.move(self._host_call, offer, wake)
        return self._host_call

    def _take(self, host_call: HostCall, end: type[Exception]) -> Any:
        if host_call.chunks:
            frame, size = host_call.chunks.popleft()
            self._grant(host_call, credit_cost(size))
            return restore_chunk(frame["value"])
        self.close()
        if _says_nothing(host_call.reply):
            raise end
        return host_call.result()

    def _grant(self, host_call: HostCall, cost: int) -> None:
        self._ungranted += cost
        if self._ungranted >= _GRANT_AT:
            self._host.grant(host_call, self._ungranted)
            self._ungranted = 0


def _says_nothing(reply: dict[str, Any] | None) -> bool:
    """Whether a stream ended without a value of the tool's own."""
    if reply is None or reply["type"] != "chunk" or reply["value"] is not None:
        return False
    return (reply.get("meta") or {}).get("synthetic_final") == "true"
