"""Long lists of numbers over MessagePack, which travel in one piece."""

from __future__ import annotations

import math
from typing import Any

import msgpack
import pytest

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Encoded
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames
from test_msgpack import framed, joined, read_all, sent
from test_vectors import same

FLOATS = [number + 0.25 for number in range(1281)]
INTEGERS = list(range(-640, 641))


def encoded(value: Any) -> Encoded:
    frame = {"type": "result", "id": 1, "value": value}
    return MsgpackFrames(Limits()).encode(frame, "value", "result")


def packed(*parts: Any) -> msgpack.ExtType:
    return msgpack.ExtType(87, msgpack.packb(parts))


def place(at: int) -> msgpack.ExtType:
    return msgpack.ExtType(84, at.to_bytes(4, "big"))


def received(value: Any, *attachments: bytes) -> Any:
    frame = {"type": "result", "id": 1, "value": value, "attach": list(map(len, attachments))}
    (arrived,) = read_all([framed(msgpack.packb(frame), *attachments)])
    return arrived["value"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (FLOATS, "float64"),
        ([math.nan, math.inf, -math.inf, -0.0, 1e300, 2.0**53] * 300, "float64"),
        (INTEGERS, "int32"),
        ([-(2**31), 2**31 - 1, 0] * 1000, "int32"),
    ],
    ids=["fractions", "odd floats", "integers", "extremes"],
)
def test_they_arrive_as_the_list_they_were(values: list[Any], dtype: str) -> None:
    """[MP-5] [VA-1] [VA-3]"""
    assert dtype.encode() in joined(encoded({"rows": values}))
    assert same(sent({"rows": [values, values]}), {"rows": [values, values]})


def test_large_ones_travel_behind_the_map() -> None:
    """[MP-3] [MP-5]"""
    _length, _body, numbers = encoded(FLOATS)
    assert isinstance(numbers, bytes)
    assert len(numbers) == 1281 * 8
    assert isinstance(encoded(INTEGERS), bytes)


@pytest.mark.parametrize(
    "values",
    [FLOATS[:1280], INTEGERS[:1280], [*FLOATS, 1], [*INTEGERS, 1.5], [*INTEGERS, True], [*INTEGERS, 2**31]],
    ids=["few floats", "few", "integer", "float", "bool", "large"],
)
def test_other_lists_travel_entry_by_entry(values: list[Any]) -> None:
    """[MP-5]"""
    data = joined(encoded(values))
    assert b"int32" not in data
    assert b"float64" not in data
    assert same(sent(values), values)


def test_an_attachment_becomes_one_list_only() -> None:
    """[MP-5] [LI-2]"""
    data = bytes(8)
    assert received([packed("int32", place(0)), place(0)], data) == [[0, 0], data]
    assert received([packed("int32", place(0)), packed("int32", place(1))], data, data) == [[0, 0]] * 2
    with pytest.raises(ProtocolError, match="one already"):
        received([packed("int32", place(0)), packed("float64", place(0))], data)


def test_a_list_is_a_level() -> None:
    """[MP-5] [LI-3]"""

    def nested(levels: int) -> Any:
        value: Any = packed("int32", bytes(4))
        for _ in range(levels - 1):
            value = [value]
        return received(value)

    assert nested(128)
    with pytest.raises(ProtocolError, match="too deep"):
        nested(129)
