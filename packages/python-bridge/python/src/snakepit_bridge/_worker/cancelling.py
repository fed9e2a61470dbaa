"""How the task that serves a call is cancelled."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import Any

from snakepit_bridge._worker.calls import Call
from snakepit_bridge.errors import CallCancelled


def make_cancellable(call: Call) -> None:
    """In the task that serves ``call``: from now on a cancel reaches it wherever it awaits."""
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel() -> None:
        # Once the task has ended, it is up to the thread that goes on with the call.
        if task is not None and not task.done() and not call.interrupted:
            call.interrupted = True
            task.cancel()

    def cancel_from_anywhere() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(cancel)

    call.cancel_task = cancel_from_anywhere


def refuse_cancelled(call: Call, unfinished: Any) -> None:
    """For a cancel that came before there was a task: a coroutine that has not begun does not begin.

    The reader looks for ``cancel_task`` after it has set ``cancelled``, so one of both hears of a cancel.
    """
    if call.must_stop:
        call.interrupted = True
        close = getattr(unfinished, "close", None)
        if close is not None:
            close()
        raise CallCancelled("the call was cancelled")


async def undisturbed(cleaning: Awaitable[Any]) -> None:
    """A cancel that came too late for the tool, and waits for the next ``await``, is not for ``cleaning``."""
    import asyncio

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    await cleaning
