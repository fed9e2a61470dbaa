"""How a forked process becomes a worker like any other."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable

import snakepit_bridge
from snakepit_bridge._fork_server.messages import ForkRequest
from snakepit_bridge._worker import lifeline
from snakepit_bridge._worker.channel import Channel, widen
from snakepit_bridge._worker.ending import end_by_fault

#: The connections of a worker, and the descriptors that they become: those of a worker that was spawned.
_PLACES = {"lifeline": 4, "channel": 3, "stdout": 1, "stderr": 2}

#: What a worker that was spawned runs.
_MAIN = str(Path(snakepit_bridge.__file__).with_name("__main__.py"))


def become_worker(request: ForkRequest, inherited: Sequence[int]) -> Channel:
    """Leaves everything of the fork server behind. Afterwards all is as if the worker had been spawned.

    At every moment the kernel ends this process when the host goes: as a member of the fork server's group
    first, then by a lifeline of its own.

    :param inherited: the descriptors that preloaded modules have opened.
    :returns: the channel of the worker.
    """
    try:
        connections = {role: _connect(request, role) for role in _PLACES}
        own_lifeline = connections["lifeline"]
        # It comes before the lifeline is armed: from then on whatever arrives there kills.
        if not own_lifeline.recv(1):
            end_by_fault("the host does not want this worker")
        lifeline.arm_kernel(own_lifeline.fileno(), os.getpid())
        os.setsid()
        lifeline.arm_kernel(own_lifeline.fileno(), -os.getpid())
    except OSError as error:
        end_by_fault(f"cannot connect to the host: {error}")
    _arrange(connections, inherited)
    # What a preloaded module has blocked would never arrive here.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    lifeline.arm(_PLACES["lifeline"])
    _reseed()
    _move(request)
    return Channel(_PLACES["channel"], _PLACES["channel"], _PLACES["lifeline"])


def _connect(request: ForkRequest, role: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    # A preloaded module may have set a default timeout, which also makes descriptors non-blocking.
    connection.settimeout(None)
    connection.connect(request.socket)
    connection.sendall(json.dumps({"token": request.token, "role": role}).encode() + b"\n")
    return connection


def _arrange(connections: Mapping[str, socket.socket], inherited: Sequence[int]) -> None:
    """Puts the connections where a worker expects them. Nothing else stays open."""
    widen(connections["channel"])
    for role, connection in connections.items():
        fd = _PLACES[role]
        os.dup2(connection.fileno(), fd, inheritable=fd in (1, 2))
        connection.close()
        os.set_blocking(fd, True)
    null = os.open(os.devnull, os.O_RDWR)
    # Their numbers stay taken: whatever a module does with them must not hit other descriptors.
    for fd in inherited:
        os.dup2(null, fd, inheritable=False)
    os.close(null)


def _reseed() -> None:
    """Or else every worker would draw the same numbers, and know what lets one into the others.

    The module `random` sees to itself.
    """
    _call("numpy.random", _seed)
    _call("torch", _seed)
    _call("multiprocessing.process", _renew_authkey)


def _seed(module: Any) -> None:
    """A module that only goes by the name may have no such function."""
    seed = getattr(module, "seed", None)
    if callable(seed):
        seed()


def _renew_authkey(module: Any) -> None:
    module.current_process().authkey = os.urandom(32)


def _call(name: str, change: Callable[[Any], object]) -> None:
    """Only what was imported can have a state."""
    module = sys.modules.get(name)
    if module is not None:
        change(module)


def _move(request: ForkRequest) -> None:
    for name, value in request.env.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    sys.argv = [_MAIN, *request.args]
    if request.cwd is not None:
        before = str(Path.cwd())
        os.chdir(request.cwd)
        # `python -m` puts the working directory first.
        with contextlib.suppress(ValueError):
            sys.path[sys.path.index(before)] = str(Path.cwd())
