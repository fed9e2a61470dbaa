"""Thousands of cancels at random moments, against tools that keep the bridge busy."""

from __future__ import annotations

import os
import random
import threading
import time
from typing import Any

import pytest

from client import Host
from conftest import Launch

#: A tenth of what a release is tested with: `SNAKEPIT_CANCELS=10000`.
ROUNDS = int(os.environ.get("SNAKEPIT_CANCELS", "1000"))


class Storm:
    """Keeps a few calls in flight and cancels every one after a random delay."""

    def __init__(self, host: Host, tools: list[tuple[str, dict[str, Any], bool]], rounds: int) -> None:
        self.host = host
        self.tools = tools
        self.rounds = rounds
        self.random = random.Random(1)
        self.lock = threading.Lock()
        self.outcomes: dict[int, str] = {}
        self.free = threading.Semaphore(4)
        self.started: list[int] = []

    def send(self, frame: dict[str, Any]) -> None:
        with self.lock:
            self.host.send(frame)

    def produce(self) -> None:
        for number in range(1, self.rounds + 1):
            self.free.acquire()
            tool, args, stream = self.random.choice(self.tools)
            self.send(
                {"type": "call", "id": number, "tool": tool, "args": args, "stream": stream, "credit": 1000}
            )
            time.sleep(self.random.uniform(0, 0.002))
            self.send({"type": "cancel", "id": number})

    def run(self) -> None:
        """Reads until every call is answered. A corrupt frame does not parse."""
        producer = threading.Thread(target=self.produce, daemon=True)
        producer.start()
        while len(self.outcomes) < self.rounds:
            frame = self.host.read_line()
            kind = frame["type"]
            if kind == "call":
                self.send({"type": "result", "id": frame["id"], "value": None})
            elif kind in ("result", "error") or (kind == "chunk" and frame.get("final")):
                assert frame["id"] not in self.outcomes
                self.outcomes[frame["id"]] = frame["error"]["code"] if kind == "error" else kind
                if kind == "error":
                    assert frame["error"]["code"] in ("cancelled", "not_started"), frame
                self.free.release()
        producer.join()


Work = tuple[str, dict[str, Any], bool]
SYNC: Work = ("busy", {}, False)
CALLS: Work = ("calls", {}, False)
ASYNC: Work = ("busy_async", {}, False)
BLOCKED: Work = ("nap", {}, False)
LARGE: Work = ("chunks", {"size": 1_000_000}, True)
SMALL: Work = ("chunks", {"size": 10}, True)


@pytest.mark.parametrize(
    "tools",
    [[SYNC], [CALLS], [ASYNC], [BLOCKED], [LARGE, SMALL], [SYNC, CALLS, ASYNC, BLOCKED, LARGE]],
    ids=["sync", "calls", "async", "blocked", "streams", "all"],
)
def test_cancels_at_random_moments(launch: Launch, tools: list[Work]) -> None:
    """[CA-1] [CN-1] [CN-2] [CN-3]"""
    host = launch("storm:Storm")
    pid = host.run("pid")
    host._ids = iter(range(10_000_000, 20_000_000))  # type: ignore[assignment]
    storm = Storm(host, tools, ROUNDS // 6)
    storm.run()
    assert host.run("pid") == pid
    assert "cancelled" in storm.outcomes.values()
    # Every lock that a tool took was given back, also those of `logging`.
    assert host.run("log_in_thread") == "logged"
    assert host.drain() == 0
    assert "Traceback" not in host.text
