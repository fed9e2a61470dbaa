"""What becomes of a tool's values on their way out."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import types
import uuid
from typing import Any, NamedTuple

import pytest

from snakepit_bridge._wire.errors import Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower


def sent(value: Any, depth: int = 128) -> Any:
    """The JSON that stands for a value; bytes in place of their number."""
    parts: list[Binary] = []
    return lower(value, TaggedForm(), parts, depth)


def reason(value: Any) -> str:
    with pytest.raises(Unrepresentable) as caught:
        sent(value)
    return caught.value.describe("result")


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    pass


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Row:
    name: str
    when: Any


class Model:
    def model_dump(self) -> dict[str, Any]:
        return {"kind": "model"}


class Table:
    def to_dict(self) -> dict[Any, Any]:
        return {"column": {0: "a", 1: "b"}}


class Array:
    def tolist(self) -> list[int]:
        return [1, 2]


class Broken:
    def to_dict(self) -> Any:
        raise ValueError("cannot")

    def __repr__(self) -> str:
        raise ValueError("cannot either")


class Opaque:
    def __repr__(self) -> str:
        return "opaque \ud800" + "x" * 1000


class Mute:
    def __repr__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        -(2**53 - 1),
        1.5,
        5.0,
        0.0,
        "text",
        [],
        {},
        [1, "a", None],
        {"a": {"b": [1.5]}},
        (1, 2),
        list(range(20)),
    ],
)
def test_plain_values_are_not_even_copied(value: Any) -> None:
    """[VA-1]"""
    assert sent(value) is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**53, {"$": "bigint", "value": "9007199254740992"}),
        (-(2**64), {"$": "bigint", "value": "-18446744073709551616"}),
        (math.nan, {"$": "float", "value": "NaN"}),
        (-math.inf, {"$": "float", "value": "-Infinity"}),
        (-0.0, {"$": "float", "value": "-0"}),
        (1e21, {"$": "float", "value": "1e+21"}),
        ({"$": 1}, {"$": "map", "value": {"$": 1}}),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (Name("n"), "n"),
        (Point(1, 2), {"x": 1, "y": 2}),
        (Row("a", (1,)), {"name": "a", "when": (1,)}),
        (Model(), {"kind": "model"}),
        (Table(), {"column": {"0": "a", "1": "b"}}),
        (Array(), [1, 2]),
        ({3}, [3]),
        (frozenset({"a"}), ["a"]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (decimal.Decimal("1.50"), "1.50"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (datetime.datetime(2026, 1, 31, 12), "2026-01-31T12:00:00"),
        (datetime.date(2026, 1, 31), "2026-01-31"),
        (datetime.time(12, 30), "12:30:00"),
        ({1: "a", 2: "b"}, {"1": "a", "2": "b"}),
        ({Name("k"): 1}, {"k": 1}),
    ],
    ids=repr,
)
def test_values_that_need_another_form(value: Any, expected: Any) -> None:
    """[VA-2] [VA-3] [JS-3] [JS-4]"""
    assert sent(value) == expected
    assert sent([value]) == [expected]
    assert sent({"a": [value, 1]}) == {"a": [expected, 1]}


@pytest.mark.parametrize("odd", [math.nan, math.inf, -0.0, 1e300, 2**60, b"x"])
@pytest.mark.parametrize("filler", [0.5, 7, "a"])
def test_one_odd_value_in_a_long_list(odd: Any, filler: Any) -> None:
    """[VA-3] The shortcut for long lists must not miss it, wherever it stands."""
    for place in (0, 10, 19):
        values = [filler] * 20
        values[place] = odd
        result = sent(values)
        assert result[place] == sent(odd)
        assert "$" in result[place]
        assert result[:place] + result[place + 1 :] == [filler] * 19
        assert values[place] is odd


def test_sums_that_overflow_are_not_infinite_values() -> None:
    values = [1e15] * 20
    assert sent(values) is values


def test_the_original_is_never_changed() -> None:
    inner = {"$": 1, 5: [math.nan]}
    value = {"a": inner}
    sent(value)
    assert value == {"a": inner}
    assert list(inner) == ["$", 5]


def test_dates_keep_offset_and_fraction() -> None:
    """[VA-5]"""
    zone = datetime.timezone(datetime.timedelta(hours=2))
    when = datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, zone)
    tagged = sent(when)
    assert tagged == {"$": "date", "value": "2026-01-31T12:00:00.123456+02:00"}
    back = TaggedValue(tagged, [], 128, True).restore()
    assert (back, back.utcoffset()) == (when, when.utcoffset())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": {("x",): 1}}, "a key of type tuple"),
        ({True: 1}, "a key of type bool"),
        ({None: 1}, "a key of type NoneType"),
        ({1.5: 1}, "a key of type float"),
        ({"rows": [1, {"when": Broken()}]}, "result.rows[1].when: a value of type"),
        ({"a": {10**5000: 1}}, "result.a[a key of type int]: an integer of more than"),
        ({"odd key": [10**5000]}, "result['odd key'][0]: an integer of more than 4300 digits"),
    ],
)
def test_values_that_cannot_travel(value: Any, text: str) -> None:
    """[VA-8]"""
    assert text in reason(value)


def test_depth_has_a_limit() -> None:
    """[LI-3] [VA-8]"""
    value: Any = 1
    for _ in range(128):
        value = [value]
    assert sent(value) is value
    assert "nests too deep" in reason([value])
    for wrap in (lambda inner: {"a": inner}, lambda inner: (inner,), lambda inner: {1: inner}):
        deep: Any = 1
        for _ in range(129):
            deep = wrap(deep)
        assert "nests too deep" in reason(deep)


def test_circular_values() -> None:
    """[VA-8]"""
    table: dict[str, Any] = {}
    table["self"] = [table]
    text = reason(table)
    assert "contains itself" in text
    assert len(text) < 300


def test_a_converter_that_returns_itself() -> None:
    """[VA-8]"""

    class Endless:
        def to_dict(self) -> Any:
            return Endless()

    assert "converts itself without end" in reason(Endless())


@pytest.mark.parametrize("value", [object(), Opaque, len, Mute()])
def test_the_marker_for_what_nothing_is_known_of(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """[VA-8]"""
    marker = sent(value)
    assert set(marker) == {"__type__", "__repr__"}
    assert marker["__repr__"]
    monkeypatch.setenv("SNAKEPIT_UNSERIALIZABLE", "error")
    assert "cannot be sent" in reason({"a": value})


def test_the_marker_is_short_and_valid_text() -> None:
    marker = sent(Opaque())
    assert marker["__type__"].endswith("Opaque")
    assert len(marker["__repr__"]) == 200
    marker["__repr__"].encode()
