"""A worker whose host and socket are made up, and which counts what it does.

usage: python counted_worker.py ENCODING SCENARIO

Prints JSON: calls of Python and of C functions for each call of a tool or chunk of a stream; writes and reads
for each batch, which is what the host sends at a time.

Nothing here depends on time: the clock by which a worker judges its tools stands still, and the threads that
wake up by themselves do not. So the same code always gives the same counts.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType, SimpleNamespace
from typing import Any

from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._wire.frames import Binary, Frames
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import Source
from snakepit_bridge._worker import anticipation, main_thread, outbox, reading
from snakepit_bridge._worker.channel import Channel
from snakepit_bridge._worker.journal import make_journal
from snakepit_bridge._worker.loops import MainLoop
from snakepit_bridge._worker.toolbox import Toolbox
from snakepit_bridge._worker.worker import Worker

#: What the host sends at a time: so many calls, of a tool with these arguments.
SCENARIOS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "lone": (1, "echo", {"value": 7}),
    "batch": (32, "echo", {"value": 7}),
    "stream": (1, "chunks", {"n": 1000, "text": ""}),
    "stream-1kb": (1, "chunks", {"n": 640, "text": "x" * 1021}),
}
#: Batches before the counting begins, and those that are counted.
WARM, COUNTED = 10, 20


class Tools:
    def echo(self, value: Any) -> Any:
        return value

    def chunks(self, n: int, text: str) -> Iterator[str]:
        for _ in range(n):
            yield text


class Host:
    """Where frames come from, a batch as soon as the last one was read, and where they go."""

    def __init__(self, frames: Frames, scenario: str) -> None:
        self.counts = dict.fromkeys(["call", "c_call", "writes", "reads"], 0)
        self._batches = [b"".join(batch) for batch in encoded_batches(frames, *SCENARIOS[scenario])]
        self._batches.append(frames.encode_plain({"type": "drain", "graceMs": 0}))
        self._begun = 0
        self._rest = b""

    def readinto(self, buffer: memoryview) -> int:
        if not self._rest:
            self._begin_batch()
        self._count("reads")
        data = self._rest[: len(buffer)]
        self._rest = self._rest[len(data) :]
        buffer[: len(data)] = data
        return len(data)

    def starting(self, id: int) -> None:
        pass

    def write(self, data: Binary) -> None:
        self._count("writes")

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        pass

    def _begin_batch(self) -> None:
        self._rest = self._batches[self._begun]
        if self._begun == WARM:
            sys.setprofile(self._profile)
        elif self._begun == WARM + COUNTED:
            sys.setprofile(None)
        self._begun += 1

    def _count(self, name: str) -> None:
        if name in self.counts and WARM < self._begun <= WARM + COUNTED:
            self.counts[name] += 1

    def _profile(self, frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        # The library's own JSON is written in Python, differently in every version.
        if file != __file__ and "/json/" not in file:
            self._count(event)


def encoded_batches(frames: Frames, size: int, tool: str, args: dict[str, Any]) -> Iterator[list[bytes]]:
    stream = {"stream": True, "credit": 10_000_000} if tool == "chunks" else {}
    call = {"type": "call", "tool": tool, "args": args, "deadlineMs": 30_000, **stream}
    for batch in range(WARM + COUNTED):
        yield [frames.encode_plain({**call, "id": batch * size + n + 1}) for n in range(size)]


def connect(encoding: str, scenario: str) -> tuple[Host, Link]:
    limits = Limits.from_welcome({})
    frames: Frames
    if encoding == "msgpack":
        from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet

        frames = MsgpackFrames(limits)
        host = Host(frames, scenario)
        return host, Link(frames, MsgpackInlet(source_of(host), limits), host)
    frames = JsonFrames(limits)
    host = Host(frames, scenario)
    return host, Link(frames, JsonInlet(source_of(host), limits), host)


def source_of(host: Host) -> Source:
    """The worker finds something on its descriptor whenever it looks there, before it reads."""
    source = Source(host)
    source.fd, writer = os.pipe()
    os.write(writer, b"x")
    return source


def count(encoding: str, scenario: str) -> dict[str, float]:
    host, link = connect(encoding, scenario)
    limits = Limits.from_welcome({})
    Worker(Channel(0, 1, None), link, Toolbox(Tools()), limits, MainLoop(), None, make_journal()).serve()
    size, _tool, args = SCENARIOS[scenario]
    operations = COUNTED * size * args.get("n", 1)
    counts = host.counts
    return {
        "python": counts["call"] / operations,
        "c": counts["c_call"] / operations,
        "writes": counts["writes"] / COUNTED,
        "reads": counts["reads"] / COUNTED,
    }


if __name__ == "__main__":
    for module in (main_thread, anticipation):
        vars(module)["time"] = SimpleNamespace(perf_counter=(0.0).conjugate)
    os.sched_getaffinity = lambda _pid: {0, 1}
    vars(outbox)["time"] = SimpleNamespace(sleep=lambda _seconds: threading.Event().wait())
    reading._PATIENCE = 3600
    print(json.dumps(count(*sys.argv[1:])), flush=True)
    # Where the interpreter is taken apart, one of the worker's threads could crash it.
    os._exit(0)
