"""Tools that send telemetry from everywhere."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, telemetry, tool


class Unfriendly:
    def __float__(self) -> float:
        raise RuntimeError("no number")

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Measuring(BaseAdapter):
    @tool
    def emit(self, **options: Any) -> None:
        telemetry.emit("tool", {"n": 1}, {"where": "tool"}, **options)

    @tool
    async def emit_async(self) -> None:
        async with telemetry.span("outer"):
            await asyncio.gather(self._child("a"), self._child("b"))

    async def _child(self, name: str) -> None:
        await asyncio.sleep(0)
        telemetry.emit("child", metadata={"name": name})

    @tool
    def emit_in_threads(self) -> None:
        inherited = contextvars.copy_context()
        threads = [
            threading.Thread(target=lambda: telemetry.emit("thread", {"n": 1})),
            threading.Thread(target=lambda: inherited.run(telemetry.emit, "thread", {"n": 2})),
        ]
        for thread in threads:
            thread.start()
            thread.join()

    @tool
    def measure(self, fail: bool = False) -> None:
        with telemetry.span("work", {"kind": "test"}) as span:
            span.measurements["rows"] = 7
            telemetry.emit("inside")
            with telemetry.span("inner"):
                pass
            if fail:
                raise ValueError("it failed")

    @tool
    def stream(self) -> Iterator[int]:
        with telemetry.span("stream"):
            yield 1
            yield 2

    @tool
    def odd(self) -> None:
        odd = Unfriendly()
        numbers = {"nan": float("nan"), "inf": float("inf"), "text": "5", "none": None, "odd": odd}
        metadata: dict[Any, Any] = {1: b"bytes", "when": {1, 2}}
        telemetry.emit("odd\ud800", {**numbers, "big": 2**80, "true": True}, metadata)
        telemetry.emit("unsendable", metadata={"deep": _nest(500)})
        telemetry.emit("too large", metadata={"text": "x" * 100_000})
        telemetry.emit(odd)  # type: ignore[arg-type]
        telemetry.emit("last")

    @tool
    def flood(self, count: int) -> None:
        for number in range(count):
            telemetry.emit("flood", {"number": number})

    @tool
    def fork(self) -> int:
        child = os.fork()
        if not child:
            telemetry.emit("from a child")
            os._exit(0)
        return os.waitpid(child, 0)[1]


def _nest(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value
