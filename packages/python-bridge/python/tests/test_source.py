"""Cutting bytes into frames, however they arrive, and surviving nonsense."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlets import read_pieces
from snakepit_bridge._wire import json_frames
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import BUFFER_BYTES, Source


def read_all(pieces: list[bytes], limits: Limits = Limits()) -> list[Any]:  # noqa: B008
    return read_pieces(pieces, lambda source: JsonInlet(source, limits))


STREAM = (
    b'{"type":"call","id":1,"tool":"a","args":{}}\n'
    b'{"type":"result","id":2,"value":{"$":"bytes","at":0},"attach":[6]}\n\n{}\n\x00"'
    b'{"type":"x-more","attach":[0,3]}\nabc'
    b'{"type":"chunk","id":3,"seq":0,"value":[{"$":"bytes","at":1},{"$":"bytes","at":0}],"attach":[2,1]}\nxyz'
    b'{"type":"ping","nonce":7}\n'
)
WHOLE = read_all([STREAM])


def test_the_whole_is_right() -> None:
    assert [frame["type"] for frame in WHOLE] == ["call", "result", "x-more", "chunk", "ping"]
    assert WHOLE[1]["value"] == b'\n{}\n\x00"'
    assert WHOLE[3]["value"] == [b"z", b"xy"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_any_segmentation_gives_the_same_frames(cuts: list[int]) -> None:
    """[FR-4]"""
    edges = [0, *sorted(set(cuts)), len(STREAM)]
    pieces = [STREAM[start:stop] for start, stop in zip(edges, edges[1:])]
    assert read_all(pieces) == WHOLE


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='{}[]"$:,typecalid01\\u\n ', max_size=200).map(str.encode))
def test_nonsense_is_a_protocol_error_and_nothing_else(data: bytes) -> None:
    """[FR-3] [JS-6]"""
    with contextlib.suppress(ProtocolError):
        read_all([data])


@pytest.mark.parametrize("size", [BUFFER_BYTES - 60, BUFFER_BYTES, BUFFER_BYTES + 1, 3 * BUFFER_BYTES])
def test_long_lines_grow_the_buffer_and_small_ones_follow(size: int) -> None:
    """[JS-1]"""
    line = b'{"type":"result","id":1,"value":"%b"}\n' % (b"x" * size)
    frames = read_all([line + line + STREAM])
    assert [len(frame["value"]) for frame in frames[:2]] == [size, size]
    assert frames[2:] == WHOLE


@pytest.mark.parametrize("size", [1, BUFFER_BYTES - 1, BUFFER_BYTES + 1, 4 * BUFFER_BYTES])
def test_attachments_of_all_sizes(size: int) -> None:
    """[JS-2]"""
    data = os.urandom(size)
    frame = b'{"type":"result","id":1,"value":{"$":"bytes","at":0},"attach":[%d]}\n' % size
    assert read_all([frame + data + STREAM])[0]["value"] == data
    with pytest.raises(ProtocolError, match="inside a frame"):
        read_all([frame + data[:-1]])


@pytest.mark.parametrize("whole", [True, False])
def test_a_line_beyond_the_limit_is_refused_as_soon_as_it_shows(whole: bool) -> None:
    """[LI-1] [LI-2]"""
    limits = Limits(max_frame_bytes=50)
    exact = b'{"type":"x-pad","pad":"%b"}' % (b"x" * 24)
    assert len(exact) == 49
    assert len(read_all([exact + b" \n"], limits)) == 1
    with pytest.raises(ProtocolError, match="more than 50 bytes"):
        read_all([exact + b"  " + (b"\n" if whole else b"")], limits)


def test_the_limit_holds_for_a_line_among_others() -> None:
    """[LI-1]"""
    short = b'{"type":"x-pad"}\n'
    long = b'{"type":"x-pad","pad":"%b"}\n' % (b"x" * 26)
    assert len(long) == 52
    with pytest.raises(ProtocolError, match="more than 50 bytes"):
        read_all([short + short + long + short], Limits(max_frame_bytes=50))


def test_chunks_that_came_together_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    loads = json_frames._loads

    def count_and_load(line: bytearray) -> Any:
        parsed.append(len(line))
        return loads(line)

    monkeypatch.setattr(json_frames, "_loads", count_and_load)
    lines = [b'{"type":"chunk","id":1,"seq":%d,"value":7}' % seq for seq in range(50)]
    frames = read_all([b"\n".join(lines) + b"\n"])
    assert [frame["seq"] for frame in frames] == list(range(50))
    assert sum(parsed) == sum(map(len, lines))


def test_attachments_beyond_the_limit_are_refused_before_any_of_it_is_read() -> None:
    """[LI-1] [LI-2]"""
    with pytest.raises(ProtocolError, match="attachments of 11 bytes"):
        read_all([b'{"type":"x-a","attach":[5,6]}\n'], Limits(max_attachment_bytes=10))


def test_the_standard_library_reads_and_writes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """[JS-1]"""
    monkeypatch.setattr(json_frames, "_loads", json_frames._standard_loads)
    monkeypatch.setattr(json_frames, "_dumps", json_frames._standard_dumps)
    assert read_all([STREAM]) == WHOLE
    encoded = JsonFrames(Limits()).encode(
        {"type": "result", "id": 1, "value": {"é": [1.5, "\n"]}}, "value", "result"
    )
    assert encoded == '{"type":"result","id":1,"value":{"é":[1.5,"\\n"]}}\n'.encode()
    for bad in (b'{"type":"ping","nonce":NaN}\n', b'"\\ud800"\n', b"\xff\n", b"[" * 100_000 + b"\n"):
        with pytest.raises(ProtocolError):
            read_all([bad])


def test_a_block_is_read_once_and_never_copied() -> None:
    """Whoever takes it as bytes gets those that were read into; a view of it can be written to."""
    source = Source(Chunked([b"line\n" + b"0123456789"[:4], b"456789"]))
    assert source.line(100) == b"line"
    block = source.block(10)
    assert bytes(block) == b"0123456789"
    assert bytes(block) is bytes(block)
    block = Source(Chunked([b"abc"])).block(3)
    view = block.view()
    view[0:1] = b"x"
    assert bytes(block) == b"xbc"


class Chunked:
    """Gives its pieces one by one, each of which must fit."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def readinto(self, buffer: memoryview) -> int:
        piece = self._pieces.pop(0) if self._pieces else b""
        buffer[: len(piece)] = piece
        return len(piece)
