"""Tools of every kind, called for hours."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator

from snakepit_bridge import SessionContext


class Soak:
    def echo(self, value: object = None) -> object:
        return value

    def stream(self, nonce: str, n: int, size: int) -> Iterator[dict[str, object]]:
        for number in range(n):
            yield {"nonce": nonce, "number": number, "data": bytes(size)}

    def remember(self, ctx: SessionContext, value: int) -> object:
        """Writes a variable of the session, and reads it again."""
        ctx["last"] = value
        return ctx["last"]

    def double_by_host(self, ctx: SessionContext, value: int) -> object:
        return ctx.call_host_tool("double", value=value)

    def spin(self) -> None:
        while True:
            pass

    def say(self, text: str) -> int:
        print(text)
        return len(text)

    def raises(self, text: str) -> None:
        raise ValueError(text)

    def segfault(self) -> None:
        ctypes.string_at(0)

    def leave(self) -> None:
        os._exit(0)
