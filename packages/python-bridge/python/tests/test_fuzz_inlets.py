"""No bytes crash an inlet or make it hang: it gives frames, then ends or says how they break the protocol."""

from __future__ import annotations

import os
from typing import Any, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snakepit_bridge._wire import fields
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred, Frames, Inlet
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from snakepit_bridge._wire.source import Source
from test_value_properties import VALUES

FULL = os.environ.get("SNAKEPIT_FAULTS") == "full"

#: Small enough that a few bytes can be beyond them.
LIMITS = Limits(max_frame_bytes=200_000, max_attachment_bytes=300_000)

CODECS: dict[str, tuple[Frames, Callable[[Source], Inlet]]] = {
    "json": (JsonFrames(LIMITS), lambda source: JsonInlet(source, LIMITS)),
    "msgpack": (MsgpackFrames(LIMITS), lambda source: MsgpackInlet(source, LIMITS)),
}

each_codec = pytest.mark.parametrize("codec", CODECS)


def fuzz(examples: int) -> settings:
    """Prints how to get a failure again; more examples in the long form."""
    return settings(deadline=None, max_examples=examples * (50 if FULL else 1), print_blob=True)


class Pieces:
    """``Readable`` that gives its bytes in pieces of these sizes, over and over."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = memoryview(data)
        self._sizes = sizes
        self._turn = 0

    def readinto(self, buffer: memoryview) -> int:
        size = min(self._sizes[self._turn % len(self._sizes)], len(buffer), len(self._data))
        self._turn += 1
        buffer[:size] = self._data[:size]
        self._data = self._data[size:]
        return size


def read_all(codec: str, data: bytes, sizes: list[int]) -> tuple[list[dict[str, Any]], str]:
    """The frames, and how the bytes ended."""
    inlet = CODECS[codec][1](Source(Pieces(data, sizes)))
    frames: list[dict[str, Any]] = []
    try:
        while True:
            frame = inlet.read()
            if fields.check(frame) is None:
                continue
            for holder in (frame, frame.get("error")):
                if isinstance(holder, dict):
                    holder.update({k: v.restore() for k, v in holder.items() if isinstance(v, Deferred)})
            frames.append(frame)
    except EOFError:
        return frames, "end"
    except ProtocolError as error:
        return frames, f"protocol: {error}"


def encode(codec: str, frames: list[dict[str, Any]]) -> bytes:
    data = b""
    for frame in frames:
        field = "args" if "args" in frame else "value"
        encoded = CODECS[codec][0].encode(dict(frame), field, field)
        data += encoded if isinstance(encoded, bytes) else b"".join(encoded)
    return data


SIZES = st.one_of(st.just([1]), st.lists(st.integers(1, 60), min_size=1), st.just([1_000_000]))
IDS = st.integers(1, 2**53 - 1)
FRAMES = st.lists(
    st.one_of(
        st.builds(
            lambda id, tool, args: {"type": "call", "id": id, "tool": tool, "args": args},
            IDS,
            st.text(),
            st.dictionaries(st.text(), VALUES, max_size=3),
        ),
        st.builds(lambda id, value: {"type": "result", "id": id, "value": value}, IDS, VALUES),
        st.builds(
            lambda id, seq, value: {"type": "chunk", "id": id, "seq": seq, "value": value},
            IDS,
            st.integers(0, 2**40),
            VALUES,
        ),
    ),
    max_size=4,
)
DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["change", "insert", "remove", "truncate"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)
#: What begins like a frame gets further than what does not.
LIKELY = st.one_of(
    st.binary(max_size=2000),
    st.lists(
        st.sampled_from(
            [
                b'{"type":"call"',
                b'"id":1',
                b'"args":{',
                b'"$":"bytes"',
                b'"attach":[',
                b"9" * 30,
                b"}",
                b"]",
                b",",
                b"\n",
                b"\xff",
                b'"\\ud800"',
            ]
        )
    ).map(b"".join),
    st.binary(max_size=300).map(lambda body: len(body).to_bytes(4, "big") + body),
    st.binary(max_size=100).map(
        lambda rest: b"\x00\x00\x00\x40\x83\xa4type\xa4call\xa2id\x01\xa4args" + rest
    ),
)


def damaged(data: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for kind, place, more in damage:
        at = int(place * len(data))
        head, tail = data[:at], data[at:]
        if kind == "change":
            data = head + more + tail[len(more) :]
        elif kind == "insert":
            data = head + more + tail
        elif kind == "remove":
            data = head + tail[len(more) :]
        else:
            data = head
    return data


@each_codec
@fuzz(200)
@given(data=LIKELY, sizes=SIZES)
def test_random_bytes_are_frames_or_a_protocol_error(codec: str, data: bytes, sizes: list[int]) -> None:
    """[FR-3]"""
    read_all(codec, data, sizes)


@each_codec
@fuzz(100)
@given(frames=FRAMES, damage=DAMAGE, sizes=SIZES)
def test_damaged_frames_are_frames_or_a_protocol_error(
    codec: str, frames: list[dict[str, Any]], damage: list[tuple[str, float, bytes]], sizes: list[int]
) -> None:
    """[FR-3] What came before the damage may be read; nothing but a protocol error follows."""
    read_all(codec, damaged(encode(codec, frames), damage), sizes)


@each_codec
@fuzz(100)
@given(frames=FRAMES, place=st.floats(0, 1))
def test_bytes_that_end_in_a_frame_are_a_protocol_error_behind_those_before(
    codec: str, frames: list[dict[str, Any]], place: float
) -> None:
    """[FR-3]"""
    whole = [encode(codec, frames[:count]) for count in range(len(frames) + 1)]
    end = int(place * len(whole[-1]))
    read, how = read_all(codec, whole[-1][:end], [1_000_000])
    ends = [len(data) for data in whole]
    assert len(read) == sum(1 for length in ends[1:] if length <= end)
    assert (how == "end") == (end in ends)


@each_codec
@fuzz(60)
@given(frames=FRAMES, sizes=SIZES)
def test_frames_are_the_same_however_they_are_cut(
    codec: str, frames: list[dict[str, Any]], sizes: list[int]
) -> None:
    """[FR-4]"""
    data = encode(codec, frames)
    whole, how = read_all(codec, data, [1_000_000])
    assert how == "end"
    assert len(whole) == len(frames)
    cut, how = read_all(codec, data, sizes)
    assert how == "end"
    # NaN is not itself.
    assert repr(cut) == repr(whole)


@each_codec
@pytest.mark.parametrize("size", [LIMITS.max_frame_bytes + 1, 2**32 - 1])
def test_a_length_beyond_the_limit_is_refused_before_anything_of_it_came(codec: str, size: int) -> None:
    """[LI-2] Nothing follows the length: who waited for it would see the end, not the limit."""
    attach = b'{"type":"result","id":1,"value":null,"attach":[%d]}\n' % (size * 2)
    data = size.to_bytes(4, "big") if codec == "msgpack" else attach
    frames, how = read_all(codec, data, [1_000_000])
    assert frames == []
    assert how.startswith("protocol:")
    assert "end inside" not in how
