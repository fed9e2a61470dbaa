"""Streams of the host's tools: what a test asks for, sends, and gets back."""

from __future__ import annotations

from typing import Any

from client import Host


def chunks(host: Host, asked: Any, *values: Any, start: int = 0) -> None:
    """Sends values of a stream."""
    for seq, value in enumerate(values, start):
        host.send({"type": "chunk", "id": asked["id"], "seq": seq, "value": value})


def finish(host: Host, asked: Any, seq: int, value: Any = None, synthetic: bool = True) -> None:
    """Ends a stream."""
    meta = {"meta": {"synthetic_final": "true"}} if synthetic else {}
    host.send({"type": "chunk", "id": asked["id"], "seq": seq, "value": value, "final": True, **meta})


def cancelled(host: Host, asked: Any) -> None:
    """Returns when the worker has cancelled its call."""
    host.next(lambda frame: frame["type"] == "cancel" and frame["id"] == asked["id"])


def grants(host: Host, asked: Any) -> list[int]:
    """The credit that has come so far."""
    host.ping()
    return [frame["n"] for frame in host.unread if frame["type"] == "credit" and frame["id"] == asked["id"]]


def run_stream(host: Host, tool: str) -> Any:
    """A call to ``tool``, and what it asks of the host."""
    streaming = tool in ("through", "through_async", "handed_on")
    call = host.stream(tool) if streaming else host.call(tool)
    return call, host.host_call("rows")


def outcome(host: Host, call: int, tool: str) -> Any:
    """The items that came through ``tool``."""
    if tool not in ("through", "through_async", "handed_on"):
        return host.result(call)
    frames = host.chunks(call)
    return [frame["value"] for frame in frames if not frame.get("final")]
