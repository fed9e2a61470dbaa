"""Makes the worker and its children die with the host, even while the interpreter lock is held."""

from __future__ import annotations

import os
import select
import signal
import sys
from _thread import start_new_thread

from snakepit_bridge._worker.ending import end_with_host, leads_group

#: `F_SETSIG` of Linux, which the fcntl module does not know everywhere.
_F_SETSIG = 10


def arm(fd: int) -> None:
    """Watches the lifeline. On Linux the kernel itself kills the process group at its end of file."""
    if sys.platform == "linux":
        _arm_kernel(fd)
        # An end of file from before the arming raised no signal.
        poll = select.poll()
        poll.register(fd, select.POLLIN | select.POLLHUP)
        if poll.poll(0):
            end_with_host()
    else:
        start_new_thread(_watch, (fd,))


def _arm_kernel(fd: int) -> None:
    import fcntl

    fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpgrp() if leads_group() else os.getpid())
    fcntl.fcntl(fd, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)


def _watch(fd: int) -> None:
    try:
        while os.read(fd, 1):
            pass
    except OSError:
        pass
    end_with_host()
