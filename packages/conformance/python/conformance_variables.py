"""The variables of `src/variables.ts`, as Python writes and reads them."""

from __future__ import annotations

import datetime
import struct
from typing import Any, NamedTuple

from snakepit_bridge import Tensor


class Variable(NamedTuple):
    type: str
    value: Any
    constraints: dict[str, Any] | None = None
    reads: Any = None
    """None: the same as ``value``."""


_HALVES = [number / 2 for number in range(2000)]
_ROWS = Tensor("float64", (2, 3), struct.pack("<6d", 0, 1, 2, 3, 4, 5))
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

VARIABLES = {
    "string": Variable("string", "héé 🐍", {"max_length": 5, "pattern": "^h"}),
    "integer": Variable("integer", -3, {"min": -3, "max": 3}),
    "huge_integer": Variable("integer", 2**70),
    "float": Variable("float", 0.5, {"min": 0, "max": 1}),
    "whole_float": Variable("float", 2.0),
    "boolean": Variable("boolean", False),
    "choice": Variable("choice", "slow", {"choices": ["fast", "slow"]}),
    "module": Variable("module", "sklearn.linear_model", {"allowed_modules": ["sklearn"]}),
    "list": Variable("list", [1, None, ["a", {"b": b"\x00\x0a"}]]),
    "map": Variable("map", {"$": 1, "nested": {"at": _EPOCH}}),
    "embedding": Variable("embedding", [0.5, 1], {"dimensions": 2}, [0.5, 1.0]),
    "embedding_batch": Variable(
        "embedding", [[0, 1, 2], [3, 4, 5]], {"dimensions": 3}, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    ),
    "large_embedding": Variable("embedding", _HALVES),
    "tensor": Variable("tensor", _ROWS, {"shape": [None, 3]}),
    "integer_tensor": Variable("tensor", Tensor("int64", (2,), struct.pack("<2q", -1, 2))),
}
