"""Tools that show what a worker has, and has not, of the process it was forked from."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any


class Forked:
    def pid(self) -> int:
        return os.getpid()

    def parent(self) -> int:
        return os.getppid()

    def chance(self) -> dict[str, Any]:
        """A draw of each generator that was loaded before the fork; a sibling has time to draw, too."""
        import numpy

        time.sleep(0.05)
        return {"pid": os.getpid(), "draws": [random.random(), float(numpy.random.random())]}

    def loaded(self, module: str) -> bool:
        return module in sys.modules

    def surroundings(self) -> dict[str, Any]:
        return {"cwd": str(Path.cwd()), "argv": sys.argv[1:], "environment": dict(os.environ)}

    def signals(self) -> dict[str, Any]:
        return {
            "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
            "child": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
        }

    def say(self, text: str) -> None:
        print(text)
        print(text, file=sys.stderr)

    def count(self, n: int) -> Any:
        yield from range(n)

    def ask(self, ctx: Any, value: Any) -> Any:
        return ctx.call_host_tool("double", value=value)

    def leave(self, code: int) -> None:
        os._exit(code)
