"""The tools that Snakepit's workers serve in the benchmarks."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, tool


class BenchAdapter(BaseAdapter):
    __thread_safe__ = True

    @tool
    def echo(self, value: Any) -> Any:
        return value

    @tool
    def echo_array(self, value: Any) -> Any:
        import numpy

        if not isinstance(value, numpy.ndarray):
            raise TypeError(f"a {type(value).__name__} is no ndarray")
        return value

    @tool
    def count(self, n: int) -> Iterator[int]:
        yield from range(n)

    @tool
    def sum_of_squares(self, n: int) -> int:
        return sum(i * i for i in range(n))

    @tool
    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @tool
    def pid(self) -> int:
        return os.getpid()

    @tool
    def has_loaded(self, module: str) -> bool:
        return module in sys.modules
