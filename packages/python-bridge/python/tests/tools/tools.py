"""The tools that most tests call."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path
from typing import Any

from asking import Asking
from processes import Processes

from snakepit_bridge import CallCancelled, StreamChunk, tool

log = logging.getLogger("tools")


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Tools(Processes, Asking):
    def __init__(self) -> None:
        self.notes = []

    @tool
    def recall(self) -> list[Any]:
        return self.notes

    @tool
    def pid(self) -> int:
        return os.getpid()

    @tool
    def echo(self, value: Any = None) -> Any:
        return value

    @tool
    def note(self, text: str) -> None:
        self.notes.append(text)

    @tool
    def typed(self, value: Any) -> str:
        return f"{type(value).__module__}.{type(value).__qualname__} {value!r}"

    @tool
    def greet(self, name: str, greeting: str = "hello") -> str:
        return f"{greeting} {name}"

    @tool
    def sleep(self, seconds: float = 60) -> str:
        try:
            self.notes.append("asleep")
            log.info("sleeping")
            time.sleep(seconds)
        except CallCancelled:
            self.notes.append("CallCancelled")
            raise
        finally:
            self.notes.append("finally")
        return "awake"

    @tool
    def wait_for_file(self, path: str) -> str:
        """Blocks until somebody creates the file; says over the channel that it has begun."""
        log.info("waiting")
        while not Path(path).exists():
            time.sleep(0.001)
        return "seen"

    @tool
    def spin(self) -> None:
        log.info("spinning")
        while True:
            pass

    @tool
    def stubborn(self, path: str) -> str:
        """Swallows its cancel and goes on."""
        try:
            log.info("stubborn")
            time.sleep(60)
        except BaseException:
            self.notes.append("swallowed")
        log.info("went on")
        while not Path(path).exists():
            time.sleep(0.001)
        return "finished"

    @tool
    def fail(self, message: str = "broken") -> None:
        raise ValueError(message)

    @tool
    def fail_chained(self) -> None:
        try:
            self.fail("first")
        except ValueError as error:
            raise KeyError("second") from error

    @tool
    def fail_unprintable(self) -> None:
        raise Unprintable

    @tool
    def fail_group(self) -> None:
        raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])  # noqa: F821

    @tool
    def fail_surrogate(self) -> None:
        raise ValueError("bad \ud800 text")

    @tool
    def repeat(self, text: str, times: int) -> str:
        return text * times

    @tool
    def blobs(self, size: int, n: int) -> Any:
        """One buffer, used again for every chunk."""
        buffer = bytearray(size)
        for number in range(n):
            buffer[:] = bytes([number]) * size
            yield buffer

    @tool
    async def async_echo(self, value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    @tool
    async def async_endless(self) -> Any:
        try:
            while True:
                yield "x"
                await asyncio.sleep(0)
        finally:
            self.notes.append("closed")

    @tool
    def leave(self) -> None:
        raise SystemExit(0)

    @tool
    def surrogate(self) -> dict[str, Any]:
        return {"rows": [{"name": "ok"}, {"name": "\ud800"}]}

    @tool
    def circular(self) -> list[Any]:
        rows: list[Any] = []
        rows.append(rows)
        return rows

    @tool
    def huge_integer(self, digits: int) -> int:
        power: int = 10 ** (digits - 1)
        return power

    @tool
    def blob(self, size: int) -> bytes:
        return b"x" * size

    @tool
    def count(self, n: int = 3) -> Any:
        for index in range(n):
            self.notes.append(index)
            yield {"index": index}

    @tool
    def count_and_return(self, n: int = 3) -> Any:
        yield from range(n)
        return {"sum": n * (n - 1) // 2}

    @tool
    def marked(self) -> Any:
        try:
            yield StreamChunk({"part": 1}, metadata={"number": 7})
            yield StreamChunk({"part": 2}, is_final=True, metadata={"last": True})
            self.notes.append("went on")
            yield "never"
        finally:
            self.notes.append("closed")

    @tool
    def marked_dict(self) -> Any:
        yield {"is_final": False, "step": 1}
        yield {"is_final": True, "step": 2}
        yield "never"

    @tool
    def fail_midway(self) -> Any:
        yield 1
        raise ValueError("midway")

    @tool
    def fail_at_close(self) -> Any:
        try:
            yield StreamChunk(1, is_final=True)
        finally:
            raise ValueError("while closing")

    @tool
    def bad_chunk(self) -> Any:
        yield 1
        yield {"a": "\udfff"}

    @tool
    def endless(self, size: int = 1) -> Any:
        try:
            while True:
                yield "x" * size
        finally:
            self.notes.append("closed")

    @tool
    def stalling(self, path: str) -> Any:
        yield "first"
        while not Path(path).exists():
            time.sleep(0.001)
        yield "second"

    @tool(supports_streaming=True)
    def declared_stream(self) -> list[int]:
        return [1, 2, 3]

    @tool
    async def async_add(self, a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    @tool
    async def async_sleep(self) -> None:
        try:
            log.info("async sleeping")
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.notes.append("CancelledError")
            raise
        finally:
            self.notes.append("finally")

    @tool
    async def async_count(self, n: int = 3) -> Any:
        try:
            for index in range(n):
                await asyncio.sleep(0)
                yield index
        finally:
            self.notes.append("closed")

    @tool
    async def async_fail(self) -> None:
        raise ValueError("async broken")

    @tool
    async def background(self) -> None:
        """Leaves a task on the loop that a later call finds done or goes on with."""

        async def work() -> None:
            await asyncio.sleep(0)
            self.notes.append("background done")

        self.task = asyncio.ensure_future(work())

    @tool
    def say(self, text: str, level: str = "info", name: str = "tools") -> None:
        logging.getLogger(name).log(getattr(logging, level.upper()), text)

    @tool
    def flood(self, lines: int) -> int:
        for number in range(lines):
            print("line", number)
        return lines

    @tool
    def swallow_in_del(self) -> None:
        """The first interrupt strikes in a finalizer, where Python swallows it."""

        class Swallower:
            def __del__(self) -> None:
                log.info("spinning")
                while True:
                    pass

        Swallower()
        while True:
            pass
