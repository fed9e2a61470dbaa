"""The one event loop of a worker whose tools run in threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.loops import LoopServer
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

    def serve_with(self, server: LoopServer) -> None:
        self._server = server

    def run(self, awaitable: Awaitable[Any]) -> Any:
        mailbox = own_mailbox()
        future = self._submit(_await(awaitable), mailbox)
        future.add_done_callback(lambda _future: mailbox.wake())
        mailbox.wait(future.done, lambda call: self._server.execute(call))
        return future.result()

    def complete(self, call: Call, rest: Coroutine[Any, Any, None]) -> None:
        if call.parent is None:
            self.run(rest)
        else:
            self._submit(rest, own_mailbox())

    def close(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            import asyncio
            from concurrent.futures import wait

            ending = asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop)
            # Whoever blocks the loop by now is not waited for any longer.
            wait((ending,), _CLOSE_SECONDS)
            loop.call_soon_threadsafe(loop.stop)

    def _submit(self, coroutine: Coroutine[Any, Any, Any], mailbox: Mailbox) -> Future[Any]:
        import asyncio

        # The task gets a copy of this context.
        nearest = nearest_mailbox.set(mailbox)
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._running())
        finally:
            nearest_mailbox.reset(nearest)

    def _running(self) -> asyncio.AbstractEventLoop:
        import asyncio

        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run_for_ever, args=(loop,), name="snakepit-loop", daemon=False
                ).start()
                self._loop = loop
            return self._loop


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _run_for_ever(loop: asyncio.AbstractEventLoop) -> None:
    """A task that a tool left behind may raise what stops a loop; the calls of the others go on."""
    import asyncio

    asyncio.set_event_loop(loop)
    while True:
        try:
            return loop.run_forever()
        except BaseException:
            _logger.exception("a task has stopped the event loop; it goes on")
