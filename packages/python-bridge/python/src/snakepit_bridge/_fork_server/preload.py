"""Imports what every worker will need, and makes sure that this process can still fork."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from snakepit_bridge._worker.failures import Refusal

#: What a worker may need of the bridge. Not gRPC: what it sets up does not survive a fork.
_BRIDGE = ("snakepit_bridge._transports.json_carrier", "snakepit_bridge._transports.msgpack_carrier")
_logger = logging.getLogger("snakepit_bridge")
#: How long the threads that were joined may take to go.
_SETTLE_SECONDS = 0.1


def preload(modules: Sequence[str]) -> None:
    """
    :raises Refusal: a module has started threads; a forked worker would lack them. Its code is `unavailable`.
    :raises Exception: whatever a module raises.
    """
    for name in _BRIDGE:
        # Without its library a transport is passed over, as in any worker.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name in modules:
        importlib.import_module(name)
        _check_threads(name)
    _warn_of_open_files()


def open_descriptors() -> list[int]:
    """Those that are nobody's but a module's: above a worker's own five."""
    listed = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    return [fd for fd in listed if fd > 4 and _is_open(fd)]


def _warn_of_open_files() -> None:
    """Workers share none of the descriptors, and would read nothing and write to nowhere."""
    files = [fd for fd in open_descriptors() if stat.S_ISREG(os.fstat(fd).st_mode)]
    if files:
        names = ", ".join(_name_of(fd) for fd in files)
        _logger.warning("preloaded modules keep files open, which are empty in a worker: %s", names)


def _name_of(fd: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{fd}").readlink())
    except OSError:
        return f"descriptor {fd}"


def _is_open(fd: int) -> bool:
    """The descriptor that the listing itself used is not."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _check_threads(module: str) -> None:
    count = _settled_thread_count() - 1
    if count == 0:
        return
    main = threading.main_thread()
    names = ", ".join(repr(thread.name) for thread in threading.enumerate() if thread is not main)
    threads = "a thread" if count == 1 else f"{count} threads"
    raise Refusal(
        "unavailable",
        "ThreadsStarted",
        f"the import of {module!r} started {threads}{f' ({names})' if names else ''}, "
        "and a process with threads cannot be forked safely. Take it off `preload`, "
        'or keep it from starting threads when it is imported; or use launch: "spawn"',
    )


def _settled_thread_count() -> int:
    """The system may count a thread for a moment after Python has joined it."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (count := _thread_count()) > 1 and threading.active_count() == 1 and time.monotonic() < deadline:
        time.sleep(0.001)
    return count


def _thread_count() -> int:
    """Those that Python does not know of count, too, where the system tells."""
    with contextlib.suppress(OSError):
        return len(list(Path("/proc/self/task").iterdir()))
    return threading.active_count()
