"""Tools for workers that run several calls at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext
from tools import Tools

log = logging.getLogger("side")


class SideBySide(BaseAdapter):
    __thread_safe__ = True

    def __init__(self) -> None:
        self.left: list[Any] = []
        self.events: list[str] = []

    def cleanup(self) -> None:
        print("cleaned up")

    def cleanup_session(self, session_id: str) -> None:
        self.events.append("cleaned")

    def begun(self, path: str) -> str:
        """Tells that it runs, and waits for a file."""
        log.info("begun %s", Path(path).name)
        while not Path(path).exists():
            time.sleep(0.002)
        self.events.append(Path(path).name)
        return Path(path).name

    def seen(self) -> list[str]:
        return self.events

    def thread(self) -> str:
        return threading.current_thread().name

    def until_cancelled(self, ctx: SessionContext) -> str:
        log.info("begun")
        while not ctx.cancelled:
            time.sleep(0.001)
        return "looked"

    def session(self) -> Any:
        return self.session_context and self.session_context.session_id

    def ask(self, ctx: SessionContext) -> Any:
        return ctx.call_host_tool("help")

    async def ask_async(self, ctx: SessionContext) -> Any:
        return await ctx.call_host_tool("help")

    def count(self, n: int) -> Iterator[int]:
        yield from range(n)

    async def loop(self) -> str:
        return threading.current_thread().name

    async def leave_exit_behind(self) -> None:
        async def leave() -> None:
            raise SystemExit(3)

        self.left.append(asyncio.get_running_loop().create_task(leave()))

    def refuse_threads(self) -> None:
        """As if the system had no more."""

        def start(_thread: Any) -> None:
            raise RuntimeError("can't start new thread")

        every: Any = threading.Thread
        every.start = start

    def pid(self) -> int:
        return os.getpid()


class Forking(Tools):
    __thread_safe__ = True
