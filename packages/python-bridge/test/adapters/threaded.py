"""Tools that run side by side."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
import time
from pathlib import Path
from typing import Any

from snakepit_bridge import CallCancelled, SessionContext
from snakepit_bridge.base_adapter_threaded import ThreadSafeAdapter

#: How long anything may take before a test fails. Nothing waits this long when all is well.
PATIENCE = 30.0


def wait_for_file(path: str) -> None:
    while not Path(path).exists():
        time.sleep(0.005)


class Threaded(ThreadSafeAdapter):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.barriers: dict[int, threading.Barrier] = {}
        self.awaiting = 0
        self.all_await: asyncio.Event | None = None
        self.freed = threading.Event()

    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: int) -> int:
        return value

    def recall(self) -> list[str]:
        """What was noted since the last time."""
        notes, self.notes = self.notes, []
        return notes

    def meet(self, parties: int) -> str:
        """Returns when so many calls are in here at the same time."""
        with self.acquire_lock():
            barrier = self.barriers.setdefault(parties, threading.Barrier(parties))
        barrier.wait(PATIENCE)
        return threading.current_thread().name

    async def meet_async(self, parties: int) -> str:
        self.awaiting += 1
        if self.all_await is None:
            self.all_await = asyncio.Event()
        if self.awaiting == parties:
            self.all_await.set()
        await asyncio.wait_for(self.all_await.wait(), PATIENCE)
        return threading.current_thread().name

    def nap(self, seconds: float) -> None:
        time.sleep(seconds)

    def until_file(self, touch: str, path: str) -> int:
        """Runs until there is a file."""
        Path(touch).touch()
        wait_for_file(path)
        return os.getpid()

    def deaf(self, touch: str) -> str:
        """Cannot be stopped, only set free."""
        Path(touch).touch()
        self.freed.wait()
        return "late"

    def free(self) -> None:
        self.freed.set()

    def computes(self, touch: str, ctx: SessionContext) -> str:
        """Looks now and then whether anybody waits."""
        Path(touch).touch()
        while not ctx.cancelled:
            time.sleep(0.001)
        self.notes.append("looked")
        return "nobody waits"

    def asks(self, ctx: SessionContext) -> Any:
        try:
            return ctx.call_host_tool("answer")
        except CallCancelled:
            self.notes.append("asks")
            raise

    async def asks_async(self, ctx: SessionContext) -> Any:
        try:
            return await ctx.call_host_tool("answer")
        except asyncio.CancelledError:
            self.notes.append("asks_async")
            raise

    def asks_in_own_loop(self, ctx: SessionContext) -> Any:
        try:
            return asyncio.run(self.asks_async(ctx))
        finally:
            self.notes.append("asks_in_own_loop")

    def endless(self) -> Any:
        try:
            while True:
                yield "chunk"
        finally:
            self.notes.append("endless")

    async def endless_async(self) -> Any:
        try:
            while True:
                yield "chunk"
        finally:
            self.notes.append("endless_async")

    def hold_interpreter(self, touch: str, seconds: float) -> None:
        """No other thread of this process runs Python meanwhile."""
        Path(touch).touch()
        ctypes.PyDLL(None).usleep(int(seconds * 1e6))


class Unsafe(Threaded):
    __thread_safe__ = False


class Silent:
    def pid(self) -> int:
        return os.getpid()


class OfSession(ThreadSafeAdapter):
    """One for each session; its making takes until all calls of the test are here."""

    lifecycle = "session"
    made = 0
    arrived = 0

    def initialize(self) -> None:
        OfSession.made += 1
        self.number = OfSession.made
        path = os.environ.get("SNAKEPIT_TEST_GO")
        if path and self.number > 1:
            wait_for_file(path)

    def number_of(self) -> int:
        return self.number
