"""The one event loop of a worker whose tools run in threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.loops import LoopServer, T
from snakepit_bridge._worker.mailbox import Mailbox, nearest_mailbox, own_mailbox

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

_logger = logging.getLogger("snakepit_bridge")
_CLOSE_SECONDS = 1.0


class LoopThread:
    """``Loops`` with one loop for all calls, in a thread of its own.

    A thread that hands in a call waits for it, and serves the calls that are nested in it, so that ordinary
    code never blocks the loop. For a nested call nobody waits: what it waits for may be up to that thread.
    """

    def __init__(self) -> None:
        self._server: LoopServer
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    def serve_with(self, server: LoopServer) -> None:
        self._server = server

    def run(self, awaitable: Awaitable[Any]) -> Any:
        mailbox = own_mailbox()
        future = self._submit(_await(awaitable), mailbox)
        future.add_done_callback(lambda _future: mailbox.wake())
        mailbox.wait(future.done, lambda call: self._server.execute(call))
        return future.result()

    def awaits(self, call: Call) -> bool:
        return call.parent is None

    def complete(self, call: Call, rest: Coroutine[Any, Any, T]) -> T | None:
        if self.awaits(call):
            outcome: T = self.run(rest)
            return outcome
        from concurrent.futures import CancelledError

        future = self._submit(rest, own_mailbox())
        # A tool may cancel every task there is, also one that has not begun.
        future.add_done_callback(lambda _future: self._server.give_up(call, CancelledError()))
        return None

    def close(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            import asyncio
            from concurrent.futures import wait

            ending = asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop)
            # Whoever blocks the loop by now is not waited for any longer.
            wait((ending,), _CLOSE_SECONDS)
            self._closing = True
            loop.call_soon_threadsafe(loop.stop)

    def _submit(self, coroutine: Coroutine[Any, Any, Any], mailbox: Mailbox) -> Future[Any]:
        import asyncio

        # The task gets a copy of this context.
        nearest = nearest_mailbox.set(mailbox)
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._running())
        except RuntimeError:
            coroutine.close()
            raise
        finally:
            nearest_mailbox.reset(nearest)

    def _running(self) -> asyncio.AbstractEventLoop:
        import asyncio

        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                # What a coroutine starts in turn is no daemon either, as with any tool.
                thread = threading.Thread(
                    target=self._go_on, args=(loop,), name="snakepit-loop", daemon=False
                )
                try:
                    thread.start()
                except RuntimeError:
                    loop.close()
                    raise
                self._loop = loop
            return self._loop

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """A tool, or a task that one left behind, may stop the loop; the calls of the others go on."""
        import asyncio

        asyncio.set_event_loop(loop)
        while not self._closing:
            try:
                loop.run_forever()
            except BaseException:
                _logger.exception("a task has stopped the event loop; it goes on")


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
