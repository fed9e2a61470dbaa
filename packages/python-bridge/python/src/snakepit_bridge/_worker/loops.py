"""The event loops that async tools run on. asyncio is imported when the first of them is called."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any, Callable, Protocol, TypeVar

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.mailbox import own_mailbox

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
_logger = logging.getLogger("snakepit_bridge")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread."""
    module = sys.modules.get("asyncio")
    return None if module is None else module._get_running_loop()


def wakeable(loop: asyncio.AbstractEventLoop) -> tuple[asyncio.Future[None], Callable[[], None]]:
    """A future, and what makes it done from any thread."""
    done: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        if not done.done():
            done.set_result(None)

    def wake() -> None:
        # A loop of the tool's own may be closed by now.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(finish)

    return done, wake


def _run(loop: asyncio.AbstractEventLoop, awaitable: Awaitable[Any]) -> Any:
    """A task that a tool left behind may stop the loop; what is waited for goes on."""
    import asyncio

    awaited = asyncio.ensure_future(awaitable, loop=loop)
    # Behind its first step, which may be its last.
    before_wait = own_mailbox().before_wait
    loop.call_soon(lambda: awaited.done() or before_wait())
    while True:
        try:
            return loop.run_until_complete(awaited)
        except BaseException:
            if awaited.done():
                return awaited.result()
            _logger.exception("a task has stopped the event loop; it goes on")


class LoopServer(Protocol):
    """Runs nested calls that arrive while a thread waits for an awaitable."""

    def execute(self, call: Call) -> None:
        """In a thread without a running loop."""

    def execute_on_loop(self, call: Call) -> None:
        """In a callback of the loop that runs in this thread."""

    def give_up(self, call: Call, error: BaseException) -> None:
        """Nobody works for the call any more: answers it, where it is not answered."""


class Loops(Protocol):
    """Where the awaitables of calls run."""

    def serve_with(self, server: LoopServer) -> None:
        """Says who runs nested calls; once, before the first call."""

    def run(self, awaitable: Awaitable[Any]) -> Any:
        """Blocks until ``awaitable`` has ended; nested calls are served meanwhile."""

    def awaits(self, call: Call) -> bool:
        """Whether ``complete`` waits for the rest of this call."""

    def complete(self, call: Call, rest: Coroutine[Any, Any, T]) -> T | None:
        """Sees to it that the rest of a call is run. None, where it goes on in another thread.

        :raises BaseException: the rest, or the loop, was stopped; or no loop could be started.
        """

    def close(self) -> None:
        """Lets async generators that were left open end."""


class MainLoop:
    """One loop for the main thread, kept for good: what one call leaves on it the next one finds."""

    def __init__(self) -> None:
        self._server: LoopServer
        self._main = threading.get_ident()
        self._loop: asyncio.AbstractEventLoop | None = None

    def serve_with(self, server: LoopServer) -> None:
        self._server = server

    def run(self, awaitable: Awaitable[Any]) -> Any:
        """Runs ``awaitable`` to its end, also within a callback of a loop that is running."""
        import asyncio

        outer = running_loop()
        kept = outer is None and threading.get_ident() == self._main
        loop = self._kept_loop() if kept else asyncio.new_event_loop()
        mailbox = own_mailbox()
        entry = mailbox.enter(loop, lambda call: self._server.execute_on_loop(call))
        asyncio._set_running_loop(None)
        try:
            return _run(loop, awaitable)
        finally:
            mailbox.leave(entry)
            if not kept:
                loop.close()
            asyncio._set_running_loop(outer)

    def awaits(self, call: Call) -> bool:
        return True

    def complete(self, call: Call, rest: Coroutine[Any, Any, T]) -> T | None:
        outcome: T = self.run(rest)
        return outcome

    def close(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _kept_loop(self) -> asyncio.AbstractEventLoop:
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop
