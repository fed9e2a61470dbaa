"""For adapters whose tools run in several threads at once."""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Callable, TypeVar, cast

from snakepit_bridge.base_adapter import BaseAdapter, tool
from snakepit_bridge.thread_safety_checker import ThreadSafetyError

__all__ = ["ThreadSafeAdapter", "ThreadSafetyError", "require_thread_safe", "thread_safe_method", "tool"]

F = TypeVar("F", bound=Callable[..., Any])


class ThreadSafeAdapter(BaseAdapter):
    """Says that its tools may run in several threads at once, and brings what they need for it.

    Share what is only read; keep what each thread needs for itself with ``set_thread_local``; change what is
    shared under ``acquire_lock``. Needs no call of ``super().__init__()``.
    """

    __thread_safe__ = True

    _locks: weakref.WeakValueDictionary[str, Any]
    _guard: threading.Lock
    _own: threading.local
    _calls: dict[str, int]
    _seen: threading.local
    _threads: int
    _active: int

    def __new__(cls, *_args: Any, **_keywords: Any) -> Any:
        adapter = super().__new__(cls)
        # A lock goes when nobody holds it or waits for it, so names may be as many as there are users.
        adapter._locks = weakref.WeakValueDictionary()
        adapter._guard = threading.Lock()
        adapter._own = threading.local()
        adapter._calls = {}
        adapter._seen = threading.local()
        adapter._threads = 0
        adapter._active = 0
        return adapter

    def acquire_lock(self, name: str = "default") -> AbstractContextManager[Any]:
        """The lock of this name: ``with self.acquire_lock("cache"):``. A thread may take it again."""
        with self._guard:
            lock = self._locks.get(name)
            if lock is None:
                lock = self._locks[name] = threading.RLock()
            return cast("AbstractContextManager[Any]", lock)

    def get_thread_local(self, key: str, default: Any = None) -> Any:
        """What this thread keeps under ``key``."""
        return vars(self._own).get(key, default)

    def set_thread_local(self, key: str, value: Any) -> None:
        """Keeps a value for this thread alone, until the thread or the adapter ends."""
        vars(self._own)[key] = value

    def clear_thread_local(self, key: str | None = None) -> None:
        """Forgets what this thread keeps under ``key``; default: everything."""
        if key is None:
            vars(self._own).clear()
        else:
            vars(self._own).pop(key, None)

    def get_stats(self) -> dict[str, Any]:
        """How the methods marked with ``@thread_safe_method`` were used.

        ``total_calls``, ``active_calls``, ``calls`` by method, and the number of ``threads`` that called.
        """
        with self._guard:
            return {
                "thread_safe": bool(self.__thread_safe__),
                "total_calls": sum(self._calls.values()),
                "active_calls": self._active,
                "calls": dict(self._calls),
                "threads": self._threads,
            }

    @contextmanager
    def _counted(self, method: str) -> Iterator[None]:
        with self._guard:
            self._calls[method] = self._calls.get(method, 0) + 1
            self._active += 1
            # The number of a thread would not do: after its end another one gets the same.
            if not vars(self._seen):
                self._seen.counted = True
                self._threads += 1
        try:
            yield
        finally:
            with self._guard:
                self._active -= 1


def thread_safe_method(method: F) -> F:
    """Marks a method of a ``ThreadSafeAdapter`` as safe, and counts its calls for ``get_stats()``.

    A coroutine or generator counts from its first step to its end. It takes no lock: what needs one takes it
    inside, by ``acquire_lock``.
    """
    counted = _counting(method)
    counted.__thread_safe__ = True  # type: ignore[attr-defined]
    return cast(F, counted)


def _counting(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the same kind, so that the count is open for as long as the body runs."""
    name = method.__name__

    @functools.wraps(method)
    async def coroutine(self: ThreadSafeAdapter, *args: Any, **keywords: Any) -> Any:
        with self._counted(name):
            return await method(self, *args, **keywords)

    @functools.wraps(method)
    async def async_generator(self: ThreadSafeAdapter, *args: Any, **keywords: Any) -> AsyncIterator[Any]:
        with self._counted(name):
            items = method(self, *args, **keywords)
            try:
                async for item in items:
                    yield item
            finally:
                await items.aclose()

    @functools.wraps(method)
    def generator(self: ThreadSafeAdapter, *args: Any, **keywords: Any) -> Any:
        with self._counted(name):
            return (yield from method(self, *args, **keywords))

    @functools.wraps(method)
    def function(self: ThreadSafeAdapter, *args: Any, **keywords: Any) -> Any:
        with self._counted(name):
            return method(self, *args, **keywords)

    if inspect.iscoroutinefunction(method):
        return coroutine
    if inspect.isasyncgenfunction(method):
        return async_generator
    return generator if inspect.isgeneratorfunction(method) else function


def require_thread_safe(target: F) -> F:
    """Refuses a class that does not say ``__thread_safe__ = True``; or a method, to be run in such a class.

    :raises ThreadSafetyError: for a class at once, for a method when it is called.
    """
    if isinstance(target, type):
        _check(target)
        return target

    @functools.wraps(target)
    def checked(self: Any, *args: Any, **keywords: Any) -> Any:
        _check(type(self))
        return target(self, *args, **keywords)

    return cast(F, checked)


def _check(adapter: type) -> None:
    if getattr(adapter, "__thread_safe__", False) is not True:
        raise ThreadSafetyError(
            f"{adapter.__name__} does not say that its tools may run in several threads; "
            "derive it from ThreadSafeAdapter, or set __thread_safe__ = True"
        )
