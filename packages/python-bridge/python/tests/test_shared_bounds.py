"""What does not fit into shared memory, and what must not be done with it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from client import Frame
from conftest import LaunchShared
from shared_host import MIB, SharedHost, entry, tagged, warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")


@pytest.fixture
def host(shared_host: SharedHost) -> SharedHost:
    return shared_host


def test_when_all_segments_are_in_use_the_channel_takes_over(host: SharedHost) -> None:
    """[SM-9]"""
    host.keeping = True
    for count in range(9):
        warm(host, MIB)
        assert len(host.opened) == min(count + 1, 8)
        host.run("zeros", {"size": MIB})
    assert len(host.kept) == 8
    assert entry(host, host.call("zeros", {"size": MIB})) == MIB
    host.release(host.kept.pop())
    assert entry(host, host.call("zeros", {"size": MIB}))["bytes"] == MIB


def test_segments_that_are_too_small_make_room(host: SharedHost) -> None:
    """[SM-7]"""
    host.keeping = True
    while len(host.kept) < 8:
        host.run("zeros", {"size": MIB})
        host.ping()
    idle = host.kept.pop()
    host.release(idle)
    warm(host, 20 * MIB)
    forgotten = host.next(lambda frame: frame["type"] == "forget")
    assert forgotten["segment"] == idle
    announced = [frame for frame in host.unread if frame["type"] == "segment"]
    assert announced[-1]["capacity"] == 32 * MIB
    assert entry(host, host.call("zeros", {"size": 20 * MIB}))["segment"] == announced[-1]["segment"]


def test_chunks_are_copied_before_their_tool_goes_on(host: SharedHost) -> None:
    """[SM-3]"""
    warm(host, 2 * MIB)
    chunks = host.chunks(host.stream("pieces", {"size": 2 * MIB, "count": 4}, credit=10_000))
    assert [set(chunk["attachments"][0]) for chunk in chunks[:-1]] == [{0}, {1}, {2}, {3}]
    assert any(isinstance(chunk["attach"][0], dict) for chunk in chunks[:-1])


def test_credit_counts_what_lies_in_segments(host: SharedHost) -> None:
    """[SM-5]"""
    warm(host, 2 * MIB)
    id = host.stream("pieces", {"size": 2 * MIB, "count": 2}, credit=1)
    host.next_of(id)
    host.ping()
    assert not [frame for frame in host.unread if frame.get("id") == id]
    host.credit(id, 512)
    host.ping()
    assert not [frame for frame in host.unread if frame.get("id") == id]
    host.credit(id, 1)
    assert host.next_of(id)["seq"] == 1


def test_a_segment_whose_frame_cannot_be_sent_is_free_again(host: SharedHost) -> None:
    warm(host, MIB)
    for _ in range(10):
        assert host.error(host.call("broken", {"size": MIB}))["code"] == "not_serializable"
    assert entry(host, host.call("zeros", {"size": MIB})) == {"bytes": MIB, "segment": 1}


@pytest.mark.parametrize(
    "attach",
    [
        {"bytes": MIB + 1, "segment": 1},
        {"bytes": -1, "segment": 1},
        {"bytes": 1.0, "segment": 1},
        {"bytes": 1, "segment": 2},
        {"bytes": 1, "segment": 0},
        {"bytes": 1, "segment": None},
        {"bytes": 1, "segment": True},
        {"bytes": 1},
        {"segment": 1},
        {"bytes": 2 * 1024 * MIB, "segment": 1},
        "1",
    ],
)
def test_malformed_entries_are_protocol_errors(host: SharedHost, attach: Any) -> None:
    """[SM-8]"""
    host.share(bytes(MIB))
    host.call("echo", {"value": tagged("bytes")}, attach=[attach])
    assert host.wait() == 1
    assert "protocol error" in host.text


@pytest.mark.parametrize(
    "frames",
    [
        [{"type": "release", "segment": 0}],
        [{"type": "release", "segment": 1}],
        [{"type": "release"}],
        [{"type": "release", "segment": -1}],
        [{"type": "forget", "segment": 0}],
        [{"type": "segment", "segment": 0, "fd": 1, "capacity": 1}],
        [{"type": "segment", "segment": 2, "fd": -1, "capacity": 1}],
        [{"type": "segment", "segment": 1, "fd": 1, "capacity": 1}],
    ],
)
def test_frames_out_of_place_are_protocol_errors(host: SharedHost, frames: list[Frame]) -> None:
    """[SM-8]"""
    host.share(bytes(MIB))
    host.send(*frames)
    assert host.wait() == 1
    assert "protocol error" in host.text


def test_a_segment_in_use_cannot_be_used_or_forgotten(launch_shared: LaunchShared) -> None:
    """[SM-8]"""
    use = {"type": "call", "id": 1, "tool": "echo", "args": {"value": 1}}
    twice = {**use, "attach": [{"bytes": 1, "segment": 1}, {"bytes": 1, "segment": 1}]}
    hold = {**use, "tool": "keep", "args": {"value": tagged("tensor", dtype="uint8", shape=[MIB])}}
    held = {**hold, "attach": [{"bytes": MIB, "segment": 1}]}
    for frames in ([twice], [held, {**held, "id": 2}], [held, {"type": "forget", "segment": 1}]):
        host = launch_shared()
        host.agree()
        host.share(bytes(MIB))
        for frame in frames:
            host.send(frame)
        assert host.wait() == 1
        assert "segment 1" in host.text
