"""A value in words of plain JSON: what it is by type, and all of it. `src/values/described.ts` agrees."""

from __future__ import annotations

import datetime
import struct
from typing import Any

from snakepit_bridge import Tensor


def described(value: Any) -> Any:
    kind = type(value)
    if value is None:
        return ["null"]
    if kind is bool:
        return ["boolean", str(value).lower()]
    if kind is str:
        return ["string", value]
    if kind is int:
        return ["integer", str(value)]
    if kind is float:
        return ["float", struct.pack("<d", value).hex()]
    if kind is bytes:
        return ["bytes", value.hex()]
    if kind is list:
        return ["list", [described(item) for item in value]]
    if kind is dict:
        return ["map", [[key, described(item)] for key, item in value.items()]]
    if kind is datetime.datetime:
        return ["date", value.isoformat(timespec="microseconds")]
    if kind is Tensor:
        return ["tensor", value.dtype, list(value.shape), bytes(value.data).hex()]
    if kind.__name__ == "ndarray":
        return ["tensor", value.dtype.name, list(value.shape), value.tobytes().hex()]
    return [f"{kind.__module__}.{kind.__qualname__}", repr(value)]
