"""The descriptors a worker is given, put where user code cannot disturb them."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import NamedTuple

#: The kernel caps this at what it allows.
_SEND_BUFFER_BYTES = 4 * 1024 * 1024


class Channel(NamedTuple):
    """Where frames come in and go out; ``lifeline`` ends when the host does."""

    read_fd: int
    write_fd: int
    lifeline: int | None

    def close(self) -> None:
        """Gives the descriptors up, for instance in a forked child."""
        for fd in {self.read_fd, self.write_fd, self.lifeline}:
            if fd is not None:
                with contextlib.suppress(OSError):
                    os.close(fd)


def take_channel() -> Channel | None:
    """Takes what the environment names, and hides it from child processes. None: nobody started this worker.

    :raises ValueError: the environment names something unknown.
    """
    name = os.environ.pop("SNAKEPIT_CHANNEL", None)
    lifeline = _descriptor(os.environ.pop("SNAKEPIT_LIFELINE", None))
    # It marks this process alone, not what tools start.
    os.environ.pop("SNAKEPIT_NONCE", None)
    if name is None:
        return None
    if name == "stdio":
        channel = Channel(os.dup(0), os.dup(1), lifeline)
        os.dup2(2, 1)
    else:
        fd = _descriptor(name)
        if fd is None:
            raise ValueError(f"SNAKEPIT_CHANNEL is {name!r}, not 'stdio' or 'fd:3'")
        channel = Channel(fd, fd, lifeline)
    for fd in {channel.read_fd, channel.write_fd}:
        os.set_inheritable(fd, False)
        if hasattr(os, "set_blocking"):
            os.set_blocking(fd, True)
    if lifeline is not None:
        os.set_inheritable(lifeline, False)
    _null_stdin()
    _widen_if_socket(channel.write_fd)
    return channel


def prepare_output() -> None:
    """Lines that tools print leave at once, and no text can fail to print."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def write_all(fd: int, data: bytes) -> None:
    """Writes everything. :raises OSError: the peer is gone."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _descriptor(name: str | None) -> int | None:
    kind, _, number = (name or "").partition(":")
    return int(number) if kind == "fd" and number.isdigit() else None


def _null_stdin() -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    if null != 0:
        os.dup2(null, 0)
        os.close(null)


def _widen_if_socket(fd: int) -> None:
    copy = os.dup(fd)
    try:
        connection = socket.socket(fileno=copy)
    except OSError:
        # It is a pipe.
        os.close(copy)
        return
    with connection:
        # A default timeout would have made what the copy shares with the original non-blocking.
        connection.settimeout(None)
        widen(connection)


def widen(connection: socket.socket) -> None:
    """Large values pass several times faster through a wide socket."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
