"""A tool whose exception carries values."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

from snakepit_bridge import BaseAdapter, tool


class Overload(Exception):
    def __init__(self, load: Any) -> None:
        super().__init__("too much")
        self.load = load


class Laden(BaseAdapter):
    @tool
    def fail(self, kind: str) -> None:
        loads: dict[str, Any] = {
            "odd": [
                {1: decimal.Decimal("1.10"), "n": 2**60},
                {5},
                float("nan"),
                datetime.timedelta(seconds=1),
            ],
            "bytes": (b"ab", bytearray(b"c")),
            "numbers": [number + 0.5 for number in range(1281)],
            "impossible": [float("nan"), "\ud800"],
        }
        raise Overload(loads[kind])
