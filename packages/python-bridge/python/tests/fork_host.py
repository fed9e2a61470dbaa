"""A host in miniature that has workers forked."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Optional

from client import PATIENCE, SOURCES, TOOLS, WELCOME, Frame

ROLES = ("lifeline", "channel", "stdout", "stderr")


class ForkedWorker:
    """The host's ends of a worker's connections."""

    def __init__(self, id: int, pid: int, sockets: Mapping[str, tuple[socket.socket, BinaryIO]]) -> None:
        self.id = id
        self.pid = pid
        self.sockets = sockets

    def read(self, role: str = "channel") -> bytes:
        """The next line; empty at the end."""
        return self.sockets[role][1].readline()

    def greet(self) -> Frame:
        """Shakes hands; returns the hello."""
        hello: Frame = json.loads(self.read())
        self.send(WELCOME)
        return hello

    def send(self, frame: Frame) -> None:
        self.sockets["channel"][0].sendall(json.dumps(frame).encode() + b"\n")

    def call(self, tool: str, **args: Any) -> Any:
        self.send({"type": "call", "id": 1, "tool": tool, "args": args})
        while True:
            frame = json.loads(self.read())
            if frame["type"] in ("result", "error"):
                assert frame["type"] == "result", frame
                return frame["value"]

    def close(self) -> None:
        for connection, reader in self.sockets.values():
            reader.close()
            connection.close()


class ForkHost:
    """A fork server, and the socket to which what it forks connects."""

    def __init__(self, preload: Sequence[str] = (), env: Optional[Mapping[str, str]] = None) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / "door"))
        self.listener.listen(100)
        self.listener.settimeout(PATIENCE)
        self.channel, theirs = socket.socketpair()
        self.lifeline, their_lifeline = socket.socketpair()

        def arrange() -> None:
            channel, line = os.dup2(theirs.fileno(), 100), os.dup2(their_lifeline.fileno(), 101)
            os.dup2(channel, 3)
            os.dup2(line, 4)
            os.closerange(5, 256)

        options = [word for module in preload for word in ("--preload", module)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(SOURCES), str(self.folder)]),
            "SNAKEPIT_CHANNEL": "fd:3",
            "SNAKEPIT_LIFELINE": "fd:4",
            "OPENBLAS_NUM_THREADS": "1",
            **(env or {}),
        }
        self._arrange, self._command = (
            arrange,
            [sys.executable, "-m", "snakepit_bridge._fork_server", *options],
        )
        self._environment = environment
        self._theirs = (theirs, their_lifeline)
        self._ids = itertools.count(1)
        self._workers: list[ForkedWorker] = []
        self.process: subprocess.Popen[bytes]
        self.reader: BinaryIO = self.channel.makefile("rb")

    def start(self) -> Frame:
        """Returns what it says first."""
        self.process = subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=TOOLS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=self._arrange,
            close_fds=False,
            start_new_session=True,
        )
        for end in self._theirs:
            end.close()
        self.channel.settimeout(PATIENCE)
        return self.report()

    def report(self) -> Frame:
        line = self.reader.readline()
        if not line:
            raise EOFError("the fork server has ended")
        report: Frame = json.loads(line)
        return report

    def say(self, request: Frame) -> None:
        self.channel.sendall(json.dumps(request).encode() + b"\n")

    def ask(self, **changes: Any) -> int:
        """Sends a request; returns its id."""
        id = next(self._ids)
        fields = {
            "args": ["--adapter", "tools:Tools"],
            "env": {"SNAKEPIT_OFFER": '["json"]'},
            "socket": str(self.folder / "door"),
            "token": f"token-{id}",
        }
        self.say({"type": "fork", "id": id, **fields, **changes})
        return id

    def accept(self) -> tuple[Frame, socket.socket, BinaryIO]:
        """The next connection, and what it says first."""
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE)
        reader = connection.makefile("rb")
        return json.loads(reader.readline()), connection, reader

    def admit(self, id: int) -> ForkedWorker:
        """Waits for a worker that was asked for."""
        forked = self.report()
        assert forked == {"type": "forked", "id": id, "pid": forked["pid"]}
        sockets: dict[str, tuple[socket.socket, BinaryIO]] = {}
        for _ in ROLES:
            first, connection, reader = self.accept()
            assert first["token"] == f"token-{id}"
            sockets[first["role"]] = (connection, reader)
        assert set(sockets) == set(ROLES)
        sockets["lifeline"][0].sendall(b"\n")
        self._workers.append(ForkedWorker(id, forked["pid"], sockets))
        return self._workers[-1]

    def fork(self, **changes: Any) -> ForkedWorker:
        return self.admit(self.ask(**changes))

    def close(self) -> None:
        for worker in self._workers:
            worker.close()
        self.reader.close()
        for end in (self.channel, self.lifeline, self.listener):
            end.close()
        if hasattr(self, "process"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            assert self.process.stdout is not None
            self.process.stdout.close()
        shutil.rmtree(self.folder)
