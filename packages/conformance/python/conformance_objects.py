"""Values of Python's own types, as they arrive by `src/values/objects.ts`."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import types
import uuid
from typing import Any, Callable, NamedTuple

from snakepit_bridge import Tensor

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

try:
    from pydantic import BaseModel
except ImportError:

    class BaseModel:  # type: ignore[no-redef]
        """What of pydantic's models matters here."""

        def __init__(self, **fields: Any) -> None:
            self.fields = fields

        def model_dump(self) -> dict[str, Any]:
            return self.fields


ZONE = datetime.timezone(datetime.timedelta(hours=2))
WHEN = datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, ZONE)


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Word(str, enum.Enum):
    HELLO = "hello"


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: float


@dataclasses.dataclass
class Item:
    price: decimal.Decimal
    data: bytes


@dataclasses.dataclass(frozen=True)
class Order:
    items: list[Item]
    at: datetime.datetime
    to: Point


@dataclasses.dataclass
class Slotted:
    __slots__ = ("a", "b")
    a: int
    b: bytes


class Model(BaseModel):
    price: decimal.Decimal
    data: bytes
    at: datetime.datetime
    color: Color


class Nested(BaseModel):
    model: Model
    rows: list[tuple[int, float]]


class Table:
    def to_dict(self) -> dict[int, Any]:
        return {0: {"a": 1}, 1: {"a": 2}}


def _of_numpy(make: Callable[[Any], Any], plain: Any) -> Callable[[], Any]:
    """``plain`` is what stands for it in a worker without NumPy."""
    return lambda: plain if numpy is None else make(numpy)


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


_ROWS = [[0, 1, 2], [3, 4, 5]]
_CUBE = [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
_EMPTY = Tensor("float64", (0, 3), b"")

ARRAYS: dict[str, Callable[[], Any]] = {
    "fortran_order": _of_numpy(
        lambda np: np.asfortranarray(np.array(_ROWS, dtype="float64")), Tensor.from_list(_ROWS)
    ),
    "strided": _of_numpy(
        lambda np: np.arange(12, dtype="int32").reshape(3, 4)[::2, ::-1],
        Tensor.from_list([[3, 2, 1, 0], [11, 10, 9, 8]], "int32"),
    ),
    "transposed": _of_numpy(
        lambda np: np.array(_ROWS, dtype="uint16").T, Tensor.from_list([[0, 3], [1, 4], [2, 5]], "uint16")
    ),
    "big_endian": _of_numpy(lambda np: np.array(_ROWS, dtype=">f4"), Tensor.from_list(_ROWS, "float32")),
    "big_endian_strided": _of_numpy(
        lambda np: np.array([1, 2, 3, 2**40], dtype=">i8")[::-2], Tensor.from_list([2**40, 2], "int64")
    ),
    "read_only": _of_numpy(
        lambda np: _read_only(np.array([1, 2], dtype="int16")), Tensor.from_list([1, 2], "int16")
    ),
    "broadcast": _of_numpy(
        lambda np: np.broadcast_to(np.int8(7), (2, 2)), Tensor.from_list([[7, 7], [7, 7]], "int8")
    ),
    "cube": _of_numpy(lambda np: np.array(_CUBE, dtype="float32"), Tensor.from_list(_CUBE, "float32")),
    "empty_array": _of_numpy(lambda np: np.zeros((0, 3)), _EMPTY),
    "empty_strided": _of_numpy(lambda np: np.zeros((4, 0, 3))[::2, :, ::-1][0], _EMPTY),
    "no_dimension": _of_numpy(lambda np: np.array(2.5), Tensor.from_list(2.5)),
    "booleans": _of_numpy(lambda np: np.array([1, 2, 1]) == 1, Tensor.from_list([1, 0, 1], "bool")),
    "halves": _of_numpy(lambda np: np.array([1], dtype="float16"), Tensor.from_list([1], "float16")),
    "complex_array": _of_numpy(lambda np: np.array([1 - 2j]), Tensor.from_list([1 - 2j], "complex128")),
    "float_scalar": _of_numpy(lambda np: np.float32(0.5), 0.5),
    "int_scalar": _of_numpy(lambda np: np.uint64(2**64 - 1), 2**64 - 1),
    "bool_scalar": _of_numpy(lambda np: np.bool_(True), True),
    "string_scalar": _of_numpy(lambda np: np.str_("é"), "é"),
    "time_scalar": _of_numpy(lambda np: np.datetime64("2026-01-31T12:00"), "2026-01-31T12:00"),
    "span_scalar": _of_numpy(lambda np: np.timedelta64(1500, "ms"), 1.5),
    "strings": _of_numpy(lambda np: np.array([["a", "bc"]]), [["a", "bc"]]),
    "objects": _of_numpy(lambda np: np.array([1, None, b"x"], dtype=object), [1, None, b"x"]),
    "times": _of_numpy(
        lambda np: np.array(["2026-01-31", "NaT"], dtype="datetime64[D]"), ["2026-01-31", None]
    ),
    "records": _of_numpy(
        lambda np: np.array([(1, 0.5)], dtype=[("n", ">i4"), ("f", "f8")]), [{"n": 1, "f": 0.5}]
    ),
    "masked": _of_numpy(lambda np: np.ma.array([1, 2], mask=[False, True]), [1, None]),
}

OBJECTS: dict[str, Callable[[], Any]] = {
    "tuple": lambda: (1, (2.5, "a"), ()),
    "set": lambda: {7},
    "frozenset": lambda: frozenset({"a"}),
    "named_tuple": lambda: Point(1, 2.0),
    "decimal": lambda: decimal.Decimal("1.10"),
    "fraction": lambda: fractions.Fraction(1, 3),
    "uuid": lambda: uuid.UUID(int=5),
    "path": lambda: pathlib.PurePosixPath("/a/b"),
    "enum": lambda: [Color.RED, Level.HIGH, Word.HELLO, Permission.READ | Permission.WRITE],
    "enum_keys": lambda: {Color.RED: 1, Level.HIGH: 2, Word.HELLO: 3},
    "integer_keys": lambda: {1: "a", -2: "b", 2**60: "c"},
    "dataclass": lambda: Order([Item(decimal.Decimal("0.5"), b"x")], WHEN, Point(0, 1.5)),
    "slotted_dataclass": lambda: Slotted(1, b"b"),
    "model": lambda: Model(price=decimal.Decimal("1.10"), data=b"ab", at=WHEN, color=Color.RED),
    "nested_models": lambda: Nested(
        model=Model(price=decimal.Decimal("2"), data=b"", at=WHEN, color=Color.RED), rows=[(1, 2.5)]
    ),
    "table": Table,
    "naive_datetime": lambda: WHEN.replace(tzinfo=None),
    "day": lambda: WHEN.date(),
    "time": lambda: WHEN.timetz(),
    "timedelta": lambda: datetime.timedelta(days=-1, microseconds=1),
    "complex": lambda: complex(1, -2),
    "mappings": lambda: [collections.OrderedDict(a=1), types.MappingProxyType({"b": b"x"})],
    "counter": lambda: collections.Counter("aab"),
    "sequences": lambda: [collections.deque([1]), range(3), {"k": 0}.keys(), collections.UserList([b"y"])],
    "byte_kinds": lambda: [bytearray(b"a"), memoryview(b"xbx")[1:2], memoryview(b"a-b-")[::2]],
    **ARRAYS,
}
