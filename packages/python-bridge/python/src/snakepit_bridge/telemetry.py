"""Events and spans that a tool sends to the host, where they arrive as ``snakepit.worker.event``.

Works in tools, in threads that they start and in coroutines. Outside of a worker, and before it is ready,
nothing happens. Nothing here ever raises: what cannot be sent is dropped, and what floods the host is
dropped, too, beyond 1,000 events a second.
"""

from __future__ import annotations

import contextlib
import math
import time
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Callable

from snakepit_bridge.session_context import current_context

#: Name, measurements and metadata of an event.
Send = Callable[[str, dict[str, float], dict[str, Any]], None]

_send: Send | None = None
_correlation: ContextVar[str | None] = ContextVar("snakepit_correlation", default=None)


def connect(send: Send | None) -> None:
    """Where events go from now on; the worker says so when it is ready."""
    global _send
    _send = send


def emit(
    event: str,
    measurements: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    correlation_id: str | None = None,
) -> None:
    """Sends one event.

    :param event: its name, for instance ``model.loaded``.
    :param measurements: finite numbers by name; anything else is left out.
    :param metadata: values of any kind that can travel, 64 KiB at most.
    :param correlation_id: what belongs together; arrives as ``correlation_id`` in the metadata. Default: that
        of the span around, else the ``traceparent`` that the caller sent, else none.
    """
    send = _send
    if send is None:
        return
    with contextlib.suppress(Exception):
        details = {str(key): value for key, value in (metadata or {}).items()}
        correlation = correlation_id or _correlation.get() or _traceparent()
        if correlation is not None:
            details["correlation_id"] = str(correlation)
        send(str(event), _numbers(measurements or {}), details)


class Span:
    """Something that takes time: ``<name>.start``, then ``<name>.stop`` or ``<name>.exception``.

    All three carry ``span_id`` in their metadata. ``start`` measures ``system_time`` (seconds since 1970),
    the others ``duration_us`` (microseconds); ``exception`` says ``error`` and ``message``. What the block
    puts into ``measurements`` and ``metadata`` travels with its end.
    """

    def __init__(self, name: str, metadata: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.measurements: dict[str, Any] = {}
        self._begun = 0.0
        self._outer: str | None = None

    def __enter__(self) -> Span:
        self._outer = _correlation.get()
        self.metadata["span_id"] = span_id = uuid.uuid4().hex[:16]
        # Not set back by a token: a generator may end in another context than it began in.
        _correlation.set(self._outer or _traceparent() or span_id)
        emit(f"{self.name}.start", {"system_time": time.time()}, self.metadata)
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.measurements["duration_us"] = (time.perf_counter() - self._begun) * 1e6
        if error is None:
            emit(f"{self.name}.stop", self.measurements, self.metadata)
        else:
            failure = {"error": type(error).__name__, "message": _text(error)}
            emit(f"{self.name}.exception", self.measurements, {**self.metadata, **failure})
        _correlation.set(self._outer)

    async def __aenter__(self) -> Span:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def span(name: str, metadata: Mapping[str, Any] | None = None) -> Span:
    """Measures a block, ``with telemetry.span("train"):`` or ``async with``. Exceptions go on as they are."""
    return Span(name, metadata)


def _traceparent() -> str | None:
    context = current_context()
    return None if context is None else context.request_metadata.get("traceparent")


def _numbers(measurements: Mapping[str, Any]) -> dict[str, float]:
    """Also NumPy's numbers, and whatever else is a number to Python."""
    numbers = {}
    for name, value in measurements.items():
        with contextlib.suppress(Exception):
            number = float(value)
            if math.isfinite(number) and not isinstance(value, (str, bytes, bytearray)):
                numbers[str(name)] = number
    return numbers


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
