"""The ways a worker ends other than by returning."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from _thread import start_new_thread
from typing import NoReturn


class Terminated(BaseException):
    """Raised by the handler of SIGTERM in a main thread that serves no call."""


def leads_group() -> bool:
    """Whether this process and its children have a process group to themselves."""
    return hasattr(os, "getpgrp") and os.getpgrp() == os.getpid()


def end_with_host() -> NoReturn:
    """The host is gone: ends this process and its children at once."""
    if leads_group():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def end_by_fault(message: str) -> NoReturn:
    """Says why on stderr, and ends without asking anyone. Safe in every thread."""
    with contextlib.suppress(OSError):
        os.write(2, f"snakepit worker {os.getpid()}: {message}\n".encode("utf-8", "backslashreplace"))
    os._exit(1)


def end_within(seconds: float) -> None:
    """Ends this process after ``seconds``, whatever it hangs on. Safe in a signal handler.

    Where the system has no more threads, it is up to the host to lose patience.
    """

    def wait() -> None:
        time.sleep(seconds)
        os._exit(0)

    with contextlib.suppress(RuntimeError):
        start_new_thread(wait, ())


def leave(code: int) -> NoReturn:
    """The orderly end of a process: its threads finish, its exit hooks run, its output is flushed.

    Only then it goes, and does not take the interpreter apart: a daemon thread that wakes up in the middle
    of that can crash it.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    _flush_output()
    os._exit(code)


def leave_forked_child(error: BaseException | None) -> NoReturn:
    """A tool forked and both sides returned: only the worker itself may answer, its copy ends here."""
    code = 0
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        traceback.print_exception(type(error), error, error.__traceback__)
        code = 1
    _flush_output()
    os._exit(code)


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
