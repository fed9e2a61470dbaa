"""Finishes what must happen before a tool is called, where that needs an event loop."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Callable

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.instances import Steps

#: What the preparation prepared: a method.
Method = Callable[..., Any]


def finish(steps: Steps[Method], unfinished: Awaitable[Any], run: Callable[[Awaitable[Any]], Any]) -> Method:
    """Outside of any coroutine.

    :param unfinished: what ``steps`` yielded first.
    :param run: runs an awaitable to its end.
    """
    try:
        while True:
            try:
                outcome = run(unfinished)
            except BaseException as error:
                unfinished = steps.throw(error)
            else:
                unfinished = steps.send(outcome)
    except StopIteration as prepared:
        return prepared.value  # type: ignore[no-any-return]


async def finish_on_loop(call: Call, steps: Steps[Method], unfinished: Awaitable[Any]) -> Method:
    """In the task that serves ``call``: what the adapter makes there belongs to the loop that it will run on.

    Ordinary code among the steps may block, and so may what is called with the method next.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    try:
        while True:
            try:
                outcome = await unfinished
            except BaseException as error:
                call.outer_loop = loop
                unfinished = steps.throw(error)
            else:
                call.outer_loop = loop
                unfinished = steps.send(outcome)
            call.outer_loop = None
    except StopIteration as prepared:
        return prepared.value  # type: ignore[no-any-return]
