"""Operations that the showcase offers by name."""

from __future__ import annotations

import hashlib
import math
import operator
import zlib
from typing import Any, Callable, Optional

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "modulo": operator.mod,
}

UNARY: dict[str, Callable[[Any], Any]] = {
    "sqrt": math.sqrt,
    "square": lambda value: value * value,
    "negate": operator.neg,
    "abs": abs,
}

TEXT: dict[str, Callable[[str], Any]] = {
    "upper": str.upper,
    "lower": str.lower,
    "reverse": lambda text: text[::-1],
    "length": len,
}

BYTES: dict[str, Callable[[bytes], Any]] = {
    "checksum": lambda data: hashlib.sha256(data).hexdigest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "crc32": zlib.crc32,
    "reverse": lambda data: data[::-1],
    "compress": zlib.compress,
    "size": len,
}


def choose(table: dict[str, Callable[..., Any]], operation: str) -> Callable[..., Any]:
    """:raises ValueError: naming the operations there are."""
    function = table.get(operation)
    if function is None:
        raise ValueError(f"unknown operation {operation!r}; there are {', '.join(table)}")
    return function


def calculate(operation: str, a: Optional[float], b: Optional[float] = None) -> Any:
    """:raises ValueError: there is no such operation, or it takes another number of operands."""
    function = choose({**BINARY, **UNARY}, operation)
    if a is None:
        raise ValueError(f"{operation} has nothing to work on; give it as a")
    if operation in UNARY:
        if b is not None:
            raise ValueError(f"{operation} takes one number; leave b out")
        return function(a)
    if b is None:
        raise ValueError(f"{operation} takes two numbers; give b, too")
    return function(a, b)
