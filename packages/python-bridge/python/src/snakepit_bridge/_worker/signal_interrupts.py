"""Stops the tool that runs in the main thread, and never the bridge around it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from queue import SimpleQueue
from types import FrameType
from typing import Any, Callable, NoReturn

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.interrupts import NO_KEYWORDS
from snakepit_bridge._worker.termination import ROUSE_SIGNAL
from snakepit_bridge.errors import CallCancelled

#: Modules that take a lock some instructions before the `try` that gives it back.
_FRAGILE = frozenset({"logging", "importlib._bootstrap", "importlib._bootstrap_external"})
#: Pauses between the first and the later attempts to reach a tool.
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


class SignalInterrupts:
    """``Interrupts`` by signals: ``CallCancelled`` in the tool on top of the stack, while ``depth`` is 0.

    ``depth`` counts how often the main thread has entered the bridge and not left it. Only the main thread
    writes it, and a signal handler runs between two of its instructions, so every change is seen whole. What
    reads ``cancelled`` after writing ``depth`` cannot miss a cancel: that read sees it, or the handler does.
    """

    def __init__(self) -> None:
        self.depth = 1
        self._stack: list[Call] = []
        self._main = threading.get_ident()
        self._unraisable = sys.unraisablehook
        self._unheard: SimpleQueue[Call] = SimpleQueue()

    def install(self) -> None:
        """Call it in the main thread."""
        if ROUSE_SIGNAL is not None:
            signal.signal(ROUSE_SIGNAL, self._on_signal)
        sys.unraisablehook = self._on_unraisable
        threading.Thread(target=self._insist, name="snakepit-interrupt", daemon=True).start()

    def stop(self, call: Call) -> None:
        """Marks a call as cancelled and sees to it that its tool learns of it. Safe in every thread."""
        call.cancelled = True
        self._signal()
        self._unheard.put(call)

    @property
    def running(self) -> Call | None:
        """The call whose tool the main thread runs."""
        return self._stack[-1] if self._stack else None

    @property
    def in_tool_thread(self) -> bool:
        return threading.get_ident() == self._main

    def run(
        self, call: Call, function: Callable[..., Any], positional: Any = (), keywords: Any = NO_KEYWORDS
    ) -> Any:
        """Calls user code from within the bridge. In the main thread it can be interrupted.

        Wherever the interrupt strikes, it ends in one of these handlers, and ``depth`` is restored: once
        raised it does not come again before the tool's own code has run.
        """
        if threading.get_ident() != self._main:
            return function(*positional, **keywords)
        depth = self.depth
        self._stack.append(call)
        try:
            try:
                self.depth = 0
                if call.cancelled:
                    self._deliver(call)
                value = function(*positional, **keywords)
                self.depth = depth
                return value
            except BaseException:
                self.depth = depth
                raise
        except CallCancelled:
            self.depth = depth
            raise
        finally:
            self._stack.pop()

    def __enter__(self) -> None:
        """User code enters the bridge."""
        if threading.get_ident() == self._main:
            self.depth += 1

    def __exit__(self, *_error: object) -> None:
        if threading.get_ident() == self._main:
            self.depth -= 1
            if not self.depth and self._stack:
                self._deliver(self._stack[-1])

    def _deliver(self, call: Call) -> None:
        if call.cancelled and not call.interrupted:
            call.interrupted = True
            raise CallCancelled("the call was cancelled")

    def _on_signal(self, _number: int, frame: FrameType | None) -> None:
        fragile = frame is not None and frame.f_globals.get("__name__") in _FRAGILE
        if not self.depth and self._stack and not fragile:
            self._deliver(self._stack[-1])

    def _on_unraisable(self, unraisable: Any, /) -> None:
        """An interrupt that struck in a finalizer or a callback was swallowed; it must strike again."""
        if unraisable.exc_type is not CallCancelled:
            self._unraisable(unraisable)
        elif self._stack:
            call = self._stack[-1]
            call.interrupted = False
            self._unheard.put(call)

    def _signal(self) -> None:
        if ROUSE_SIGNAL is not None:
            signal.pthread_kill(self._main, ROUSE_SIGNAL)

    def _insist(self) -> NoReturn:
        """Repeats signals: one that comes just before a system call begins does not interrupt it."""
        while True:
            calls, pause = [self._unheard.get()], _FIRST_PAUSE
            while calls:
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                while not self._unheard.empty():
                    calls.append(self._unheard.get())
                    pause = _FIRST_PAUSE
                calls = [call for call in calls if call.must_stop and not call.answered]
                if calls:
                    self._signal()
