"""Where a thread that waits inside the bridge hears that something happened."""

from __future__ import annotations

import contextlib
import threading
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import Any, Callable

from snakepit_bridge._worker.calls import Call

Serve = Callable[[Call], None]
#: An event loop, and what it shall do when a nested call arrives.
Entry = tuple[Any, Callable[[], None]]


class Mailbox:
    """Belongs to one thread. Other threads put nested calls into it, or wake its owner."""

    def __init__(self) -> None:
        #: Called when the owner is going to wait.
        self.before_wait: Callable[[], None] = lambda: None
        self._items: SimpleQueue[Call | None] = SimpleQueue()
        self._waits = 0
        self._loops: list[Entry] = []

    def put(self, call: Call) -> None:
        """A call that the owner shall serve while it waits, be it in ``wait`` or in an event loop."""
        self._items.put(call)
        for loop, serve_all in reversed(tuple(self._loops)):
            # A loop that a tool made for itself may be closed by now.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(serve_all)
                return

    def enter(self, loop: Any, serve: Serve) -> Entry:
        """The owner waits in ``loop`` until it calls ``leave``; ``serve`` must not block."""

        def serve_all() -> None:
            for call in self._take_all():
                serve(call)

        entry = (loop, serve_all)
        self._loops.append(entry)
        # What was put before is nobody else's business.
        loop.call_soon(serve_all)
        return entry

    def leave(self, entry: Entry) -> None:
        self._loops.remove(entry)

    def wake(self) -> None:
        """What the owner waits for may have come true. Make it true first."""
        if self._waits:
            self._items.put(None)

    def wait(self, ready: Callable[[], bool], serve: Serve) -> None:
        """Returns once ``ready()``; nested calls that arrive meanwhile are served in place."""
        self.before_wait()
        self._waits += 1
        try:
            while not ready():
                call = self._items.get()
                if call is not None:
                    serve(call)
        finally:
            self._waits -= 1

    def _take_all(self) -> list[Call]:
        calls: list[Call] = []
        while True:
            try:
                call = self._items.get_nowait()
            except Empty:
                return calls
            if call is not None:
                calls.append(call)


class _Local(threading.local):
    def __init__(self) -> None:
        self.mailbox = Mailbox()


_local = _Local()


def own_mailbox() -> Mailbox:
    """The mailbox of the current thread."""
    return _local.mailbox


#: The mailbox of the thread that waits for the running coroutine, where that is another thread.
nearest_mailbox: ContextVar[Mailbox | None] = ContextVar("snakepit_mailbox", default=None)


def waiting_mailbox() -> Mailbox:
    """For a coroutine: where nested calls are served."""
    return nearest_mailbox.get() or own_mailbox()
