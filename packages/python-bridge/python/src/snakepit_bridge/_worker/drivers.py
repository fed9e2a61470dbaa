"""Drives generators: chunk by chunk, no further than the credit goes, and closed whatever ends them."""

from __future__ import annotations

import contextlib
from typing import Any, Callable

from snakepit_bridge._wire.frames import Encoded
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.streams import ChunkWriter, as_chunk, is_final
from snakepit_bridge.errors import CallCancelled


def is_iterator(value: Any) -> bool:
    return hasattr(type(value), "__next__")


def is_async_iterator(value: Any) -> bool:
    return hasattr(type(value), "__anext__")


def must_stream(call: Call) -> Refusal:
    """A unary call to a tool that streams."""
    return Refusal(
        "invalid_parameter", "InvalidParameter", f"{call.tool} streams its result; call it as a stream"
    )


class Driver:
    """``serve`` runs calls that are nested in a call of this thread, while a stream waits for credit."""

    def __init__(self, outbox: Outbox, interrupts: Interrupts, serve: Callable[[Call], None]) -> None:
        self._outbox = outbox
        self._run_user = interrupts.run
        self._serve = serve

    def drive(self, call: Call, iterator: Any, writer: ChunkWriter) -> Encoded:
        """Sends what ``iterator`` yields and closes it. Returns the frame that ends the stream."""
        try:
            if not call.stream:
                raise must_stream(call)
            while True:
                try:
                    item = self._run_user(call, next, (iterator,))
                except StopIteration as stop:
                    return self.end(call, writer, stop.value)
                if call.cancelled or not call.has_credit:
                    self._await_credit(call)
                if is_final(item):
                    return writer.last(as_chunk(item))
                writer.write(item)
        finally:
            # A cancel from now on is not for the clean-up.
            call.interrupted = True
            close = getattr(iterator, "close", None)
            if close is not None:
                self._run_user(call, close)

    async def drive_async(self, call: Call, iterator: Any, writer: ChunkWriter) -> Encoded:
        """The same on an event loop, for an async iterator or an ordinary one."""
        is_async = is_async_iterator(iterator)
        try:
            if not call.stream:
                raise must_stream(call)
            while True:
                _stop_cancelled(call)
                try:
                    item = await iterator.__anext__() if is_async else next(iterator)
                except StopAsyncIteration:
                    return writer.synthetic(None)
                except StopIteration as stop:
                    return await self.end_async(call, writer, stop.value)
                await self._await_credit_async(call)
                if is_final(item):
                    return writer.last(as_chunk(item))
                writer.write(item)
        finally:
            call.interrupted = True
            close = getattr(iterator, "aclose" if is_async else "close", None)
            if close is not None:
                closing = close()
                if is_async:
                    await closing

    def end(self, call: Call, writer: ChunkWriter, value: Any) -> Encoded:
        """The frame that ends a stream with what its tool returned."""
        if value is not None:
            self._await_credit(call)
        return writer.synthetic(value)

    async def end_async(self, call: Call, writer: ChunkWriter, value: Any) -> Encoded:
        """The same on an event loop."""
        if value is not None:
            await self._await_credit_async(call)
        return writer.synthetic(value)

    def _await_credit(self, call: Call) -> None:
        if not call.has_credit:
            self._outbox.flush()
            mailbox = own_mailbox()
            call.wake = mailbox.wake
            mailbox.wait(lambda: call.has_credit or call.must_stop, self._serve)
        _stop_cancelled(call)

    async def _await_credit_async(self, call: Call) -> None:
        if call.has_credit:
            return
        import asyncio

        self._outbox.flush()
        loop, rouse = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(rouse.set)

        call.wake = wake
        while not call.has_credit:
            await rouse.wait()
            rouse.clear()


def _stop_cancelled(call: Call) -> None:
    if call.must_stop:
        call.interrupted = True
        raise CallCancelled("the call was cancelled")
