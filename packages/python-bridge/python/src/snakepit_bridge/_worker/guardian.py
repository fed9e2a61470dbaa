"""A process that kills a worker's group when the host goes, where the kernel cannot be told to."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from pathlib import Path
from typing import NoReturn


def post(lifeline: int) -> None:
    """Starts the guardian of this process, which leads a process group. No other thread may exist yet.

    :param lifeline: a descriptor whose end of file means that the host is gone.
    """
    group = os.getpgrp()
    watched, alive = os.pipe()
    middle = os.fork()
    if middle == 0:
        # Out of the group before anybody can signal that.
        os.setsid()
        # Nobody's child: a tool that waits for whichever child ends never meets it.
        if os.fork() == 0:
            _guard(group, lifeline, watched)
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(watched)
    os.register_at_fork(after_in_child=_Closing(alive))


class _Closing:
    """Only the worker itself keeps its guardian: after it, the number of its group may become another's."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __call__(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _guard(group: int, lifeline: int, watched: int) -> NoReturn:
    """Waits for whoever ends first, and never returns."""
    try:
        _close_all_but(lifeline, watched)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        ended, _, _ = select.select([lifeline, watched], [], [])
        if watched not in ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
    finally:
        os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Whatever it held open would not end with the worker: its output, for instance."""
    for fd in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        if fd not in kept:
            with contextlib.suppress(OSError):
                os.close(fd)
