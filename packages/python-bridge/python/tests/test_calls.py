"""Unary calls: order, arguments, errors, limits on how many."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from client import Host
from conftest import Launch


def test_every_call_is_answered_once_and_in_order(host: Host) -> None:
    """[CA-1] [CA-3]"""
    ids = [host.call("echo", {"value": number}) for number in range(30)]
    frames = [host.read_line() for _ in ids]
    assert [frame["id"] for frame in frames] == ids
    assert [frame["value"] for frame in frames] == list(range(30))
    host.drain()
    assert host.unread == []


def test_a_result_is_out_before_the_next_call_starts(host: Host, tmp_path: Path) -> None:
    """[CA-3] The second call blocks for good, the first one is answered all the same."""
    first = host.call("echo", {"value": 1})
    second = host.call("wait_for_file", {"path": str(tmp_path / "go")})
    assert host.result(first) == 1
    (tmp_path / "go").touch()
    assert host.result(second) == "seen"


def test_an_expired_call_never_starts(host: Host) -> None:
    """[CA-4]"""
    call = host.call("note", {"text": "ran"}, deadlineMs=0)
    assert host.error(call)["code"] == "deadline_exceeded"
    assert host.run("recall") == []


def test_time_in_the_queue_counts_for_the_deadline(host: Host) -> None:
    """[CA-4]"""
    slow = host.call("sleep", {"seconds": 0.05})
    expiring = host.call("note", {"text": "ran"}, deadlineMs=1)
    host.result(slow)
    assert host.error(expiring)["code"] == "deadline_exceeded"
    assert "ran" not in host.run("recall")


def test_a_deadline_in_time_does_no_harm(host: Host) -> None:
    """[CA-4]"""
    assert host.run("echo", {"value": 1}, deadlineMs=60_000.5, meta={"a": "b"}, session="s") == 1


@pytest.mark.parametrize("tool", ["count", "async_count", "declared_stream"])
def test_unary_call_to_a_streaming_tool(host: Host, tool: str) -> None:
    """[CA-5]"""
    error = host.error(host.call(tool))
    assert error["code"] == "invalid_parameter"
    assert "stream" in error["message"]


@pytest.mark.parametrize(
    ("tool", "args", "code", "part"),
    [
        ("nowhere", {}, "unknown_tool", "nowhere"),
        ("greet", {}, "invalid_parameter", "missing parameter 'name'"),
        ("greet", {"name": "a", "nome": "b"}, "invalid_parameter", "unexpected parameter 'nome'"),
        ("ask", {"ctx": 1, "self": 1}, "tool_error", "self"),
    ],
)
def test_calls_that_do_not_fit(host: Host, tool: str, args: dict[str, Any], code: str, part: str) -> None:
    """[ER-2]"""
    error = host.error(host.call(tool, args))
    assert error["code"] == code
    assert part in error["message"]


def test_error_names_type_message_and_the_users_lines_only(host: Host) -> None:
    """[ER-1]"""
    error = host.error(host.call("fail", {"message": "broken, really"}))
    assert (error["code"], error["type"], error["message"]) == ("tool_error", "ValueError", "broken, really")
    assert "tools.py" in error["traceback"]
    assert "snakepit_bridge" not in error["traceback"]


def test_chained_causes_are_kept(host: Host) -> None:
    """[ER-1]"""
    trace = host.error(host.call("fail_chained"))["traceback"]
    assert "ValueError: first" in trace
    assert "KeyError: 'second'" in trace


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with 3.11")
def test_grouped_errors_are_kept(host: Host) -> None:
    """[ER-1]"""
    trace = host.error(host.call("fail_group"))["traceback"]
    assert "ValueError: one" in trace
    assert "TypeError: two" in trace


def test_error_without_text_still_arrives(host: Host) -> None:
    """[ER-3]"""
    error = host.error(host.call("fail_unprintable"))
    assert error["type"] == "Unprintable"
    assert error["message"]
    assert "fail_unprintable" in error["traceback"]


def test_error_of_surrogates_still_arrives(host: Host) -> None:
    """[ER-3]"""
    assert host.error(host.call("fail_surrogate"))["message"] == "bad \\ud800 text"


def test_a_tool_cannot_end_the_worker_by_an_exception(host: Host) -> None:
    assert host.error(host.call("leave"))["type"] == "SystemExit"
    assert host.run("echo", {"value": 1}) == 1


@pytest.mark.parametrize(
    ("tool", "args", "path"),
    [
        ("surrogate", {}, "result.rows[1].name: a string with a lone surrogate"),
        ("circular", {}, "result[0][0]"),
        ("huge_integer", {"digits": 4301}, "result: an integer"),
    ],
)
def test_a_result_that_cannot_travel(host: Host, tool: str, args: dict[str, Any], path: str) -> None:
    """[VA-8] [ER-2]"""
    error = host.error(host.call(tool, args))
    assert error["code"] == "not_serializable"
    assert path in error["message"]
    assert host.run("echo", {"value": 1}) == 1


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_longest_integer_both_ways(host: Host, sign: str) -> None:
    """[VA-2]"""
    longest = {"$": "bigint", "value": sign + "9" * 4300}
    assert host.run("echo", {"value": longest}) == longest


def test_more_calls_than_agreed(host: Host, tmp_path: Path) -> None:
    """[LI-5]"""
    slow = host.call("wait_for_file", {"path": str(tmp_path / "go")})
    others = [host.call("echo", {"value": number}) for number in range(33)]
    refused = [host.error(call)["code"] for call in others[31:]]
    assert refused == ["resource_exhausted"] * 2
    (tmp_path / "go").touch()
    assert host.result(slow) == "seen"
    assert [host.result(call) for call in others[:31]] == list(range(31))


def test_a_result_beyond_the_limit_fails_that_call_only(launch: Launch) -> None:
    """[LI-1] [LI-2]"""
    host = launch(welcome={"limits": {"maxFrameBytes": 1000, "maxAttachmentBytes": 1000}})
    error = host.error(host.call("blob", {"size": 1001}))
    assert error["code"] == "not_serializable"
    assert "1001 bytes" in error["message"]
    assert host.error(host.call("repeat", {"text": "x", "times": 1000}))["code"] == "not_serializable"
    frame = host.next_of(host.call("blob", {"size": 1000}))
    assert frame["attachments"] == [b"x" * 1000]


def test_session_and_metadata_reach_the_tool(host: Host) -> None:
    """[FR-5]"""
    trace = {"traceparent": "00-1-2-01"}
    assert host.run("session", session="s1", meta=trace) == {"id": "s1", "metadata": trace}
    assert host.run("session") == {"id": None, "metadata": {}}


def test_async_tools(host: Host) -> None:
    assert host.run("async_add", {"a": 1, "b": 2}) == 3
    assert host.error(host.call("async_fail"))["message"] == "async broken"


def test_what_an_async_tool_leaves_on_the_loop_is_still_there_for_the_next(host: Host) -> None:
    host.run("background")
    host.run("async_add", {"a": 1, "b": 2})
    assert host.run("recall") == ["background done"]
