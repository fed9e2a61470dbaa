"""The segments of a peer; here they are this process's own."""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from client import PATIENCE
from snakepit_bridge._transports.byte_outlet import ByteOutlet
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.json_frames import JsonFrames
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.shared import bounds, memory
from snakepit_bridge._wire.shared.peer_segments import PeerSegments
from snakepit_bridge._worker.outbox import Outbox

MIB = 1024 * 1024
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")


@pytest.fixture
def fd() -> Iterator[int]:
    """A segment."""
    fd = memory.create(MIB)
    yield fd
    os.close(fd)


def test_what_is_mapped_is_released_and_lent_once(fd: int) -> None:
    """[SM-4] [SM-8]"""
    said: list[Any] = []
    peer = PeerSegments(os.getpid(), said.append)
    peer.announced(1, fd, MIB)
    assert said == [{"type": "release", "segment": 1}]
    with pytest.raises(ProtocolError, match="twice"):
        peer.announced(1, fd, MIB)
    os.pwrite(fd, b"abc", 0)
    lent = peer.lend(1, 3)
    assert (bytes(lent), bytes(lent.view())) == (b"abc", b"abc")
    for id, size in ((1, 3), (2, 3)):
        with pytest.raises(ProtocolError, match=f"segment {id}"):
            peer.lend(id, size)
    del lent
    assert said == [{"type": "release", "segment": 1}] * 2
    with pytest.raises(ProtocolError, match="no room"):
        peer.lend(1, MIB + 1)
    peer.forget(1)
    with pytest.raises(ProtocolError, match="segment 1"):
        peer.lend(1, 3)


def test_any_part_of_what_is_held_keeps_it(fd: int) -> None:
    """[SM-6]"""
    numpy = pytest.importorskip("numpy")
    said: list[Any] = []
    peer = PeerSegments(os.getpid(), said.append)
    peer.announced(1, fd, MIB)
    said.clear()
    kinds: list[Callable[[Any], Any]] = [
        lambda array: array[11:].reshape(2, -1),
        lambda array: memoryview(array)[5:],
        lambda array: array[1:].view(numpy.float32)[::2],
        lambda array: numpy.asarray(memoryview(array)),
        lambda array: array.base,
    ]
    for part_of in kinds:
        part = part_of(numpy.frombuffer(peer.lend(1, MIB - 6).hold(), numpy.uint16))
        assert said == []
        del part
        assert said.pop() == {"type": "release", "segment": 1}


def test_what_is_no_file_in_memory_is_not_opened() -> None:
    reader, writer = os.pipe()
    said: list[Any] = []
    PeerSegments(os.getpid(), said.append).announced(1, reader, 1)
    os.close(reader)
    os.close(writer)
    assert said == []


def test_a_release_may_be_posted_while_its_own_thread_writes(fd: int) -> None:
    """As by the garbage collector, which runs finalizers wherever it likes."""
    written: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    frames = JsonFrames(Limits())

    class Dropping(ByteOutlet):
        def write(self, data: Binary) -> None:
            lent.clear()
            written.put(bytes(data))

    outbox = Outbox(Dropping(-1))
    peer = PeerSegments(os.getpid(), lambda frame: outbox.post(frames.encode_plain(frame)))
    lent: list[Any] = []
    peer.announced(1, fd, MIB)
    assert written.get(timeout=PATIENCE) == b'{"type":"release","segment":1}\n'
    lent.append(peer.lend(1, MIB))
    outbox.send(b"another frame")
    assert written.get(timeout=PATIENCE) == b"another frame"
    assert written.get(timeout=PATIENCE) == b'{"type":"release","segment":1}\n'


def test_what_was_given_back_is_held_no_more(fd: int) -> None:
    pytest.importorskip("numpy")
    said: list[Any] = []
    peer = PeerSegments(os.getpid(), said.append)
    for id in range(1, 7):
        peer.announced(id, fd, MIB)
        assert type(peer.lend(id, MIB).hold()) is memoryview


def test_what_is_held_is_bounded(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of segments by default, and their bytes."""
    pytest.importorskip("numpy")
    said: list[Any] = []
    peer = PeerSegments(os.getpid(), said.append)
    for id in range(1, 8):
        peer.announced(id, fd, MIB)
    held = [peer.lend(id, 1).hold() for id in range(1, 8)]
    assert [type(part) for part in held] == [memoryview] * 6 + [bytearray]
    del held[:]
    monkeypatch.setattr(bounds, "MAX_HELD_BYTES", 2 * MIB)
    held = [peer.lend(id, 1).hold() for id in range(1, 4)]
    assert [type(part) for part in held] == [memoryview] * 2 + [bytearray]


def test_what_is_mapped_is_bounded(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """[SM-9]"""
    said: list[Any] = []
    peer = PeerSegments(os.getpid(), said.append)
    for id in range(1, 10):
        peer.announced(id, fd, MIB)
    assert [frame["segment"] for frame in said] == [*range(1, 9)]
    peer.forget(1)
    monkeypatch.setattr(bounds, "MAX_BYTES", 8 * MIB - 1)
    peer.announced(10, fd, MIB)
    assert len(said) == 8
    monkeypatch.setattr(bounds, "MAX_BYTES", 8 * MIB)
    peer.announced(11, fd, MIB)
    assert said[-1]["segment"] == 11
