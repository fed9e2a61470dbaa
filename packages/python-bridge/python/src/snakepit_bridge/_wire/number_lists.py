"""Long lists of numbers, which travel in one piece."""

from __future__ import annotations

import sys
from array import array
from typing import Any

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary

#: The type codes of `array` for the dtypes that lists have.
_CODES = {"float64": "d", "int32": "i"}


def pack_numbers(value: Any, kind: type) -> tuple[str, Binary] | None:
    """A dtype and the little-endian numbers, or None when not all of them fit.

    :param value: a list or tuple; every entry is of the type ``kind``, ``int`` or ``float``.
    """
    dtype = "float64" if kind is float else "int32"
    try:
        numbers = array(_CODES[dtype], value)
    except OverflowError:
        return None
    if sys.byteorder == "big":
        numbers.byteswap()
    return dtype, memoryview(numbers)


def unpack_numbers(dtype: Any, data: Binary) -> list[Any]:
    """The list that it was.

    :raises ProtocolError: the dtype is none that lists have, or the bytes are no whole number of entries.
    """
    code = _CODES.get(dtype) if type(dtype) is str else None
    if code is None:
        raise ProtocolError(f"a list of an unknown dtype: {str(dtype)[:40]}")
    numbers = array(code)
    try:
        numbers.frombytes(data)
    except ValueError as error:
        raise ProtocolError(f"a malformed list: {error}") from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
