"""What adapters that several threads use count: calls that last, and threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator
from typing import Any, Callable

import pytest

from snakepit_bridge.base_adapter_threaded import ThreadSafeAdapter, thread_safe_method, tool
from snakepit_bridge.discovery import discover
from snakepit_bridge.thread_safety_checker import ThreadSafetyChecker

PATIENCE = 30.0


def one_after_the_other(count: int, work: Callable[[], Any]) -> None:
    """Each thread has ended before the next one starts, which is then given the same number."""
    for _ in range(count):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)


class Lasting(ThreadSafeAdapter):
    """Says how many calls are active while it runs."""

    def active(self) -> int:
        count: int = self.get_stats()["active_calls"]
        return count

    @thread_safe_method
    def at_once(self) -> int:
        return self.active()

    @thread_safe_method
    async def later(self) -> int:
        await asyncio.sleep(0)
        return self.active()

    @tool
    @thread_safe_method
    def items(self) -> Generator[Any, Any, str]:
        got = yield self.active()
        yield got
        return "end"

    @tool
    @thread_safe_method
    async def items_async(self) -> AsyncIterator[int]:
        try:
            yield self.active()
            yield self.active()
        finally:
            self.set_thread_local("left", self.active())


def test_a_coroutine_is_active_until_it_ends() -> None:
    adapter = Lasting()
    assert asyncio.run(adapter.later()) == 1
    assert adapter.get_stats()["calls"] == {"later": 1}
    assert adapter.active() == 0


def test_a_generator_is_active_until_it_ends_or_is_closed() -> None:
    adapter = Lasting()
    items: Any = adapter.items()
    assert (next(items), adapter.active()) == (1, 1)
    assert items.send("sent") == "sent"
    with pytest.raises(StopIteration, match="end"):
        next(items)
    assert adapter.active() == 0
    left: Any = adapter.items()
    next(left)
    left.close()
    assert adapter.active() == 0
    assert adapter.get_stats()["calls"] == {"items": 2}


def test_an_async_generator_is_active_until_it_ends_or_is_left() -> None:
    adapter = Lasting()

    async def run() -> None:
        assert [item async for item in adapter.items_async()] == [1, 1]
        items: Any = adapter.items_async()
        assert await items.__anext__() == 1
        adapter.clear_thread_local()
        await items.aclose()
        assert adapter.get_thread_local("left") == 1

    asyncio.run(run())
    assert adapter.active() == 0


def test_counted_methods_stream_like_others() -> None:
    assert {tool.name: tool.streaming for tool in discover(Lasting()).tools} == {
        "items": True,
        "items_async": True,
    }


def test_threads_are_counted_also_after_their_end() -> None:
    adapter, checker = Lasting(), ThreadSafetyChecker()
    one_after_the_other(5, adapter.at_once)
    one_after_the_other(5, lambda: checker.check_method_access("use"))
    assert adapter.get_stats()["threads"] == 5
    assert checker.get_report()["methods"]["use"]["threads"] == 5
