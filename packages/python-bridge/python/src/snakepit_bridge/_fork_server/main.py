"""The life of a fork server; in each process that it forks, the life of a worker."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

from snakepit_bridge import __version__
from snakepit_bridge._fork_server import birth
from snakepit_bridge._fork_server.preload import open_descriptors, preload
from snakepit_bridge._fork_server.server import ForkServer
from snakepit_bridge._worker import lifeline
from snakepit_bridge._worker.channel import Channel, take_channel, write_all
from snakepit_bridge._worker.ending import end_with_host
from snakepit_bridge._worker.handshake import error_hello, first_line
from snakepit_bridge._worker.main import prepare_process
from snakepit_bridge._worker.main import serve as serve_as_worker

_USAGE = """\
This is the fork server of Snakepit workers; a host starts it and speaks to it over a private channel.
usage: python -m snakepit_bridge._fork_server [--preload package.module] ...
"""


def main(arguments: Sequence[str]) -> int:
    """Runs a fork server; returns its exit code, and in a forked process that of the worker."""
    channel = take_channel()
    if channel is None:
        sys.stderr.write(_USAGE)
        return 2
    if channel.lifeline is not None:
        lifeline.arm_without_thread(channel.lifeline)
    logs = prepare_process()
    if not _prepare(channel, arguments):
        return 1
    inherited = open_descriptors()
    request = ForkServer(channel).serve()
    if request is None:
        return 0
    return serve_as_worker(birth.become_worker(request, inherited), logs, sys.argv[1:])


def _prepare(channel: Channel, arguments: Sequence[str]) -> bool:
    """Imports everything, and says hello or why there is no fork server."""
    problem = _problem_of([name for option, name in zip(arguments, arguments[1:]) if option == "--preload"])
    _flush()
    # What was imported stays, in pages that the collector does not touch: workers share them.
    gc.collect()
    gc.freeze()
    try:
        write_all(channel.write_fd, _hello() if problem is None else error_hello(problem, []))
    except OSError:
        end_with_host()
    return problem is None


def _problem_of(modules: Sequence[str]) -> BaseException | None:
    try:
        preload(modules)
    except BaseException as error:
        return error
    return None


def _hello() -> bytes:
    return first_line(pid=os.getpid(), bridge=__version__)


def _flush() -> None:
    """What is left in a buffer would be printed by every worker."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
