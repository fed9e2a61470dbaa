"""Tools that take their time, and leave a log of what they have really done."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from snakepit_bridge import SessionContext


class Busy:
    def __init__(self) -> None:
        self.served = 0

    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: Any) -> Any:
        return value

    def log(self, path: str, text: str) -> str:
        _log(path, text)
        return text

    def stubborn(self, path: str, text: str, began: str) -> str:
        """Heeds no cancel: it makes the file ``began``, and ends when that is gone."""
        _log(path, f"{text} begins")
        Path(began).touch()
        while True:
            try:
                while Path(began).exists():
                    time.sleep(0.001)
                _log(path, f"{text} ends")
                return text
            except BaseException:
                _log(path, f"{text} was asked to stop")

    def wait_for(self, path: str, began: str = "") -> str:
        """Blocks until somebody makes the file; makes another one first."""
        if began:
            Path(began).touch()
        while not Path(path).exists():
            time.sleep(0.001)
        return "seen"

    def numbers(self, n: int, progress: str = "") -> Any:
        """Says how far it has got, whatever was consumed of it."""
        file = os.open(progress, os.O_WRONLY | os.O_CREAT) if progress else -1
        for number in range(n):
            if file >= 0:
                os.pwrite(file, b"%12d" % (number + 1), 0)
            yield number

    def zeros(self, size: int) -> bytes:
        return bytes(size)

    def length(self, data: Any) -> int:
        return len(data)

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def remember(self, ctx: SessionContext, name: str, value: Any) -> str:
        ctx.register_variable(name, "string", value)
        return ctx.session_id or ""


def _log(path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(text + "\n")
