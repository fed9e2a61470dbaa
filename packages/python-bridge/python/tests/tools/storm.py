"""Tools that are in and out of the bridge all the time."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from typing import Any

from snakepit_bridge import SessionContext

log = logging.getLogger("storm")
MEGABYTE = b"x" * 2**20


class Storm:
    def pid(self) -> int:
        return os.getpid()

    def busy(self, ctx: SessionContext) -> None:
        while True:
            print("printing")
            log.info("logging %d", 1)
            sum(range(100))
            ctx.call_host_tool("help", blob=b"x" * 10_000)

    def calls(self, ctx: SessionContext) -> None:
        """More than a socket holds at once: most cancels come in the middle of a write."""
        while True:
            ctx.call_host_tool("help", blob=MEGABYTE)

    async def busy_async(self, ctx: SessionContext) -> None:
        while True:
            log.info("logging")
            await asyncio.sleep(0)
            await ctx.call_host_tool("help")

    def chunks(self, size: int) -> Any:
        while True:
            log.info("logging")
            yield b"x" * size

    def nap(self) -> None:
        try:
            time.sleep(60)
        finally:
            log.info("woken")

    def log_in_thread(self) -> str:
        done: list[str] = []

        def work() -> None:
            log.getChild(str(time.time())).debug("a new logger takes the module's lock")
            done.append("logged")

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(10)
        return "".join(done) or "a lock was never given back"
