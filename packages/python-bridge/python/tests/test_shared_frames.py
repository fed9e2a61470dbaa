"""Frames whose attachments lie in segments, in every encoding."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from shared_pair import ENCODINGS, Pair
from snakepit_bridge import Tensor
from snakepit_bridge._wire import restoring
from snakepit_bridge._wire.errors import ProtocolError, Unsendable
from snakepit_bridge._wire.shared.pieces import SharedPieces

MIB = 1024 * 1024
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")


@pytest.fixture(params=ENCODINGS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    return Pair(ENCODINGS[request.param], tmp_path / "frame")


def test_what_arrives_is_what_was_sent(pair: Pair) -> None:
    """[VA-4] [VA-6]"""
    pytest.importorskip("numpy")
    numbers = [float(number) for number in range(MIB // 8)]
    value = {
        "bytes": bytes(range(256)) * (MIB // 256),
        "small": b"x" * 20_000,
        "tensor": Tensor("uint8", (2, MIB), b"ab" * MIB),
        "numbers": numbers,
    }
    for size in (MIB, MIB, 2 * MIB):
        pair.warm(size)
        pair.warm(size)
    pair.warm(MIB)
    for _ in range(4):
        frame = pair.read(pair.encode(value))
        shared = [entry["segment"] for entry in frame["attach"] if isinstance(entry, dict)]
        arrived = frame["value"].restore()
        assert (arrived["bytes"], arrived["small"]) == (value["bytes"], value["small"])
        assert arrived["numbers"] == numbers
        assert arrived["tensor"].shape == (2, MIB)
        assert bytes(memoryview(arrived["tensor"])) == b"ab" * MIB
        del arrived, frame
        pair.pump()
    assert len(shared) == 3


def test_without_numpy_tensors_are_copied_and_released(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "_has_numpy", lambda: False)
    pair.warm(MIB)
    tensor = Tensor("uint8", (MIB,), b"x" * MIB)
    frame = pair.read(pair.encode(tensor))
    assert frame["attach"] == [{"bytes": MIB, "segment": 1}]
    del pair.said[:]
    assert frame["value"].restore() == tensor
    pair.pump()
    assert pair.said == [("release", 1)]


def test_a_frame_that_is_dropped_gives_its_segments_back(pair: Pair) -> None:
    pair.warm(MIB)
    for _ in range(3):
        encoded = pair.encode(b"x" * MIB)
        assert isinstance(encoded, SharedPieces)
        assert encoded.shared_bytes == MIB
        del encoded
    with pytest.raises(Unsendable):
        pair.encode([b"x" * MIB, "\ud800"])
    pair.pump()
    assert [kind for kind, id in pair.said if kind == "segment"] == ["segment"]


def test_the_tool_may_change_a_buffer_that_waits_to_be_sent(pair: Pair) -> None:
    pair.warm(MIB)
    buffer = bytearray(b"x" * MIB)
    encoded = pair.encode(buffer)
    buffer[:] = b"y" * MIB
    assert pair.read(encoded)["value"].restore() == b"x" * MIB


def test_what_is_lent_cannot_be_read_again(pair: Pair) -> None:
    pair.warm(MIB)
    encoded = pair.encode(b"x" * MIB)
    first = pair.read(encoded)
    with pytest.raises(ProtocolError, match="segment 1"):
        pair.read(encoded)
    del first
    pair.read(encoded)


def test_a_lane_that_was_not_offered_takes_nothing(pair: Pair, tmp_path: Path) -> None:
    off = Pair(ENCODINGS["json"], tmp_path / "off")
    off.receiver = type(off.receiver)()
    pair.warm(MIB)
    frame: Any = {"type": "segment", "segment": 1, "fd": 1, "capacity": MIB}
    for method in (off.receiver.announced, off.receiver.released, off.receiver.forgotten):
        with pytest.raises(ProtocolError, match="not agreed"):
            method(frame)
    assert off.receiver.write(b"x" * MIB) is None
