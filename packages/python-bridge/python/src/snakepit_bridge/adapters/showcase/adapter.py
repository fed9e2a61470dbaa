"""An adapter that shows what the bridge can do; every tool does real work with the standard library."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional, Union

from snakepit_bridge.adapters.showcase.arithmetic import BINARY, BYTES, TEXT, UNARY, choose
from snakepit_bridge.base_adapter import BaseAdapter, tool
from snakepit_bridge.session_context import SessionContext
from snakepit_bridge.streaming import StreamChunk

_VERSION = "0.1.0"
Number = Union[int, float]


class ShowcaseAdapter(BaseAdapter):
    """Runs when no other adapter is named."""

    def __init__(self) -> None:
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
            "version": _VERSION,
            "capabilities": ["unary", "streaming", "binary", "sessions", "host_tools", "cancellation"],
        }

    @tool(description="Adapter, interpreter and platform")
    def info(self) -> dict[str, Any]:
        return {
            "adapter": type(self).__name__,
            "version": _VERSION,
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
                "version": _VERSION,
                "uptime_seconds": time.monotonic() - self._started,
            },
            "system": _system_stats(),
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
        operand = value if a is None else a
        if b is None and operation in UNARY:
            return {"result": UNARY[operation](operand)}
        return {"result": choose(BINARY, operation)(operand, b)}

    @tool(description="Binary data: checksum, md5, crc32, reverse, compress, size")
    def process_binary(self, data: Union[bytes, str], operation: str = "checksum") -> dict[str, Any]:
        raw = data.encode() if isinstance(data, str) else data
        return {"result": choose(BYTES, operation)(raw), "operation": operation, "size": len(raw)}

    @tool(description="Run tasks on threads of their own")
    def concurrent_demo(self, task_count: int = 3) -> dict[str, Any]:
        started = time.perf_counter()

        def task(number: int) -> dict[str, Any]:
            digest = choose(BYTES, "checksum")(str(number).encode() * 10_000)
            return {"task": number, "checksum": digest}

        with ThreadPoolExecutor(max_workers=min(max(task_count, 1), 32)) as threads:
            results = list(threads.map(task, range(task_count)))
        elapsed_ms = (time.perf_counter() - started) * 1000
        return {"task_count": task_count, "results": results, "elapsed_ms": elapsed_ms}

    @tool(description="Call a tool of the host")
    def call_elixir_demo(self, ctx: SessionContext, tool_name: str, **parameters: Any) -> dict[str, Any]:
        return {"tool": tool_name, "result": ctx.call_host_tool(tool_name, **parameters), "success": True}

    @tool(description="Stream heartbeats", supports_streaming=True)
    def ping_stream(self, count: int = 10, delay: float = 0.0) -> Iterator[Any]:
        for number in range(1, count + 1):
            yield {"message": f"ping {number} of {count}", "count": number, "timestamp": time.time()}
            time.sleep(delay)

    @tool(description="Stream data in chunks", supports_streaming=True)
    def stream_data(self, count: int = 5, delay: float = 0.0) -> Iterator[Any]:
        for index in range(count):
            data = {"index": index, "total": count, "data": f"chunk {index + 1}", "timestamp": time.time()}
            yield StreamChunk(data, is_final=index == count - 1)
            time.sleep(delay)

    @tool(description="Stream progress updates", supports_streaming=True)
    def stream_progress(self, steps: int = 5, delay_ms: float = 0) -> Iterator[Any]:
        for step in range(1, steps + 1):
            time.sleep(delay_ms / 1000)
            data = {
                "step": step,
                "total": steps,
                "progress": step / steps * 100,
                "message": f"Processing step {step}/{steps}",
            }
            yield StreamChunk(data, is_final=step == steps)


def _system_stats() -> dict[str, Any]:
    stats: dict[str, Any] = {
        "pid": os.getpid(),
        "python_version": platform.python_version(),
        "platform": sys.platform,
        "cpu_count": os.cpu_count(),
    }
    try:
        import resource
    except ImportError:
        return stats
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # Linux counts in KiB, macOS in bytes.
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return {**stats, "max_memory_mb": usage.ru_maxrss / scale, "cpu_seconds": usage.ru_utime + usage.ru_stime}
