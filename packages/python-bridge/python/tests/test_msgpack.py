"""Cutting bytes into frames of MessagePack, and values that go there and back."""

from __future__ import annotations

import contextlib
import datetime
import functools
import importlib
import math
import os
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlets import read_pieces
from snakepit_bridge import Tensor
from snakepit_bridge._transports import msgpack_carrier
from snakepit_bridge._wire import msgpack_values
from snakepit_bridge._wire.errors import ProtocolError, Unsendable
from snakepit_bridge._wire.frames import Encoded
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from snakepit_bridge._wire.source import BUFFER_BYTES, Source
from test_vectors import same

FRAMES = MsgpackFrames(Limits())


def joined(encoded: Encoded) -> bytes:
    return encoded if isinstance(encoded, bytes) else b"".join(encoded)


def framed(body: bytes, *attachments: bytes) -> bytes:
    return b"".join([len(body).to_bytes(4, "big"), body, *attachments])


def read_all(pieces: list[bytes], limits: Limits = Limits()) -> list[Any]:  # noqa: B008
    return read_pieces(pieces, lambda source: MsgpackInlet(source, limits))


def sent(value: Any) -> Any:
    """What arrives of a value."""
    encoded = FRAMES.encode({"type": "result", "id": 1, "value": value}, "value", "result")
    (frame,) = read_all([joined(encoded)])
    return frame["value"]


LARGE = bytes(range(256)) * 50
STREAM = b"".join(
    [
        FRAMES.encode_plain({"type": "call", "id": 1, "tool": "a", "args": {}}),
        joined(FRAMES.encode({"type": "result", "id": 2, "value": [LARGE, b"in", 2**70]}, "value", "result")),
        framed(msgpack.packb({"type": "x-more", "attach": [0, 3]}), b"abc"),
        FRAMES.encode_plain({"type": "ping", "nonce": 7}),
    ]
)
WHOLE = read_all([STREAM])


def test_the_whole_is_right() -> None:
    """[MP-1] [MP-3]"""
    assert [frame["type"] for frame in WHOLE] == ["call", "result", "x-more", "ping"]
    assert WHOLE[1]["value"] == [LARGE, b"in", 2**70]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_any_segmentation_gives_the_same_frames(cuts: list[int]) -> None:
    """[FR-4]"""
    edges = [0, *sorted(set(cuts)), len(STREAM)]
    pieces = [STREAM[start:stop] for start, stop in zip(edges, edges[1:])]
    assert read_all(pieces) == WHOLE


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_nonsense_is_a_protocol_error_and_nothing_else(data: bytes) -> None:
    """[FR-3] [MP-1] [MP-4]"""
    for stream in (data, framed(data)):
        with contextlib.suppress(ProtocolError):
            read_all([stream])


@pytest.mark.parametrize("size", [BUFFER_BYTES - 30, BUFFER_BYTES, BUFFER_BYTES + 1, 3 * BUFFER_BYTES])
def test_long_frames_are_read_and_small_ones_follow(size: int) -> None:
    """[MP-1]"""
    long = framed(msgpack.packb({"type": "result", "id": 1, "value": "x" * size}))
    frames = read_all([long + long + STREAM])
    assert [len(frame["value"]) for frame in frames[:2]] == [size, size]
    assert frames[2:] == WHOLE


@pytest.mark.parametrize("length", [1, 3, 4, 10, len(STREAM) - 1])
def test_an_end_in_the_middle_of_a_frame(length: int) -> None:
    """[MP-1]"""
    with pytest.raises(ProtocolError, match="the bytes end inside"):
        read_all([STREAM[:length]])


def test_a_length_beyond_the_limit_is_refused_before_any_of_it_is_read() -> None:
    """[LI-1] [LI-2]"""
    body = msgpack.packb({"type": "x-pad", "pad": "x" * 20})
    assert len(read_all([framed(body)], Limits(max_frame_bytes=len(body)))) == 1
    with pytest.raises(ProtocolError, match="the limit is"):
        read_all([framed(body)], Limits(max_frame_bytes=len(body) - 1))
    with pytest.raises(ProtocolError, match="4294967295 bytes"):
        read_all([b"\xff\xff\xff\xff"])
    with pytest.raises(ProtocolError, match="attachments of 11 bytes"):
        read_all([framed(msgpack.packb({"type": "x-a", "attach": [5, 6]}))], Limits(max_attachment_bytes=10))


def test_a_frame_is_pending_only_when_it_is_here_as_a_whole() -> None:
    ping = FRAMES.encode_plain({"type": "ping", "nonce": 7})
    reader, writer = os.pipe()
    inlet = MsgpackInlet(Source(reader), Limits())
    try:
        for tail, pending in ((ping, True), (ping[:-1], False), (ping[:3], False)):
            os.write(writer, ping + tail)
            assert inlet.read()["nonce"] == 7
            assert inlet.pending is pending
            os.write(writer, ping[len(tail) :])
            assert inlet.read()["nonce"] == 7
            assert not inlet.pending
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("code", [5, -7])
def test_a_chunk_that_means_nothing_can_be_handed_on_as_it_came(code: int) -> None:
    """[MP-4]"""
    # A list of an extension type with one byte, and of text behind it.
    value = b"\x92\xd4" + code.to_bytes(1, "big", signed=True) + b"\x01\xa1x"
    empty = msgpack.packb({"type": "chunk", "value": None, "id": 1, "seq": 0})
    body = empty.replace(b"value\xc0", b"value" + value)
    reader, writer = os.pipe()
    try:
        os.write(writer, framed(body))
        inlet = MsgpackInlet(Source(reader), Limits())
        deferred = inlet.read()["value"]
        assert inlet.size == len(body)
        with pytest.raises(ProtocolError):
            deferred.restore()
        assert deferred.encoded() == value
    finally:
        os.close(reader)
        os.close(writer)


zones = st.timezones() | st.just(datetime.timezone.utc)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.binary(max_size=300)
    # To draw each of their bytes would take longer than all the rest.
    | st.builds(bytes.ljust, st.binary(max_size=40), st.integers(10_241, 10_300))
    | st.datetimes(timezones=zones, allow_imaginary=False)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5)
)


@settings(max_examples=150, deadline=None)
@given(values)
def test_values_arrive_as_what_they_were(value: Any) -> None:
    """[MP-2] [MP-3] [MP-4] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-7]"""
    assert same(sent(value), value)


def test_long_lists_are_what_they_were() -> None:
    """[MP-2] [MP-5] [VA-1] [VA-3]"""
    for items in ([0.5] * 2000, [5.0] * 2000, [-0.0, math.inf] * 1000, list(range(2000)), [2**60] * 2000):
        assert same(sent(items), items)


@pytest.mark.parametrize("size", [2, 1281])
def test_tensors_travel_inside_or_beside(size: int) -> None:
    """[MP-3] [MP-4] [VA-6]"""
    tensor = Tensor("float64", (size,), b"\x00" * 8 * size)
    frame = {"type": "result", "id": 1, "value": {"t": tensor}}
    assert isinstance(FRAMES.encode(frame, "value", "result"), list) is (size > 1280)
    arrived = sent({"t": tensor})["t"]
    assert (getattr(arrived.dtype, "name", arrived.dtype), arrived.shape) == ("float64", (size,))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"rows": ["ok", {"a": "\udc00"}]}, "result.rows[1].a: a string with a lone surrogate"),
        ({"\ud800": 1}, "result['\\ud800']: a string with a lone surrogate"),
        ([10**5000], "result[0]: an integer of more than 4300 digits"),
        ("x" * 2000, "bytes of MessagePack are beyond the limit of 1000"),
        (bytes(20_001), "20001 bytes of binary data are beyond the limit of 20000"),
    ],
)
def test_values_that_cannot_travel(value: Any, text: str) -> None:
    """[VA-8] [LI-1] [LI-2]"""
    frames = MsgpackFrames(Limits(max_frame_bytes=1000, max_attachment_bytes=20_000))
    with pytest.raises(Unsendable) as caught:
        frames.encode({"type": "result", "id": 1, "value": value}, "value", "result")
    assert text in str(caught.value)
    assert frames.encode({"type": "result", "id": 1, "value": 1}, "value", "result")


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_depth_has_a_limit(wrap: Any) -> None:
    """[LI-3]"""
    deep: Any = 0.5
    for _ in range(128):
        deep = wrap(deep)
    assert same(sent(deep), deep)
    with pytest.raises(ProtocolError, match="too deep"):
        read_all([framed(msgpack.packb({"type": "result", "id": 1, "value": wrap(deep)}))])


def test_a_library_that_is_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """[HS-2]"""
    assert msgpack_carrier.MsgpackCarrier().address is None
    monkeypatch.setattr(msgpack, "version", (0, 6, 2))
    with pytest.raises(ImportError, match=r"msgpack is 0\.6\.2, 1\.0 or later is needed"):
        msgpack_carrier.MsgpackCarrier()


def test_the_library_without_its_c_extension_reads_and_writes_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[MP-1] [MP-4]"""
    fallback = importlib.import_module("msgpack.fallback")
    monkeypatch.setattr(msgpack, "Packer", fallback.Packer)
    monkeypatch.setattr(msgpack_values, "_unpackb", functools.partial(fallback.unpackb, timestamp=3))
    assert read_all([STREAM]) == WHOLE
    frames = MsgpackFrames(Limits())
    for value in (1, -0.0, "é", [2**63, -(2**63), 2**70], {"a": [b"x", LARGE, None]}):
        frame = {"type": "result", "id": 1, "value": value}
        expected = joined(FRAMES.encode(dict(frame), "value", "result"))
        assert joined(frames.encode(frame, "value", "result")) == expected
