"""Small tools for tests that are about something else."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from snakepit_bridge import SessionContext


class Basic:
    def __init__(self) -> None:
        self.calls = 0

    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: Any) -> Any:
        return value

    def count(self, n: int) -> Any:
        yield from range(n)

    def served(self) -> int:
        """How many calls of this tool the worker has served."""
        self.calls += 1
        return self.calls

    def nap(self, seconds: float = 600, touch: str = "") -> str:
        if touch:
            Path(touch).touch()
        time.sleep(seconds)
        return "awake"

    def wait_for(self, path: str, touch: str = "") -> str:
        """Blocks until somebody creates the file; touches another one first."""
        if touch:
            Path(touch).touch()
        while not Path(path).exists():
            time.sleep(0.001)
        return "seen"

    def child(self) -> int:
        """A subprocess that would outlive the call by ten minutes."""
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid

    def die(self, last_words: str, code: int = 3) -> None:
        sys.stderr.write(last_words + "\n")
        sys.stderr.flush()
        os._exit(code)

    def say(self, text: str, level: str = "info") -> None:
        logging.getLogger("basic").log(getattr(logging, level.upper()), text)

    def host(self, ctx: SessionContext, tool: str, **arguments: Any) -> Any:
        return ctx.call_host_tool(tool, **arguments)

    def metadata(self, ctx: SessionContext) -> dict[str, str]:
        return dict(ctx.request_metadata)
