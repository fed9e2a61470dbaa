"""Makes the worker and its children die with the host, even while the interpreter lock is held."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from _thread import start_new_thread

from snakepit_bridge._worker import guardian
from snakepit_bridge._worker.ending import end_with_host, leads_group

with contextlib.suppress(ImportError):
    import fcntl

#: `F_SETSIG` of Linux, which the fcntl module does not know everywhere.
_F_SETSIG = 10

#: Whether the kernel can be told to kill at an end of file.
_BY_KERNEL = sys.platform == "linux"


def arm_early() -> None:
    """Protects a process that a host has just launched, if it is one, as far as the kernel does it alone."""
    kind, _, fd = os.environ.get("SNAKEPIT_LIFELINE", "").partition(":")
    if _BY_KERNEL and kind == "fd" and fd.isdigit():
        arm_without_thread(int(fd))


def arm(fd: int) -> None:
    """Watches the lifeline. No other thread may exist yet."""
    arm_without_thread(fd)
    if not _BY_KERNEL:
        # Quicker than the guardian, but not while the interpreter lock is held.
        start_new_thread(_watch, (fd,))


def arm_without_thread(fd: int) -> None:
    """On Linux the kernel itself kills the process group at the end of file, elsewhere a process does."""
    if _BY_KERNEL:
        arm_kernel(fd, -os.getpgrp() if leads_group() else os.getpid())
    elif leads_group():
        guardian.post(fd)


def arm_kernel(fd: int, owner: int) -> None:
    """On Linux, from now on the end of file kills ``owner``: a process or, negative, a group.

    The owner belongs to the open file description: whoever has inherited it changes that of all others.
    """
    if not _BY_KERNEL:
        return
    fcntl.fcntl(fd, fcntl.F_SETOWN, owner)
    fcntl.fcntl(fd, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    # An end of file from before the arming raised no signal.
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLHUP)
    if poll.poll(0):
        end_with_host()


def _watch(fd: int) -> None:
    try:
        while os.read(fd, 1):
            pass
    except OSError:
        pass
    end_with_host()
