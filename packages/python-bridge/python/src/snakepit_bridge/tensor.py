"""An n-dimensional array for workers without NumPy."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any

#: Bytes of one element of each layout, named as NumPy names them.
ITEM_SIZES = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "int32": 4,
    "uint32": 4,
    "int64": 8,
    "uint64": 8,
    "float16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}


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
        self.shape = tuple(shape)
        self.data = data
        size = ITEM_SIZES.get(dtype)
        if size is None:
            raise ValueError(f"unknown dtype {dtype!r}")
        if any(side < 0 for side in self.shape):
            raise ValueError(f"negative shape {self.shape}")
        if len(data) != size * math.prod(self.shape):
            raise ValueError(f"{len(data)} bytes do not fill {dtype} of shape {self.shape}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        mine, theirs = (self.dtype, self.shape), (other.dtype, other.shape)
        return mine == theirs and bytes(self.data) == bytes(other.data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Tensor({self.dtype!r}, {self.shape}, {len(self.data)} bytes)"

    def to_numpy(self) -> Any:
        """The same numbers as a ``numpy.ndarray``; copies nothing it can share."""
        import numpy

        array = numpy.frombuffer(self.data, dtype=numpy.dtype(self.dtype).newbyteorder("<"))
        return array.astype(self.dtype, copy=sys.byteorder == "big").reshape(self.shape)
