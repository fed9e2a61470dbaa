"""An n-dimensional array for workers without NumPy."""

from __future__ import annotations

import math
import operator
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

#: What `struct` calls the parts of one element, for each layout; complex elements have two.
_CODES = {
    "bool": "?",
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "complex64": "ff",
    "complex128": "dd",
}
#: Bytes of one element of each layout, named as NumPy names them.
ITEM_SIZES = {dtype: struct.calcsize("<" + code) for dtype, code in _CODES.items()}


class Tensor:
    """Little-endian row-major numbers.

    What arrives as a tensor is a ``numpy.ndarray`` where NumPy can be imported, and one of these elsewhere.

    :param dtype: one of ``ITEM_SIZES``.
    :param shape: the size of each dimension; ``()`` holds one element.
    :param data: the elements' bytes.
    :raises ValueError: when the three do not fit together.
    """

    __slots__ = ("data", "dtype", "shape")

    def __init__(self, dtype: str, shape: Iterable[int], data: bytes | bytearray | memoryview) -> None:
        self.dtype = dtype
        self.shape = _sides(shape)
        self.data = _in_one_piece(data)
        size = ITEM_SIZES.get(dtype)
        if size is None:
            raise ValueError(f"unknown dtype {dtype!r}")
        if any(side < 0 for side in self.shape):
            raise ValueError(f"negative shape {self.shape}")
        if self._nbytes != size * math.prod(self.shape):
            raise ValueError(f"{self._nbytes} bytes do not fill {dtype} of shape {self.shape}")

    @classmethod
    def from_list(cls, values: Any, dtype: str = "float64") -> Tensor:
        """The numbers of nested lists, all of a level equally long; a single number has the shape ``()``.

        :raises ValueError: the lists are not equally long, or a number does not fit the dtype.
        """
        if dtype not in _CODES:
            raise ValueError(f"unknown dtype {dtype!r}")
        shape: list[int] = []
        level = [values]
        while level and all(isinstance(item, (list, tuple)) for item in level):
            shape.append(len(level[0]))
            if any(len(item) != shape[-1] for item in level):
                raise ValueError(f"lists of unequal lengths in dimension {len(shape) - 1}")
            level = [item for items in level for item in items]
        try:
            parts = _checked(level, dtype)
            data = struct.pack(f"<{len(parts)}{_CODES[dtype][0]}", *parts)
        except (struct.error, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"not all of it is {dtype}: {error}") from None
        return cls(dtype, shape, data)

    def tolist(self) -> Any:
        """The numbers as nested lists; a single number for the shape ``()``."""
        code = _CODES[self.dtype][0]
        parts = struct.unpack(f"<{self._nbytes // struct.calcsize('<' + code)}{code}", self.data)
        numbers = map(complex, parts[::2], parts[1::2]) if "complex" in self.dtype else iter(parts)
        return _nest(numbers, self.shape)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        mine, theirs = (self.dtype, self.shape), (other.dtype, other.shape)
        return mine == theirs and bytes(self.data) == bytes(other.data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Tensor({self.dtype!r}, {self.shape}, {self._nbytes} bytes)"

    @property
    def _nbytes(self) -> int:
        return memoryview(self.data).nbytes

    def to_numpy(self) -> Any:
        """The same numbers as a ``numpy.ndarray``; copies nothing it can share."""
        import numpy

        array = numpy.frombuffer(self.data, dtype=numpy.dtype(self.dtype).newbyteorder("<"))
        return array.astype(self.dtype, copy=sys.byteorder == "big").reshape(self.shape)


def _sides(shape: Iterable[int]) -> tuple[int, ...]:
    try:
        # An int of its own kind, such as NumPy's, could not be written into a frame.
        return tuple(int(operator.index(side)) for side in shape)
    except TypeError:
        raise ValueError(f"not all of the shape {shape!r} are integers") from None


def _in_one_piece(data: bytes | bytearray | memoryview) -> bytes | bytearray | memoryview:
    if isinstance(data, (bytes, bytearray)):
        return data
    view = memoryview(data)
    return view if view.c_contiguous else view.tobytes()


def _checked(numbers: list[Any], dtype: str) -> list[Any]:
    """What ``struct`` is to write, which takes anything at all for a boolean."""
    if dtype == "bool" and any(number not in (False, True) for number in numbers):
        raise ValueError("0 and 1 are the only numbers that are booleans")
    if "complex" not in dtype:
        return numbers
    values = map(complex, numbers)
    return [part for value in values for part in (value.real, value.imag)]


def _nest(numbers: Iterator[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return next(numbers)
    return [_nest(numbers, shape[1:]) for _ in range(shape[0])]
