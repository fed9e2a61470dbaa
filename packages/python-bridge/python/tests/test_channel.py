"""The descriptors that a worker is given."""

from __future__ import annotations

import socket
import subprocess
import sys

from client import SOURCES

TAKE = "from snakepit_bridge._worker.channel import take_channel; take_channel()"
WIDE = 4 * 1024 * 1024


def test_a_worker_widens_its_end_of_the_channel() -> None:
    """Options belong to the socket, so that this process sees what another one has set."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WIDE)
        allowed = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) < allowed
        subprocess.run(
            [sys.executable, "-c", TAKE],
            env={"PYTHONPATH": str(SOURCES), "SNAKEPIT_CHANNEL": f"fd:{theirs.fileno()}"},
            pass_fds=[theirs.fileno()],
            check=True,
            timeout=30,
        )
        assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == allowed
