"""The three ways to be safe when tools run in several threads at once."""

from __future__ import annotations

import math
import threading
from types import MappingProxyType
from typing import Any

from snakepit_bridge.base_adapter_threaded import ThreadSafeAdapter, thread_safe_method
from snakepit_bridge.tools import tool


class ThreadedShowcaseAdapter(ThreadSafeAdapter):
    """What is shared is either read only, or each thread's own, or behind a lock."""

    def __init__(self) -> None:
        super().__init__()
        #: Made once and never written to: no lock is needed to read it.
        self.weights = MappingProxyType({"good": 1.0, "fine": 0.5, "bad": -1.0})
        #: Written by every thread: only ever touched under the lock "totals".
        self.totals: dict[str, int] = {}

    @tool(description="Shared and read only: the weight of a text's words")
    @thread_safe_method
    def score(self, text: str) -> dict[str, Any]:
        score = sum(self.weights.get(word, 0.0) for word in text.lower().split())
        return {"score": score, "thread": threading.current_thread().name}

    @tool(description="Each thread's own: square roots, remembered by the thread that computed them")
    @thread_safe_method
    def cached_root(self, value: float) -> dict[str, Any]:
        cache = self.get_thread_local("roots")
        if cache is None:
            cache = {}
            self.set_thread_local("roots", cache)
        known = value in cache
        if not known:
            if len(cache) >= 1_000:
                cache.clear()
            cache[value] = math.sqrt(value)
        return {"result": cache[value], "cached": known}

    @tool(description="Shared and written to, under a lock: counts by name")
    @thread_safe_method
    def count(self, name: str, by: int = 1) -> dict[str, Any]:
        with self.acquire_lock("totals"):
            total = self.totals.get(name, 0) + by
            self.totals[name] = total
        return {"name": name, "total": total}

    @tool(description="How the tools were used, and by how many threads")
    def usage(self) -> dict[str, Any]:
        return self.get_stats()
