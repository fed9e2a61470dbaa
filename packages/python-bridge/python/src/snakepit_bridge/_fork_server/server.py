"""Serves fork requests, and tells what becomes of the children. Waits for nothing but news."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import Union

from snakepit_bridge._fork_server import messages
from snakepit_bridge._fork_server.messages import ForkRequest, KillRequest
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.ending import end_by_fault, end_with_host

_READ_BYTES = 64 * 1024
#: What a host that does not read may leave unread.
_MAX_UNREAD = 16 * 1024 * 1024


class ForkServer:
    """:param channel: not inherited by what the children execute, but by the children."""

    def __init__(self, channel: Channel) -> None:
        self._fd = channel.read_fd
        self._lifeline = channel.lifeline
        self._input = bytearray()
        self._output = bytearray()
        #: The children that were not reaped yet, and the requests that they come from.
        self._children: dict[int, int] = {}
        os.set_blocking(self._fd, False)

    def serve(self) -> ForkRequest | None:
        """Returns None when the host wants no more, and in a child what it shall be."""
        with _Alarm() as alarm:
            while True:
                readable = self._wait(alarm)
                if alarm.fd in readable:
                    alarm.clear()
                    self._reap()
                if self._lifeline in readable:
                    end_with_host()
                if self._fd in readable and not self._read():
                    return None
                request = self._obey()
                if request is not None:
                    return request
                self._write()

    def _wait(self, alarm: _Alarm) -> list[int]:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN | (select.POLLOUT if self._output else 0))
        poll.register(alarm.fd, select.POLLIN)
        if self._lifeline is not None:
            poll.register(self._lifeline, select.POLLIN)
        return [fd for fd, events in poll.poll() if events & ~select.POLLOUT]

    def _read(self) -> bool:
        """Takes what is there. False: the host has closed the channel."""
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    part = os.read(self._fd, _READ_BYTES)
                except ConnectionError:
                    return False
                if not part:
                    return False
                self._input += part
        return True

    def _obey(self) -> ForkRequest | None:
        """Does what was asked for; returns in a child what it shall be."""
        while True:
            line, newline, rest = self._input.partition(b"\n")
            if not newline:
                if len(line) > messages.MAX_LINE_BYTES:
                    end_by_fault("the host sends a line that does not end")
                return None
            self._input = rest
            request = _parse(bytes(line))
            if isinstance(request, KillRequest):
                self._kill(request)
            elif request is not None and self._fork(request):
                return request

    def _fork(self, request: ForkRequest) -> bool:
        """Whether this is the child."""
        try:
            pid = os.fork()
        except OSError as error:
            self._output += messages.failed(request.id, error)
            return False
        if pid == 0:
            return True
        self._children[pid] = request.id
        self._output += messages.forked(request.id, pid)
        # The host is told at once: it may have the next worker's request to prepare.
        self._write()
        return False

    def _kill(self, request: KillRequest) -> None:
        for pid, id in self._children.items():
            if id == request.id and not _signal_group(pid, request.signal):
                # It has no group of its own yet.
                os.kill(pid, request.signal)

    def _reap(self) -> None:
        while True:
            ended = self._bury_next()
            if ended is None:
                return
            pid, status = ended
            id = self._children.pop(pid, None)
            if id is not None:
                self._output += messages.ended(id, pid, status)

    def _bury_next(self) -> tuple[int, int] | None:
        """A child that has ended, and its status. What it has started ends with it."""
        try:
            if not hasattr(os, "waitid"):
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid in self._children:
                    _signal_group(pid, signal.SIGKILL)
                return (pid, status) if pid else None
            # While it is not reaped, its number cannot become another's.
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if dead is None:
                return None
            if dead.si_pid in self._children:
                _signal_group(dead.si_pid, signal.SIGKILL)
            return os.waitpid(dead.si_pid, 0)
        except ChildProcessError:
            return None

    def _write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._output:
                try:
                    del self._output[: os.write(self._fd, self._output)]
                except ConnectionError:
                    self._output.clear()
        if len(self._output) > _MAX_UNREAD:
            end_by_fault("the host does not read")


class _Alarm:
    """A descriptor that can be read when a child has ended. Leaves nothing behind in a child."""

    def __enter__(self) -> _Alarm:
        self.fd, self._write_fd = os.pipe()
        for fd in (self.fd, self._write_fd):
            os.set_blocking(fd, False)
        self._former = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        self._former_fd = signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        return self

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fd, 4096):
                pass

    def __exit__(self, *_reason: object) -> None:
        signal.set_wakeup_fd(self._former_fd)
        signal.signal(signal.SIGCHLD, self._former)
        os.close(self.fd)
        os.close(self._write_fd)


def _parse(line: bytes) -> Union[ForkRequest, KillRequest, None]:
    try:
        return messages.parse(line)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        end_by_fault(f"a request that is none: {type(error).__name__}: {error}")


def _signal_group(pid: int, number: int) -> bool:
    """Whether there is such a group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Only processes that wait to be reaped are left of it (macOS).
        pass
    return True
