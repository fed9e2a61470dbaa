"""Tools that fail in every way that Python has."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Any


class ModelError(Exception):
    """An exception with attributes of its own."""

    def __init__(self, model: str, epoch: int) -> None:
        super().__init__(f"{model} diverged in epoch {epoch}")
        self.model = model
        self.epoch = epoch


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Failing:
    def pid(self) -> int:
        return os.getpid()

    def divide(self, a: float, b: float) -> float:
        return a / b

    def custom(self) -> None:
        raise ModelError("resnet50", 3)

    def chained(self) -> None:
        try:
            self.divide(1, 0)
        except ZeroDivisionError as error:
            raise ValueError("bad settings") from error

    def implicit(self) -> None:
        try:
            self.divide(1, 0)
        except ZeroDivisionError:
            raise KeyError("while handling")  # noqa: B904

    def unprintable(self) -> None:
        raise Unprintable

    def half_a_character(self) -> None:
        raise ValueError("bad \ud800 text")

    def huge(self) -> None:
        raise ValueError("x" * 10_000_000)

    def recursive(self) -> None:
        self.recursive()

    def leaves(self) -> None:
        sys.exit(3)

    def interrupts(self) -> None:
        raise KeyboardInterrupt

    async def in_coroutine(self) -> None:
        raise ModelError("async", 1)

    def midway(self, n: int) -> Any:
        yield from range(n)
        raise ModelError("stream", n)

    def unsendable(self) -> Any:
        return {"rows": [{"ok": 1}, {"when": datetime(2026, 1, 1), "text": "\udc00"}]}

    def unsendable_chunk(self) -> Any:
        yield 1
        yield ["\udc00"]

    def crash(self, words: str) -> None:
        os.write(2, (words + "\n").encode())
        os.kill(os.getpid(), 11)

    def exit_now(self, words: str, code: int) -> None:
        os.write(2, words.encode())
        os._exit(code)
