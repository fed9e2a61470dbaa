"""What stands for values of types that the protocol does not know."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pytest

from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm
from snakepit_bridge._wire.values import lower
from test_values import Name, reason, sent


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Mode(enum.IntFlag):
    FAST = 1
    SAFE = 4


class Text(str, enum.Enum):
    HELLO = "hello"


class Wrapped(enum.Enum):
    NAME = Name("n")
    WHEN = datetime.timedelta(seconds=1)


class Shouting(str):
    def __str__(self) -> str:
        return Shouting("LOUD")


class Rounded(int):
    def __int__(self) -> int:
        return 0


@dataclasses.dataclass
class Inner:
    money: decimal.Decimal


@dataclasses.dataclass
class Outer:
    rows: list[Inner]
    seen: set[int] = dataclasses.field(default_factory=set)


class OldModel:
    __fields__ = ("a",)

    def dict(self) -> Any:
        return {"a": 1}


class Entry:
    """As `os.DirEntry`: its own text is no path."""

    def __fspath__(self) -> bytes:
        return b"/a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Permission.READ | Permission.WRITE, 3),
        (Mode.FAST | Mode.SAFE, 5),
        (Text.HELLO, "hello"),
        (Wrapped.NAME, "n"),
        (Wrapped.WHEN, 1.0),
        (Shouting("quiet"), "quiet"),
        (Rounded(7), 7),
        (Outer([Inner(decimal.Decimal("1.10"))], {5}), {"rows": [{"money": "1.10"}], "seen": [5]}),
        (OldModel(), {"a": 1}),
        (Entry(), {"$": "bytes", "at": 0}),
        (fractions.Fraction(1, 3), "1/3"),
        (datetime.timedelta(days=-1, microseconds=1), -86399.999999),
        (datetime.time(1, 2, 3, 4, tzinfo=datetime.timezone.utc), "01:02:03.000004+00:00"),
        (complex(1, -0.0), {"$": "tensor", "dtype": "complex128", "shape": (), "at": 0}),
        (collections.deque([1, 2]), [1, 2]),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.UserDict(a=1), {"a": 1}),
        (collections.UserList([1]), [1]),
        (range(3), [0, 1, 2]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.items(), [("a", 1)]),
    ],
    ids=repr,
)
def test_rules(value: Any, expected: Any) -> None:
    """[VA-8]"""
    assert sent(value) == expected
    assert type(sent(value)) is type(expected)
    assert sent({"a": [value]}) == {"a": [expected]}


@pytest.mark.skipif(sys.version_info < (3, 10), reason="dataclasses have no slots")
def test_a_dataclass_without_a_dictionary() -> None:
    slotted = dataclasses.make_dataclass("slotted", ["a"], slots=True)(1)  # type: ignore[call-overload,unused-ignore]
    assert sent(slotted) == {"a": 1}


def test_models_of_pydantic() -> None:
    """[VA-4] [VA-5] What stands in a model goes by its own rules."""
    pydantic = pytest.importorskip("pydantic")
    when = datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)
    child = pydantic.create_model("Child", data=(bytes, ...), price=(decimal.Decimal, ...))
    parent = pydantic.create_model("Parent", child=(child, ...), when=(datetime.datetime, ...))
    model = parent(child=child(data=b"ab", price=decimal.Decimal("1.10")), when=when)
    assert sent([model]) == [
        {
            "child": {"data": {"$": "bytes", "at": 0}, "price": "1.10"},
            "when": {"$": "date", "value": "2026-01-31T00:00:00+00:00"},
        }
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({Text.HELLO: 1}, {"hello": 1}),
        ({Mode.SAFE: 1}, {"4": 1}),
        ({Permission.READ: 1, "x": 2}, {"1": 1, "x": 2}),
        ({Shouting("quiet"): 1}, {"quiet": 1}),
        ({2**70: 1}, {str(2**70): 1}),
        ({1: b"x"}, {"1": {"$": "bytes", "at": 0}}),
        ({Name("$"): 1}, {"$": "map", "value": {"$": 1}}),
    ],
    ids=repr,
)
def test_keys(value: Any, expected: Any) -> None:
    """[VA-7]"""
    assert sent(value) == expected


def test_keys_keep_their_order() -> None:
    assert list(sent({"b": 1, 5: [2**60], "a": 3})) == ["b", "5", "a"]


def test_the_numbers_of_numpy_are_keys() -> None:
    np = pytest.importorskip("numpy")
    assert sent({np.int64(5): 1, np.str_("a"): 2}) == {"5": 1, "a": 2}
    assert "a key of type numpy.float64" in reason({np.float64(1): 1})


@pytest.mark.parametrize("value", [{1: "a", "1": "b"}, {"1": "b", 1: "a"}, {Mode.FAST: 1, "1": 2}])
def test_keys_that_would_be_the_same_are_refused(value: Any) -> None:
    """[VA-8] Nothing is lost silently."""
    assert "more than one key is '1' as text" in reason([value])
    assert reason([value]).startswith("result[0]")


class Failing(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        raise OSError("gone")

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Nowhere(datetime.tzinfo):
    def utcoffset(self, when: Any) -> Any:
        raise OSError("no clock")

    dst = tzname = utcoffset


class Adrift:
    def __fspath__(self) -> str:
        raise OSError("lost")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Failing(), "Failing failed to convert itself: gone"),
        (
            datetime.datetime(2026, 1, 1, tzinfo=Nowhere()),
            "datetime.datetime failed to convert itself: no clock",
        ),
        (Adrift(), "Adrift failed to convert itself: lost"),
    ],
)
def test_values_that_fail_are_named_with_their_path(value: Any, text: str) -> None:
    """[VA-8]"""
    assert reason({"rows": [1, {"x": value}]}).startswith("result.rows[1].x: a value of type ")
    assert text in reason({"rows": [1, {"x": value}]})


def test_a_time_that_is_none() -> None:
    """pandas has one; it would be no valid date on the other side."""

    class NotATime(datetime.datetime):
        def __eq__(self, other: object) -> bool:
            return False

        def __ne__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    assert sent([NotATime(2026, 1, 1, tzinfo=datetime.timezone.utc)]) == [None]


def test_a_conversion_is_no_level_of_nesting() -> None:
    """[LI-3]"""
    value: Any = decimal.Decimal(1)
    for _ in range(128):
        value = collections.UserList([value])
    assert sent(value)
    assert "nests too deep" in reason(collections.UserList([value]))


def test_tables_of_pandas() -> None:
    when = pd.to_datetime(["2026-01-31T00:00:00Z", None])
    frame = pd.DataFrame({"a": [1, 2], "b": [1.5, None], "when": when, "kind": pd.Categorical(["x", "y"])})
    assert sent(frame) == {
        "a": {"0": 1, "1": 2},
        "b": {"0": 1.5, "1": {"$": "float", "value": "NaN"}},
        "when": {"0": {"$": "date", "value": "2026-01-31T00:00:00+00:00"}, "1": None},
        "kind": {"0": "x", "1": "y"},
    }
    assert sent(frame["a"]) == {"0": 1, "1": 2}
    assert sent(pd.Series([1, 2], index=["x", "y"])) == {"x": 1, "y": 2}
    assert sent(frame["a"].index) == [0, 1]
    assert sent(pd.Timedelta(1500, "ms")) == 1.5


def test_tables_whose_labels_are_no_text() -> None:
    """[VA-8]"""
    by_day = pd.Series([1], index=pd.to_datetime(["2026-01-31"]))
    assert "result.x['2026-01-31 00:00:00']: a key of type pandas" in reason({"x": by_day})
    by_two = pd.Series([1], index=pd.MultiIndex.from_tuples([("a", 1)]))
    assert "a key of type tuple" in reason(by_two)


def test_types_of_columns_are_sent_by_name() -> None:
    table = pd.DataFrame({"whole": [1], "real": [0.5], "text": ["a"], "kind": pd.Categorical(["b"])})
    table["when"] = pd.Timestamp("2026-01-31", tz="UTC")
    names = sent(table.dtypes.to_dict())
    # Which type text and times have is a matter of the version.
    assert names.pop("text") in ("object", "str", "string")
    assert names.pop("when").startswith("datetime64[")
    assert names == {"whole": "int64", "real": "float64", "kind": "category"}


def test_the_data_of_a_complex_number() -> None:
    """[VA-6]"""
    parts: list[Binary] = []
    lower(1 - 2j, TaggedForm(), parts, 128)
    assert [bytes(part).hex() for part in parts] == ["000000000000f03f00000000000000c0"]
