"""The pool of segments that a process writes to."""

from __future__ import annotations

import errno
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from client import PATIENCE
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.shared import bounds
from snakepit_bridge._wire.shared.bounds import capacity_for
from snakepit_bridge._wire.shared.own_segments import OwnSegments, Segment

MIB = 1024 * 1024
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")
Frame = dict[str, Any]


def ready(pool: OwnSegments, size: int = MIB, id: int = 1) -> Segment:
    """A segment that the pool has announced and its peer has opened, with ``size`` bytes in it."""
    assert pool.write(bytes(size)) is None
    pool.released(id)
    segment = pool.write(bytes(size))
    assert segment is not None
    return segment


def links() -> int:
    """How many descriptors of shared memory this process has."""
    names = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return len([name for name in names if "snakepit-shared" in name])


@pytest.mark.parametrize(
    ("size", "capacity"),
    [(1, 1), (MIB, 1), (MIB + 1, 2), (5 * MIB, 8), (16 * MIB, 16), (16 * MIB + 1, 32), (100 * MIB, 112)],
)
def test_capacities(size: int, capacity: int) -> None:
    assert capacity_for(size) == capacity * MIB


def test_only_what_the_peer_has_opened_is_used() -> None:
    """[SM-4]"""
    frames: list[Frame] = []
    pool = OwnSegments(frames.append)
    assert [pool.write(bytes(MIB)) for _ in range(3)] == [None] * 3
    assert [(frame["type"], frame["segment"], frame["capacity"]) for frame in frames] == [("segment", 1, MIB)]
    pool.released(1)
    segment = pool.write(b"x" * MIB)
    assert segment is not None
    assert segment.memory[:] == b"x" * MIB
    with pytest.raises(ProtocolError, match="segment 2"):
        pool.released(2)
    pool.released(1)
    with pytest.raises(ProtocolError, match="segment 1"):
        pool.released(1)


def test_the_best_fit_is_taken() -> None:
    pool = OwnSegments(lambda frame: None)
    segments = [ready(pool, size, id) for id, size in enumerate([2 * MIB, 4 * MIB, 16 * MIB], 1)]
    for segment in reversed(segments):
        pool.give_back(segment)
    taken = [pool.write(bytes(3 * MIB)) for _ in range(2)]
    assert taken == [segments[1], segments[2]]


def test_the_bytes_of_a_pool_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """[SM-9]"""
    monkeypatch.setattr(bounds, "MAX_BYTES", 4 * MIB)
    frames: list[Frame] = []
    pool = OwnSegments(frames.append)
    assert pool.write(bytes(5 * MIB)) is None
    assert not frames
    first = ready(pool, 2 * MIB, 1)
    second = ready(pool, 2 * MIB, 2)
    assert pool.write(bytes(MIB)) is None
    assert len(frames) == 2
    pool.give_back(first)
    assert pool.write(bytes(4 * MIB)) is None
    assert len(frames) == 2
    pool.give_back(second)
    assert pool.write(bytes(4 * MIB)) is None
    assert [frame["type"] for frame in frames[2:]] == ["forget", "forget", "segment"]


def test_what_nobody_uses_is_freed() -> None:
    """[SM-7]"""
    frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    before = links()
    pool = OwnSegments(frames.put, idle_seconds=0.01)
    segment = ready(pool)
    assert frames.get(timeout=PATIENCE)["type"] == "segment"
    assert links() == before + 1
    pool.give_back(segment)
    del segment
    assert frames.get(timeout=PATIENCE) == {"type": "forget", "segment": 1}
    assert links() == before
    assert pool.write(bytes(MIB)) is None
    assert frames.get(timeout=PATIENCE)["segment"] == 2


def test_a_system_without_memory_leaves_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not asked for every value."""
    refused: list[int] = []

    def refuse(fd: int, start: int, size: int) -> None:
        refused.append(size)
        raise OSError(errno.ENOSPC, "no space")

    before = links()
    monkeypatch.setattr(os, "posix_fallocate", refuse)
    frames: list[Frame] = []
    pool = OwnSegments(frames.append)
    assert [pool.write(bytes(MIB)) for _ in range(3)] == [None] * 3
    assert refused == [MIB]
    assert not frames
    assert links() == before
    patient = OwnSegments(frames.append, idle_seconds=0)
    assert [patient.write(bytes(MIB)) for _ in range(3)] == [None] * 3
    assert refused == [MIB] * 4


def test_a_segment_can_be_given_back_while_its_pool_is_at_work() -> None:
    """As by a finalizer that runs in the middle of it, in the same thread."""
    held: list[Segment] = []

    def post(frame: Frame) -> None:
        for segment in held:
            pool.give_back(segment)
        held.clear()

    pool = OwnSegments(post)
    held.append(ready(pool))
    assert pool.write(bytes(2 * MIB)) is None
    assert pool.write(bytes(MIB)) is not None


def test_threads_never_share_a_segment() -> None:
    """[SM-3]"""
    pool = OwnSegments(lambda frame: None)
    for segment in [ready(pool, MIB, id) for id in range(1, 5)]:
        pool.give_back(segment)
    clashes: list[int] = []

    def use(number: int) -> None:
        for _ in range(50):
            segment = pool.write(bytes([number]) * MIB)
            if segment is not None:
                if segment.memory[0] != number or segment.memory[MIB - 1] != number:
                    clashes.append(number)
                pool.released(segment.id)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not clashes
