"""Long lists of numbers, which travel in one piece."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower
from test_values import sent

FLOATS = [number + 0.25 for number in range(1281)]
INTEGERS = list(range(-640, 641))


def packed(values: Any) -> tuple[Any, bytes]:
    parts: list[Binary] = []
    tagged = lower(values, TaggedForm(), parts, 128)
    assert len(parts) == 1
    return tagged, bytes(parts[0])


def unpacked(tagged: Any, *attachments: bytes) -> Any:
    return TaggedValue(tagged, list(map(bytearray, attachments)), 128, True).restore()


@pytest.mark.parametrize(
    ("values", "dtype", "code"),
    [
        (FLOATS, "float64", "d"),
        ([float(number) for number in range(2000)], "float64", "d"),
        ([math.inf, -math.inf, -0.0, 1e300, 2.0**53] * 300, "float64", "d"),
        (INTEGERS, "int32", "i"),
        ([-(2**31), 2**31 - 1, 0] * 500, "int32", "i"),
        (tuple(INTEGERS), "int32", "i"),
    ],
    ids=["fractions", "whole floats", "odd floats", "integers", "extremes", "tuple"],
)
def test_they_arrive_as_the_list_they_were(values: Any, dtype: str, code: str) -> None:
    """[JS-7] [VA-1] [VA-3]"""
    tagged, data = packed({"rows": values})
    assert tagged == {"rows": {"$": "list", "dtype": dtype, "at": 0}}
    assert data == struct.pack(f"<{len(values)}{code}", *values)
    (back,) = unpacked(tagged, data).values()
    assert type(back) is list
    assert struct.pack(f"<{len(values)}{code}", *back) == data
    assert set(map(type, back)) == set(map(type, values))


def test_nan() -> None:
    """[JS-7] [VA-3]"""
    (back,) = unpacked([packed([math.nan] * 1281)[0]], packed([math.nan] * 1281)[1])
    assert len(back) == 1281
    assert all(map(math.isnan, back))


@pytest.mark.parametrize(
    "values",
    [
        FLOATS[:1280],
        INTEGERS[:1280],
        [*FLOATS, 1],
        [*INTEGERS, 1.5],
        [*INTEGERS, True],
        [*INTEGERS, None],
        [*INTEGERS, 2**31],
        [*INTEGERS, -(2**31) - 1],
        ["text"] * 1281,
    ],
    ids=["few floats", "few", "integer", "float", "bool", "None", "large", "small", "text"],
)
def test_other_lists_travel_entry_by_entry(values: Any) -> None:
    """[JS-7]"""
    assert sent(values) is values


def test_odd_entries_of_mixed_lists_are_still_tagged() -> None:
    """[VA-2] [VA-3]"""
    assert sent([*INTEGERS, 2**60])[-1] == {"$": "bigint", "value": str(2**60)}
    assert sent([*FLOATS, 1, math.nan])[-1] == {"$": "float", "value": "NaN"}


@pytest.mark.parametrize(
    ("tagged", "attachments"),
    [
        ({"$": "list", "dtype": "float32", "at": 0}, [b"1234"]),
        ({"$": "list", "dtype": ["float64"], "at": 0}, [b""]),
        ({"$": "list", "dtype": "float64", "at": 0}, [b"1234567"]),
        ({"$": "list", "dtype": "int32"}, [b"1234"]),
        ({"$": "list", "dtype": "int32", "at": True}, [b"1234", b"1234"]),
        ([{"$": "list", "dtype": "int32", "at": 0}] * 2, [b"1234"]),
    ],
)
def test_malformed_lists(tagged: Any, attachments: list[bytes]) -> None:
    """[JS-6] [JS-7] [LI-2]"""
    with pytest.raises(ProtocolError):
        unpacked(tagged, *attachments)


def test_a_list_is_a_level() -> None:
    """[JS-7] [LI-3]"""

    def nested(levels: int) -> Any:
        tagged: Any = {"$": "list", "dtype": "int32", "at": 0}
        for _ in range(levels - 1):
            tagged = [tagged]
        return unpacked(tagged, b"")

    assert nested(128)
    with pytest.raises(ProtocolError, match="too deep"):
        nested(129)
