"""The values of `src/values/cases.ts` that the smallest worker knows; needs nothing but Python itself."""

from __future__ import annotations

import datetime
import math
from typing import Any, NamedTuple

ALL_BYTES = bytes(range(256))
#: Would end the process, were it ever unpickled.
PICKLE = "cos\nabort\n(tR."


class Case(NamedTuple):
    """``sends`` differs where Python has more ways to say something than JavaScript."""

    receives: Any
    sends: Any


_PLAIN: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "fraction": 0.1,
    "tiny": 5e-324,
    "empty_string": "",
    "unicode": 'żółć 漢字 🐍 \u0000\u007f\u2028\u2029 \n\r\t "quoted" \\ \ufffd \ufeff',
    "empty_list": [],
    "empty_map": {},
    "nested": {"rows": [[1, [2, []]], {"deep": {"er": [None, "x", False]}}]},
    "zero": 0,
    "one": 1,
    "minus_one": -1,
    "max_safe": 2**53 - 1,
    "min_safe": -(2**53) + 1,
    "two_to_53": 2**53,
    "max_int64": 2**63 - 1,
    "min_int64": -(2**63),
    "max_uint64": 2**64 - 1,
    "googol": 10**100,
    "small_bigint": 5,
    "float_two_to_53": 2.0**53,
    "float_1e21": 1e21,
    "max_float": 1.7976931348623157e308,
    "bigints_in_a_list": [1, 2**60, 0.5],
    "nan": math.nan,
    "infinity": math.inf,
    "minus_infinity": -math.inf,
    "minus_zero": -0.0,
    "no_bytes": b"",
    "all_bytes": ALL_BYTES,
    "proto": {"__proto__": 1},
    "proto_map": {"a": {"__proto__": {"polluted": True}}},
    "constructor": {"constructor": 1, "toString": 2, "hasOwnProperty": 3},
    "dollar": {"$": 1},
    "dollar_bytes": {"$": "bytes", "at": 0},
    "dollar_map": {"$": "map", "value": {"$": "map", "value": {}}},
    "dollar_deep": [{"a": {"$": {"$": None}}}],
    "empty_key": {"": 1},
    "odd_keys": {"a b": 1, "0": 2, "-1": 3, "é\n": 4, "🐍": 5},
    "undefined_entry": {"a": 1},
    "undefined_deep": [{"a": {}}],
    "pickled_bytes": PICKLE.encode(),
    "pickled_text": PICKLE,
    "code": ["__import__('os').abort()", "process.abort()", "!!python/object/apply:os.abort []"],
    "pickle_tag": {"$": "pickle", "value": PICKLE},
    "reduce_key": {"__reduce__": ["os.abort", []], "__class__": "os.abort"},
}

BASIC_CASES = {
    **{name: Case(value, value) for name, value in _PLAIN.items()},
    "integral_float": Case(2, 2.0),
    "floats_in_a_map": Case({"a": [math.nan, -0.0, 0, 1.5]}, {"a": [math.nan, -0.0, 0.0, 1.5]}),
}


def difference(expected: Any, actual: Any, place: str = "value") -> str | None:
    """Where and how a value differs from the expected one, types included; None when it does not."""
    if type(expected) is not type(actual):
        return _differs(expected, actual, place)
    if isinstance(expected, float):
        same = (
            math.isnan(actual) if math.isnan(expected) else _sign_and_size(expected) == _sign_and_size(actual)
        )
        return None if same else _differs(expected, actual, place)
    if isinstance(expected, datetime.datetime):
        same = expected == actual and expected.utcoffset() == actual.utcoffset()
        return None if same else _differs(expected, actual, place)
    if isinstance(expected, dict) and expected.keys() == actual.keys():
        return _first(difference(item, actual[key], f"{place}[{key!r}]") for key, item in expected.items())
    if isinstance(expected, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual))
        return _first(difference(mine, other, f"{place}[{index}]") for index, (mine, other) in pairs)
    return None if expected == actual else _differs(expected, actual, place)


def _sign_and_size(number: float) -> tuple[float, float]:
    return math.copysign(1, number), number


def _first(problems: Any) -> str | None:
    return next((problem for problem in problems if problem is not None), None)


def _differs(expected: Any, actual: Any, place: str) -> str:
    shown = f"{type(actual).__name__} {actual!r}"[:300]
    return f"{place} is {shown}, not {type(expected).__name__} {expected!r}"[:700]
