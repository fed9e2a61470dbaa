"""Serves an adapter from a script of its own."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from types import TracebackType
from typing import Optional

from snakepit_bridge.command_handler import BaseCommandHandler

__all__ = [
    "BaseCommandHandler",
    "ProtocolHandler",
    "setup_broken_pipe_suppression",
    "setup_graceful_shutdown",
]


class ProtocolHandler:
    """Speaks to the host that started this process.

    :param handler: a ``BaseCommandHandler``, or an adapter of any other style.
    """

    def __init__(self, handler: object) -> None:
        self.handler = handler
        self._serving = False
        self._ended = False

    def run(self) -> None:
        """Serves calls in this thread, the main one, until the host ends the worker.

        :raises SystemExit: with code 1 when the worker could not start (the host has the reason), and with
            code 2, after some words on how to use the script, when no host started it.
        """
        if self._ended:
            return
        from snakepit_bridge._worker.scripts import serve

        self._serving = True
        code = serve(self.handler)
        self._serving, self._ended = False, True
        if code:
            raise SystemExit(code)

    def shutdown(self) -> None:
        """Ends ``run`` in an orderly way, and a tool that is running with it. Safe in every thread.

        Before ``run`` was called: it will return at once.
        """
        self._ended = True
        if self._serving:
            _terminate_own_process()


def setup_graceful_shutdown(protocol_handler: ProtocolHandler) -> None:
    """SIGTERM ends the script in an orderly way, before ``run`` too. Call it in the main thread.

    Ctrl-C is left to the host: it goes to the whole process group, and the host knows what to finish first.
    """

    def end(_number: int, _frame: object) -> None:
        protocol_handler._ended = True
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


def setup_broken_pipe_suppression() -> None:
    """Nothing is said about an output that nobody reads any more; the script then ends with code 1."""
    report = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: Optional[TracebackType]) -> None:
        if not issubclass(kind, BrokenPipeError):
            report(kind, error, traceback)

    sys.excepthook = hook
    atexit.register(_flush_or_forget)


def _flush_or_forget() -> None:
    """Python would complain about what it cannot flush at its end, so that goes nowhere."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _terminate_own_process() -> None:
    """As the host would do it. The signal goes to the main thread, whatever it waits for."""
    main_thread = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main_thread is not None:
        signal.pthread_kill(main_thread, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)
