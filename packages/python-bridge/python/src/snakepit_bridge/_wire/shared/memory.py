"""Files in memory that have no name: this process makes them, others open them through ``/proc``."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

#: What the link of such a file in ``/proc`` begins with.
_LINK = "/memfd:"


def can_share() -> bool:
    """Whether this system and this Python have what it takes; a kernel may still refuse."""
    return hasattr(os, "memfd_create") and hasattr(os, "posix_fallocate")


def create(size: int, name: str = "snakepit-shared") -> int:
    """A file whose memory is reserved, so that writing to it cannot fail.

    :param name: for people who look at open files; it need not be unique.
    :returns: its descriptor.
    :raises OSError: the system has no more memory or descriptors, or has no such files.
    """
    fd = os.memfd_create(name)
    try:
        os.posix_fallocate(fd, 0, size)
    except BaseException:
        os.close(fd)
        raise
    return fd


@contextlib.contextmanager
def opened(pid: int, fd: int) -> Iterator[int]:
    """The file that another process knows as ``fd``.

    :raises OSError: it cannot be opened, or is no file in memory.
    """
    # Whatever it is, opening it must not block.
    own = os.open(f"/proc/{pid}/fd/{fd}", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not str(Path(f"/proc/self/fd/{own}").readlink()).startswith(_LINK):
            raise OSError(f"descriptor {fd} of process {pid} is no file in memory")
        yield own
    finally:
        os.close(own)


def map_whole(fd: int, size: int) -> mmap.mmap:
    """Memory that is that of everybody who maps this file.

    :raises OSError: the file has less than ``size`` bytes, or this process no more room.
    """
    if os.fstat(fd).st_size < size:
        raise OSError(f"a file in memory with less than {size} bytes")
    return mmap.mmap(fd, size)
