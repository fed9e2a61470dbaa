"""Async tools that meddle with their tasks and their loop, and a system that has no more threads."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakepit_bridge import SessionContext

log = logging.getLogger("troubled")


class Troubled:
    __thread_safe__ = True

    def names(self) -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("snakepit-tool")]

    async def quick(self) -> int:
        return 1

    async def block_loop(self, path: str) -> None:
        log.info("blocking")
        while not Path(path).exists():
            time.sleep(0.002)

    async def cancel_itself(self) -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return "done"

    async def cancel_all(self) -> str:
        for task in asyncio.all_tasks():
            task.cancel()
        return "done"

    async def stop_loop(self) -> str:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(0)
        return "done"

    async def exit_in_task(self) -> str:
        async def leave() -> None:
            raise SystemExit(3)

        try:
            await asyncio.ensure_future(leave())
        except SystemExit as error:
            return repr(error)
        return "gone on"

    async def numbers(self) -> Iterator[Any]:
        return (threading.current_thread().name if n == 0 else n for n in range(3))

    async def final(self) -> int:
        return 7

    async def ask(self, ctx: SessionContext) -> Any:
        return await ctx.call_host_tool("help")

    def until_cancelled(self, ctx: SessionContext) -> _UntilCancelled:
        return _UntilCancelled(ctx)

    def refuse_threads(self) -> None:
        """As if the system had no more."""
        import snakepit_bridge._worker.ending as ending

        def refuse(*_: Any) -> None:
            raise RuntimeError("can't start new thread")

        every: Any = threading.Thread
        every.start = refuse
        another: Any = ending
        another.start_new_thread = refuse

    def break_threads(self) -> None:
        """As if there were a defect in what runs the tools."""
        from snakepit_bridge._worker.sessions_in_use import SessionsInUse

        broken: Any = SessionsInUse
        broken.await_others = None

    def flood(self, n: int) -> int:
        for _ in range(n):
            log.info("flood")
        return n

    def begun(self, path: str) -> str:
        log.info("begun")
        while not Path(path).exists():
            time.sleep(0.002)
        return "done"


class _UntilCancelled:
    def __init__(self, ctx: SessionContext) -> None:
        self._context = ctx

    def __iter__(self) -> _UntilCancelled:
        return self

    def __next__(self) -> int:
        log.info("next")
        while not self._context.cancelled:
            time.sleep(0.001)
        raise StopIteration

    def close(self) -> None:
        log.info("closed")


class Unstartable(Troubled):
    async def initialize(self) -> None:
        raise ValueError(f"cannot start {os.getpid()}")
