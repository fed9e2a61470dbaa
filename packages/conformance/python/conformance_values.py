"""The values of `src/values/cases.ts`, as they must arrive in Python and as Python sends them."""

from __future__ import annotations

import datetime
import math
import struct
from importlib.util import find_spec
from typing import Any

import basic_values
from basic_values import ALL_BYTES, BASIC_CASES, Case

from snakepit_bridge import Tensor

INT64_MIN = -(2**63)


def _zoned(*parts: int, hours: int = 0, minutes: int = 0) -> datetime.datetime:
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    year, month, day, hour, minute, second, micros = parts
    zone = datetime.timezone(offset)
    return datetime.datetime(year, month, day, hour, minute, second, micros, zone)


def _tensor(dtype: str, shape: tuple[int, ...], form: str, *numbers: float) -> Tensor:
    return Tensor(dtype, shape, struct.pack(f"<{len(numbers)}{form}", *numbers))


def nested_lists(levels: int) -> list[Any]:
    """``levels`` lists within each other."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


_EPOCH = _zoned(1970, 1, 1, 0, 0, 0, 0)

_FRACTIONS = [number + 0.5 for number in range(2000)]
_INTEGERS = list(range(-1000, 1000))

_LONG: dict[str, Any] = {
    "long_fractions": _FRACTIONS,
    "long_integers": _INTEGERS,
    "long_extremes": [-(2**31), 2**31 - 1, 0] * 500,
    "long_odd_floats": [math.nan, math.inf, -math.inf, -0.0, 1e300, 2.0**53] * 300,
    "long_large_integers": [*_INTEGERS, 2**31],
    "long_bigints": [*_INTEGERS, 2**60],
    "long_mixed": [*_INTEGERS, 0.5],
    "long_with_null": [*_FRACTIONS, None],
    "long_booleans": [True, False] * 1000,
    "long_lists_in_a_map": {"a": [_FRACTIONS, ALL_BYTES], "b": {"c": _INTEGERS}},
}
_PLAIN: dict[str, Any] = {
    **_LONG,
    "bytes_everywhere": {"a": [ALL_BYTES, {"b": b"", "c": [b"\n"]}], "d": ALL_BYTES},
    "buffer": b"\n\n",
    "array_buffer": ALL_BYTES,
    "data_view": b"\x01\x02",
    "megabyte": b"\n" * 1_000_000,
    "utc": _zoned(2026, 1, 31, 12, 0, 0, 123000),
    "east": _zoned(2026, 1, 31, 12, 0, 0, 123456, hours=2),
    "west": _zoned(1969, 12, 31, 23, 59, 59, 1, hours=-3, minutes=-30),
    "utc_micros": _zoned(9999, 12, 31, 23, 59, 59, 999999),
    "dates_in_a_list": [_EPOCH, {"at": _EPOCH - datetime.timedelta(milliseconds=1)}],
    "bool": _tensor("bool", (3,), "?", True, False, True),
    "int8": _tensor("int8", (2,), "b", -128, 127),
    "uint8": _tensor("uint8", (2,), "B", 0, 255),
    "int16": _tensor("int16", (1,), "h", -2),
    "uint16": _tensor("uint16", (1,), "H", 65_534),
    "int32": _tensor("int32", (1,), "i", -2),
    "uint32": _tensor("uint32", (1,), "I", 4_294_967_294),
    "int64": _tensor("int64", (1,), "q", INT64_MIN),
    "uint64": _tensor("uint64", (1,), "Q", 2**64 - 1),
    "float16": _tensor("float16", (1,), "e", 1.0),
    "float32": _tensor("float32", (1, 1, 2), "f", 0.5, -0.0),
    "float64": _tensor("float64", (2, 3), "d", 0, 1, 2, 3, 4, 5),
    "complex64": _tensor("complex64", (1,), "f", 1, -1),
    "complex128": _tensor("complex128", (1,), "d", 1, -1),
    "scalar": _tensor("float64", (), "d", 2.5),
    "no_elements": Tensor("float64", (0, 3), b""),
    "cube": _tensor("float32", (2, 3, 4), "f", *range(24)),
    "view": _tensor("float32", (2,), "f", 1, 2),
    "clamped": _tensor("uint8", (2,), "B", 0, 255),
    "many_dimensions": _tensor("uint8", (1,) * 30, "B", 7),
    "tensors_in_a_map": {"a": [Tensor("int8", (0,), b""), ALL_BYTES]},
    "deep": nested_lists(120),
}

CASES = {
    **BASIC_CASES,
    **{name: Case(value, value) for name, value in _PLAIN.items()},
    # Sent by TypeScript they are integers, sent by Python floats without a fraction.
    "long_whole_floats": Case(_INTEGERS, [float(number) for number in _INTEGERS]),
    "long_tuple": Case(_INTEGERS, tuple(_INTEGERS)),
}


def difference(expected: Any, actual: Any) -> str | None:
    """The same as that of `basic_values`, where NumPy's arrays are tensors, too."""
    return basic_values.difference(expected, _without_numpy(actual))


def _without_numpy(value: Any) -> Any:
    if type(value).__name__ == "ndarray":
        good = (
            value.flags.c_contiguous
            and value.flags.writeable
            and value.flags.aligned
            and value.dtype.isnative
        )
        return Tensor(value.dtype.name, value.shape, value.tobytes()) if good else value.flags
    if isinstance(value, Tensor):
        return value if find_spec("numpy") is None else "a Tensor, where NumPy is"
    if isinstance(value, dict):
        return {key: _without_numpy(item) for key, item in value.items()}
    return [_without_numpy(item) for item in value] if isinstance(value, list) else value
