"""The tools that Snakepit's workers serve in the benchmarks."""

import os
import sys
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, tool


class BenchAdapter(BaseAdapter):
    @tool
    def echo(self, value: Any) -> Any:
        return value

    @tool
    def count(self, n: int) -> Iterator[int]:
        yield from range(n)

    @tool
    def pid(self) -> int:
        return os.getpid()

    @tool
    def has_loaded(self, module: str) -> bool:
        return module in sys.modules
