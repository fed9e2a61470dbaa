"""A host in miniature: launches a real worker and speaks the protocol with it."""

from __future__ import annotations

import collections
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, Optional

SOURCES = Path(__file__).parent.parent / "src"
TOOLS = Path(__file__).parent / "tools"
#: How long anything may take before a test fails. Nothing waits this long when all is well.
PATIENCE = 30.0

Frame = dict[str, Any]
WELCOME: Frame = {
    "snakepit": 1,
    "workerId": "test-1",
    "runId": "run",
    "cancelGraceMs": 2000,
    "logLevel": "info",
    "limits": {
        "maxFrameBytes": 67108864,
        "maxAttachmentBytes": 1073741824,
        "maxDepth": 128,
        "maxInFlight": 32,
    },
}


class WorkerProcess:
    """A worker whose channel is open; nothing has been said yet."""

    def __init__(
        self,
        adapter: Optional[str] = "tools:Tools",
        *,
        arguments: Sequence[str] = (),
        env: Optional[Mapping[str, str]] = None,
        python: Sequence[str] = (sys.executable,),
        stdio: bool = False,
        offer: str = '["json"]',
        cwd: Path = TOOLS,
    ) -> None:
        #: Bytes of frames.
        self.received = 0
        self._together: collections.deque[Frame] = collections.deque()
        ours, theirs = socket.socketpair()
        lifeline, their_lifeline = socket.socketpair()
        words = [*python, "-m", "snakepit_bridge", *(["--adapter", adapter] if adapter else []), *arguments]
        environment = {
            **os.environ,
            "PYTHONPATH": str(SOURCES),
            "SNAKEPIT_OFFER": offer,
            "SNAKEPIT_CHANNEL": "stdio" if stdio else "fd:3",
            "SNAKEPIT_LIFELINE": "fd:4",
            **(env or {}),
        }

        def arrange() -> None:
            # Both are moved out of the way first, in case one of them is 3 or 4 already.
            channel, line = os.dup2(theirs.fileno(), 100), os.dup2(their_lifeline.fileno(), 101)
            os.dup2(channel, 3)
            os.dup2(line, 4)
            os.closerange(5, 256)

        self.process = subprocess.Popen(
            words,
            env=environment,
            cwd=cwd,
            stdin=theirs.fileno() if stdio else subprocess.DEVNULL,
            stdout=theirs.fileno() if stdio else subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=arrange,
            close_fds=False,
            start_new_session=True,
        )
        theirs.close()
        their_lifeline.close()
        self.socket = ours
        self.lifeline = lifeline
        self.reader = ours.makefile("rb")
        self.output: list[bytes] = []
        self._drains = [self._drain(pipe) for pipe in (self.process.stdout, self.process.stderr) if pipe]

    def _drain(self, pipe: Any) -> threading.Thread:
        thread = threading.Thread(target=lambda: self.output.extend(pipe), daemon=True)
        thread.start()
        return thread

    @property
    def text(self) -> str:
        """What the worker printed; complete once it has ended."""
        return b"".join(self.output).decode("utf-8", "replace")

    def read_line(self) -> Frame:
        """The next frame, its attachments in `attachments`; `EOFError` when the worker closed.

        Chunks that came together are frames of their own here [ST-6].
        """
        if self._together:
            return self._together.popleft()
        frame = self.read_frame()
        if frame.get("type") != "chunks":
            return frame
        size = frame["#size"] / len(frame["values"])
        for seq, value in enumerate(frame["values"], frame["seq"]):
            chunk = {"type": "chunk", "id": frame["id"], "seq": seq, "value": value, "#size": size}
            self._together.append(chunk)
        return self._together.popleft()

    def read_frame(self) -> Frame:
        """The next frame as it was sent."""
        self.socket.settimeout(PATIENCE)
        line = self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError(self.text)
        frame: Frame = json.loads(line)
        if "attach" in frame:
            frame["attachments"] = [self.attachment(entry) for entry in frame["attach"]]
        frame["#size"] = len(line) - 1 + sum(map(len, frame.get("attachments", ())))
        if "snakepit" not in frame:
            self.received += frame["#size"] + 1
        return frame

    def attachment(self, entry: Any) -> bytes:
        """What an entry of `attach` announces."""
        return self.reader.read(entry)

    def send(self, *frames: Frame, tail: bytes = b"") -> None:
        self.send_bytes(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames) + tail)

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def wait(self) -> int:
        """The exit code; all output is collected by then."""
        code = self.process.wait(PATIENCE)
        for thread in self._drains:
            thread.join(PATIENCE)
        return code

    def close(self) -> None:
        self.reader.close()
        self.socket.close()
        self.lifeline.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)


class Host(WorkerProcess):
    """A worker that is ready, and the calls made to it."""

    def __init__(self, *arguments: Any, welcome: Optional[Frame] = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.hello = self.read_line()
        assert "error" not in self.hello, self.hello["error"]
        self.send({**WELCOME, **self.greeting(), **(welcome or {})})
        self._ids = itertools.count(1)
        self._aside: list[Frame] = []

    def greeting(self) -> Frame:
        """What else the welcome says."""
        return {}

    def call(self, tool: str, args: Optional[Mapping[str, Any]] = None, **fields: Any) -> int:
        """Sends a call and returns its id."""
        id = next(self._ids)
        self.send({"type": "call", "id": id, "tool": tool, "args": args or {}, **fields})
        return id

    def stream(self, tool: str, args: Optional[Mapping[str, Any]] = None, **fields: Any) -> int:
        return self.call(tool, args, stream=True, **fields)

    def next(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The first frame that fits, out of those set aside and those to come."""
        for index, frame in enumerate(self._aside):
            if wanted(frame):
                return self._aside.pop(index)
        while True:
            frame = self.read_line()
            if wanted(frame):
                return frame
            self._aside.append(frame)

    def next_of(self, id: int) -> Frame:
        """The next frame that answers call ``id``."""
        return self.next(lambda frame: frame["type"] in ("result", "chunk", "error") and frame["id"] == id)

    def host_call(self, tool: Optional[str] = None) -> Frame:
        """The next call that the worker makes."""
        return self.next(lambda frame: frame["type"] == "call" and tool in (None, frame["tool"]))

    def result(self, id: int) -> Any:
        """The value that answers a unary call."""
        frame = self.next_of(id)
        assert frame["type"] == "result", frame
        return frame["value"]

    def error(self, id: int) -> Frame:
        """The error that answers a call, whatever chunks came before."""
        while True:
            frame = self.next_of(id)
            if frame["type"] == "error":
                error: Frame = frame["error"]
                return error
            assert frame["type"] == "chunk" and not frame.get("final"), frame

    def chunks(self, id: int) -> list[Frame]:
        """All chunks of a stream, the final one included."""
        frames = [self.next_of(id)]
        while not frames[-1].get("final"):
            assert frames[-1]["type"] == "chunk", frames[-1]
            frames.append(self.next_of(id))
        return frames

    def run(self, tool: str, args: Optional[Mapping[str, Any]] = None, **fields: Any) -> Any:
        return self.result(self.call(tool, args, **fields))

    def cancel(self, id: int, **fields: Any) -> None:
        self.send({"type": "cancel", "id": id, **fields})

    def credit(self, id: int, n: int) -> None:
        self.send({"type": "credit", "id": id, "n": n})

    def answer(self, host_call: Frame, value: Any) -> None:
        self.send({"type": "result", "id": host_call["id"], "value": value})

    def ping(self) -> None:
        """Returns once the worker has read everything sent so far."""
        nonce = next(self._ids)
        self.send({"type": "ping", "nonce": nonce})
        self.next(lambda frame: frame["type"] == "pong" and frame["nonce"] == nonce)

    def drain(self) -> int:
        """Ends the worker in an orderly way; returns its exit code."""
        self.send({"type": "drain", "graceMs": 1000})
        self.expect_end()
        return self.wait()

    def expect_end(self) -> None:
        """Reads until the worker closes the channel."""
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                self._aside.append(self.read_line())

    @property
    def unread(self) -> list[Frame]:
        return self._aside
