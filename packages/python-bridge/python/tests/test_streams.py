"""Streams: order, ends, errors, credit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from client import Host


def values(chunks: list[dict[str, Any]]) -> list[Any]:
    return [chunk["value"] for chunk in chunks]


@pytest.mark.parametrize(
    ("tool", "expected"), [("count", [{"index": i} for i in range(5)]), ("async_count", list(range(5)))]
)
def test_chunks_are_numbered_and_end_with_a_synthetic_one(host: Host, tool: str, expected: list[Any]) -> None:
    """[ST-1] [ST-2] [ST-4]"""
    chunks = host.chunks(host.stream(tool, {"n": 5}))
    assert values(chunks) == [*expected, None]
    assert [chunk["seq"] for chunk in chunks] == list(range(6))
    assert [chunk.get("final", False) for chunk in chunks] == [False] * 5 + [True]
    assert chunks[-1]["meta"]["synthetic_final"] == "true"
    assert float(chunks[-1]["meta"]["execution_time_ms"]) >= 0


def test_the_return_value_of_a_generator_is_the_final_value(host: Host) -> None:
    """[ST-2]"""
    chunks = host.chunks(host.stream("count_and_return", {"n": 4}))
    assert values(chunks) == [0, 1, 2, 3, {"sum": 6}]
    assert chunks[-1]["meta"]["synthetic_final"] == "true"


def test_a_marked_chunk_ends_the_stream_and_closes_the_generator(host: Host) -> None:
    """[ST-2] [ST-4]"""
    chunks = host.chunks(host.stream("marked"))
    assert values(chunks) == [{"part": 1}, {"part": 2}]
    assert chunks[0]["meta"] == {"number": "7"}
    assert chunks[1]["meta"]["last"] == "True"
    assert "synthetic_final" not in chunks[1]["meta"]
    assert "execution_time_ms" in chunks[1]["meta"]
    assert host.run("recall") == ["closed"]


def test_a_dictionary_may_mark_itself_and_keeps_the_key(host: Host) -> None:
    """[ST-2]"""
    chunks = host.chunks(host.stream("marked_dict"))
    assert values(chunks) == [{"is_final": False, "step": 1}, {"is_final": True, "step": 2}]


@pytest.mark.parametrize(
    ("tool", "args", "value"), [("echo", {"value": 7}, 7), ("async_add", {"a": 1, "b": 2}, 3)]
)
def test_a_stream_of_a_tool_that_does_not_stream(
    host: Host, tool: str, args: dict[str, Any], value: Any
) -> None:
    """[ST-3]"""
    (chunk,) = host.chunks(host.stream(tool, args))
    assert chunk["value"] == value
    assert chunk["seq"] == 0


@pytest.mark.parametrize(("tool", "message"), [("fail_midway", "midway"), ("fail_at_close", "while closing")])
def test_an_error_may_end_a_stream(host: Host, tool: str, message: str) -> None:
    """[ST-5] [CA-1]"""
    error = host.error(host.stream(tool))
    assert (error["type"], error["message"]) == ("ValueError", message)
    assert host.run("echo", {"value": 1}) == 1


def test_a_chunk_that_cannot_travel_names_its_path(host: Host) -> None:
    """[VA-8] [ST-5]"""
    error = host.error(host.stream("bad_chunk"))
    assert error["code"] == "not_serializable"
    assert error["message"].startswith("chunk.a: ")


def test_the_chunk_of_a_stalled_generator_still_leaves(host: Host, tmp_path: Path) -> None:
    stream = host.stream("stalling", {"path": str(tmp_path / "go")})
    assert host.next_of(stream)["value"] == "first"
    (tmp_path / "go").touch()
    assert host.next_of(stream)["value"] == "second"


@pytest.mark.parametrize("tool", ["count", "async_count"])
def test_a_producer_stops_when_its_credit_is_used_up(host: Host, tool: str) -> None:
    """[CR-1] [CR-2]"""
    stream = host.stream(tool, {"n": 10}, credit=3)
    assert [host.next_of(stream)["seq"] for _ in range(3)] == [0, 1, 2]
    # A pong comes after whatever was sent before; no further chunk was.
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.credit(stream, 2)
    assert [host.next_of(stream)["seq"] for _ in range(2)] == [3, 4]
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.credit(stream, 100)
    assert host.chunks(stream)[-1]["final"]


def test_credit_counts_bytes_and_may_be_overdrawn_by_one_chunk(host: Host) -> None:
    """[CR-1] [CR-2] 9 kB cost 3: with a credit of 4 there are two of them, and the debt must be paid."""
    stream = host.stream("endless", {"size": 9_000}, credit=4)
    assert [host.next_of(stream)["seq"] for _ in range(2)] == [0, 1]
    host.credit(stream, 2)
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.credit(stream, 1)
    assert host.next_of(stream)["seq"] == 2
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"


@pytest.mark.parametrize(("size", "affordable"), [(4096 - 60, 2), (4096, 1)])
def test_a_chunk_costs_what_its_line_has_bytes(host: Host, size: int, affordable: int) -> None:
    """[CR-1] Just below and just above 4 KiB."""
    stream = host.stream("endless", {"size": size}, credit=2)
    frames = [host.next_of(stream) for _ in range(affordable)]
    assert -(-frames[0]["#size"] // 4096) * affordable == 2
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.cancel(stream)
    host.error(stream)


def test_a_final_chunk_of_nothing_needs_no_credit(host: Host) -> None:
    """[CR-2]"""
    assert values(host.chunks(host.stream("count", {"n": 2}, credit=2))) == [{"index": 0}, {"index": 1}, None]


@pytest.mark.parametrize(("tool", "args"), [("count_and_return", {"n": 0}), ("echo", {"value": 1})])
def test_a_final_value_needs_credit(host: Host, tool: str, args: dict[str, Any]) -> None:
    """[CR-2]"""
    stream = host.stream(tool, args, credit=0)
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.credit(stream, 1)
    assert host.next_of(stream)["final"]


def test_the_default_credit(host: Host) -> None:
    """[CR-1]"""
    stream = host.stream("count", {"n": 1100})
    assert [host.next_of(stream)["seq"] for _ in range(1024)] == list(range(1024))
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "chunk"]
    host.cancel(stream)
    host.error(stream)


def test_a_waiting_producer_does_not_keep_pings_waiting(host: Host) -> None:
    """[CR-4] [LV-1]"""
    stream = host.stream("endless", {}, credit=1)
    host.next_of(stream)
    host.ping()
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"


def test_chunks_with_binary_data(host: Host) -> None:
    """[JS-2] [VA-4]"""
    chunks = host.chunks(host.stream("blobs", {"size": 100_000, "n": 3}))
    assert [chunk["attachments"] for chunk in chunks[:-1]] == [[bytes([n]) * 100_000] for n in range(3)]
    small = host.chunks(host.stream("blobs", {"size": 10, "n": 3}))
    assert [chunk["attachments"] for chunk in small[:-1]] == [[bytes([n]) * 10] for n in range(3)]
