"""Tools that show threads, callbacks and streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from snakepit_bridge.adapters.showcase.arithmetic import BYTES, choose
from snakepit_bridge.session_context import SessionContext
from snakepit_bridge.streaming import StreamChunk
from snakepit_bridge.tools import tool


class DemoTools:
    """Small demonstrations of what a tool can do."""

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
                "progress": 100 * step / steps,
                "message": f"Processing step {step}/{steps}",
            }
            yield StreamChunk(data, is_final=step == steps)
