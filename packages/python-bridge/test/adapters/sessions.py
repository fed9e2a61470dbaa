"""Adapters that note which worker serves which session, and what they keep for each."""

import gc
import os
import signal
import time
from pathlib import Path

from snakepit_bridge import BaseAdapter, SessionContext, tool


class Witness(BaseAdapter):
    """Each worker keeps its own book of what it has served, which outlives it."""

    def __init__(self) -> None:
        folder = os.environ.get("BOOKS")
        self.book = (Path(folder) / str(os.getpid())).open("a", buffering=1) if folder else None
        self.kept: dict = {}

    @tool
    def serve(self, ctx: SessionContext, epoch: int = 0, seconds: float = 0) -> int:
        if self.book is not None:
            self.book.write(f"{ctx.session_id} {epoch}\n")
        time.sleep(seconds)
        return os.getpid()

    @tool
    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    @tool
    def keep(self, ctx: SessionContext, value: object) -> int:
        self.kept[ctx.session_id] = value
        return os.getpid()

    @tool
    def kept_value(self, ctx: SessionContext) -> object:
        return self.kept.get(ctx.session_id)


class Guest(BaseAdapter):
    """One instance for each session, with a little memory that must come back."""

    lifecycle = "session"
    cleaned = 0

    def __init__(self) -> None:
        self.memory = bytearray(4096)
        self.calls = 0

    def cleanup(self) -> None:
        type(self).cleaned += 1

    @tool
    def touch(self) -> int:
        self.calls += 1
        return self.calls

    @tool
    def census(self) -> dict:
        gc.collect()
        alive = sum(isinstance(each, Guest) for each in gc.get_objects())
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return {"alive": alive, "cleaned": type(self).cleaned, "bytes": pages * 4096}
