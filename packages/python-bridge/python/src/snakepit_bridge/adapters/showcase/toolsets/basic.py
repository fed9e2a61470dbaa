"""Tools that need nothing but the standard library."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import Any, Optional, Union

from snakepit_bridge import __version__
from snakepit_bridge.adapters.showcase.arithmetic import BYTES, TEXT, calculate, choose
from snakepit_bridge.adapters.showcase.system import system_stats
from snakepit_bridge.tools import tool

Number = Union[int, float]


class BasicTools:
    """Answers about the adapter, numbers, texts and bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    @tool(description="Health check")
    def ping(self, /, **_extra: Any) -> dict[str, Any]:
        return {"status": "pong", "timestamp": time.time()}

    @tool(description="Echo all arguments back")
    def echo(self, /, **arguments: Any) -> dict[str, Any]:
        return arguments

    @tool(description="Add two numbers")
    def add(self, a: float, b: float) -> dict[str, Any]:
        return {"result": a + b}

    @tool(description="What this adapter can do")
    def adapter_info(self) -> dict[str, Any]:
        return {
            "name": type(self).__name__,
            "version": __version__,
            "capabilities": ["unary", "streaming", "binary", "sessions", "host_tools", "cancellation"],
        }

    @tool(description="Adapter, interpreter and platform")
    def info(self) -> dict[str, Any]:
        return {
            "adapter": type(self).__name__,
            "version": __version__,
            "python_version": platform.python_version(),
            "platform": sys.platform,
            "pid": os.getpid(),
        }

    @tool(description="Text operations: upper, lower, reverse, length")
    def process_text(self, text: str, operation: str = "upper") -> dict[str, Any]:
        return {"result": choose(TEXT, operation)(text), "operation": operation, "success": True}

    @tool(description="Statistics of the adapter and its process")
    def get_stats(self) -> dict[str, Any]:
        return {
            "adapter": {
                "name": type(self).__name__,
                "version": __version__,
                "uptime_seconds": time.monotonic() - self._started,
            },
            "system": system_stats(),
        }

    @tool(description="Square a value, or apply an operation to a and b")
    def compute(
        self,
        value: Optional[Number] = None,
        operation: Optional[str] = None,
        a: Optional[Number] = None,
        b: Optional[Number] = None,
    ) -> dict[str, Any]:
        if operation is None:
            if value is None:
                raise ValueError("compute needs a value, or an operation with a and b")
            return {"result": value * value}
        return {"result": calculate(operation, value if a is None else a, b)}

    @tool(description="Binary data: checksum, md5, crc32, reverse, compress, size")
    def process_binary(self, data: Union[bytes, str], operation: str = "checksum") -> dict[str, Any]:
        raw = data.encode() if isinstance(data, str) else data
        return {"result": choose(BYTES, operation)(raw), "operation": operation, "size": len(raw)}
