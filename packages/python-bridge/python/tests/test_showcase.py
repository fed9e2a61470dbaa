"""The adapter that runs when none is named."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from client import Host
from conftest import Launch
from snakepit_bridge import __version__


@pytest.fixture
def showcase(launch: Launch) -> Host:
    return launch(None)


@pytest.mark.parametrize(
    ("tool", "args", "part"),
    [
        ("ping", {"test": True}, {"status": "pong"}),
        ("echo", {"self": 1, "message": "hi"}, {"self": 1, "message": "hi"}),
        ("add", {"a": 5, "b": 3}, {"result": 8}),
        ("adapter_info", {}, {"name": "ShowcaseAdapter", "version": __version__}),
        ("info", {}, {"adapter": "ShowcaseAdapter", "version": __version__}),
        ("process_text", {"text": "hello", "operation": "upper"}, {"result": "HELLO", "success": True}),
        ("process_text", {"text": "hello", "operation": "length"}, {"result": 5, "success": True}),
        ("compute", {"value": 7}, {"result": 49}),
        ("compute", {"operation": "multiply", "a": 10, "b": 5}, {"result": 50}),
        ("compute", {"operation": "sqrt", "a": 16}, {"result": 4.0}),
        ("process_binary", {"data": "abc"}, {"result": hashlib.sha256(b"abc").hexdigest(), "size": 3}),
        ("concurrent_demo", {"task_count": 3}, {"task_count": 3}),
    ],
)
def test_results(showcase: Host, tool: str, args: dict[str, Any], part: dict[str, Any]) -> None:
    result = showcase.run(tool, args)
    assert {key: result[key] for key in part} == part


def test_stats(showcase: Host) -> None:
    stats = showcase.run("get_stats")
    assert stats["adapter"]["name"] == "ShowcaseAdapter"
    assert stats["system"]["pid"] == showcase.process.pid


def test_mistakes(showcase: Host) -> None:
    assert (
        "upper, lower"
        in showcase.error(showcase.call("process_text", {"text": "", "operation": "spin"}))["message"]
    )
    assert showcase.error(showcase.call("compute"))["type"] == "ValueError"
    assert (
        showcase.error(showcase.call("compute", {"operation": "divide", "a": 1, "b": 0}))["type"]
        == "ZeroDivisionError"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"operation": "sqrt"}, "sqrt has nothing to work on; give it as a"),
        ({"operation": "add", "a": 1}, "add takes two numbers; give b, too"),
        ({"operation": "sqrt", "a": 4, "b": 2}, "sqrt takes one number; leave b out"),
        ({"operation": "spin", "a": 1}, "unknown operation 'spin'; there are add, subtract"),
    ],
)
def test_numbers_that_are_missing(showcase: Host, args: dict[str, Any], message: str) -> None:
    error = showcase.error(showcase.call("compute", args))
    assert error["type"] == "ValueError"
    assert error["message"].startswith(message)


def test_binary_both_ways(showcase: Host) -> None:
    """[VA-4] [JS-5]"""
    data = {"$": "bytes", "base64": base64.b64encode(b"abc").decode()}
    frame = showcase.next_of(showcase.call("process_binary", {"data": data, "operation": "reverse"}))
    assert frame["attachments"] == [b"cba"]


def test_callback(showcase: Host) -> None:
    call = showcase.call("call_elixir_demo", {"tool_name": "parse_json", "text": "{}"})
    asked = showcase.host_call("parse_json")
    assert asked["args"] == {"text": "{}"}
    showcase.answer(asked, {"parsed": True})
    assert showcase.result(call) == {"tool": "parse_json", "result": {"parsed": True}, "success": True}


@pytest.mark.parametrize(
    ("tool", "args", "keys", "count"),
    [
        ("ping_stream", {"count": 3}, {"message"}, 4),
        ("stream_data", {"count": 3, "delay": 0}, {"index", "data"}, 3),
        ("stream_progress", {"steps": 3, "delay_ms": 0}, {"step", "total", "progress", "message"}, 3),
    ],
)
def test_streams(showcase: Host, tool: str, args: dict[str, Any], keys: set[str], count: int) -> None:
    chunks = showcase.chunks(showcase.stream(tool, args))
    assert len(chunks) == count
    assert all(keys <= set(chunk["value"]) for chunk in chunks if chunk["value"])
