"""Tools that are in and out of the bridge all the time, each in its own way."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import Any

from snakepit_bridge import SessionContext

log = logging.getLogger("storm")
MEGABYTE = b"x" * 2**20


class Storming:
    def pid(self) -> int:
        return os.getpid()

    def threads(self) -> int:
        return threading.active_count()

    def prints(self) -> None:
        number = 0
        while True:
            print("line", number)
            number += 1

    def logs(self) -> None:
        while True:
            log.info("a record")

    def calls_back(self, ctx: SessionContext) -> None:
        while True:
            assert ctx.call_host_tool("answer", value=MEGABYTE) == 42

    async def calls_back_async(self, ctx: SessionContext) -> None:
        while True:
            await asyncio.gather(ctx.call_host_tool("answer"), ctx.call_host_tool("answer"))

    def chunks(self) -> Any:
        while True:
            yield MEGABYTE

    def everything(self, ctx: SessionContext) -> Any:
        while True:
            print("printing")
            log.warning("logging")
            yield {"answer": ctx.call_host_tool("answer"), "bytes": MEGABYTE}

    def quick(self, number: int) -> int:
        return number
