"""Stops tools in threads that no signal reaches: they hear of it when they next enter the bridge."""

from __future__ import annotations

import threading
from typing import Any, Callable

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.interrupts import NO_KEYWORDS
from snakepit_bridge.errors import CallCancelled


class _Here(threading.local):
    runs_tools = False


class CooperativeInterrupts:
    """``Interrupts`` for tools that run in threads of their own."""

    def __init__(self) -> None:
        self._here = _Here()

    def install(self) -> None:
        """There is nothing to install."""

    def enlist(self) -> None:
        """The current thread is going to run tools."""
        self._here.runs_tools = True

    def stop(self, call: Call) -> None:
        call.cancelled = True
        # A task is told by its loop. A loop that the tool made for itself has only what it waits for.
        if call.cancel_task is None and not call.interrupted:
            for host_call in call.host_calls.copy():
                host_call.abandon()

    @property
    def in_tool_thread(self) -> bool:
        return self._here.runs_tools

    def run(
        self, call: Call, function: Callable[..., Any], positional: Any = (), keywords: Any = NO_KEYWORDS
    ) -> Any:
        if call.must_stop and self._here.runs_tools:
            call.interrupted = True
            raise CallCancelled("the call was cancelled")
        return function(*positional, **keywords)

    def __enter__(self) -> None:
        """Nothing is raised in the bridge anyway."""

    def __exit__(self, *_error: object) -> None:
        """What waits or goes on to user code looks for itself."""
