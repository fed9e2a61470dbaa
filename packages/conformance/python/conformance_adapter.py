"""The tools that the conformance suites call; `src/tools.ts` has the same in TypeScript."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from conformance_session_tools import SessionTools
from conformance_value_tools import ValueTools

from snakepit_bridge import BaseAdapter, HostToolError, SessionContext, StreamChunk, tool

log = logging.getLogger("conformance")


class Unprintable(ValueError):
    def __str__(self) -> str:
        raise RuntimeError("no text")


Unprintable.__name__ = "ValueError"


class ConformanceAdapter(SessionTools, ValueTools, BaseAdapter):
    lifecycle = "session"

    def __init__(self) -> None:
        super().__init__()
        self.tasks: set[asyncio.Task[Any]] = set()

    @tool
    def add(self, a: int, b: int) -> int:
        return a + b

    @tool
    def echo(self, value: Any) -> Any:
        return value

    @tool
    def libraries(self, names: list[str]) -> list[str]:
        """Those of them that can be imported."""
        return [name for name in names if find_spec(name) is not None]

    @tool
    def context(self, ctx: SessionContext) -> dict[str, Any]:
        return {"session": ctx.session_id, "meta": ctx.request_metadata}

    @tool
    def note(self, line: str) -> None:
        self.lines.append(line)

    @tool
    def journal(self) -> list[str]:
        lines = self.lines.copy()
        self.lines.clear()
        return lines

    @tool
    def log(self, count: int) -> int:
        for number in range(count):
            log.info("line %d", number)
        return count

    @tool
    def log_text(self, length: int) -> None:
        log.info("x" * length)

    @tool
    def crash(self) -> None:
        os._exit(3)

    @tool
    def text(self, length: int) -> str:
        return "x" * length

    @tool
    def bytes(self, length: int) -> Any:
        return bytearray(length)

    # Streams.

    @tool
    def count(self, to: int) -> Iterator[int]:
        yield from range(to)

    @tool
    def count_and_return(self, to: int) -> Any:
        yield from range(to)
        return {"total": to}

    @tool
    def mark(self, to: int) -> Iterator[StreamChunk]:
        for number in range(to):
            yield StreamChunk(number, is_final=number == to - 1, metadata={"n": number})

    @tool
    def fail_after(self, count: int) -> Iterator[int]:
        yield from range(count)
        raise ValueError("no more")

    @tool
    def produce(self, count: int, length: int) -> Iterator[str]:
        for _ in range(count):
            yield "x" * length

    @tool
    def produce_bytes(self, count: int, length: int) -> Any:
        for _ in range(count):
            yield bytearray(length)

    @tool
    def ticks(self) -> Iterator[int]:
        number = 0
        try:
            while True:
                yield number
                number += 1
        finally:
            self.lines.append("ticks stopped")

    # What can be stopped, and what cannot.

    @tool
    def spin(self) -> None:
        log.info("spinning")
        try:
            while True:
                pass
        finally:
            self.lines.append("spin stopped")

    @tool
    def refuse(self) -> None:
        log.info("refusing")
        while True:
            try:
                while True:
                    time.sleep(60)
            except BaseException:
                pass

    # Errors.

    @tool
    def fail(self, message: str) -> None:
        raise ValueError(message)

    @tool
    def fail_oddly(self, kind: str) -> None:
        if kind == "unprintable":
            raise Unprintable
        raise ValueError("half \ud800 a character" if kind == "surrogates" else "x" * 1_000_000)

    # Tools of the host.

    @tool
    def call_host(self, tool: str, args: dict[str, Any], ctx: SessionContext) -> Any:
        return ctx.call_host_tool(tool, **args)

    @tool
    def try_host(self, tool: str, args: dict[str, Any], ctx: SessionContext) -> Any:
        try:
            return {"value": ctx.call_host_tool(tool, **args)}
        except HostToolError as error:
            return {"code": error.code, "type": error.type, "message": error.message}

    @tool
    def details_of_host(self, tool: str, ctx: SessionContext) -> Any:
        """What the error of a host's tool carries."""
        try:
            return ctx.call_host_tool(tool)
        except HostToolError as error:
            return error.details

    @tool
    def wait(self, name: str, ctx: SessionContext) -> Any:
        """Is under way as long as its caller likes, and says when it began and ended."""
        self.lines.append(f"{name} began")
        try:
            return ctx.call_host_tool("gate", name=name)
        finally:
            self.lines.append(f"{name} ended")

    @tool
    async def leave_host(self, tool: str, ctx: SessionContext) -> None:
        task = asyncio.ensure_future(ctx.call_host_tool(tool))
        self.tasks.add(task)
        await asyncio.sleep(0)

    @tool
    def read_host(self, tool: str, args: dict[str, Any], ctx: SessionContext, upto: Any = None) -> list[Any]:
        """Everything that a tool of the host yields, or its first items."""
        return list(itertools.islice(ctx.stream_host_tool(tool, **args), upto))

    @tool
    def take_host(self, tool: str, count: int, ctx: SessionContext) -> None:
        """Calls ``gate`` in the middle of a stream of the host."""
        stream = ctx.stream_host_tool(tool)
        for _ in range(count):
            next(stream)
        ctx.tools.gate()
        stream.close()

    @tool
    def host_chunks(self, tool: str, count: int, ctx: SessionContext) -> Iterator[Any]:
        for number in range(count):
            yield ctx.call_host_tool(tool, n=number)
