"""Tensors made with the standard library alone."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Sequence

from snakepit_bridge.tensor import Tensor

#: What fits into one frame.
MAX_BYTES = 1 << 30
#: Beyond this, tensors are called large: other encodings than binary would be slow.
LARGE_BYTES = 10_240


def filled(shape: Sequence[int], value: float = 0.0) -> Tensor:
    """A float64 tensor of one number.

    :raises ValueError: a side is no positive integer, or all of it is more than 1 GiB.
    """
    try:
        sides = [operator.index(side) for side in shape]
    except TypeError:
        sides = [0]
    if not all(side > 0 for side in sides):
        raise ValueError(f"shape is {shape!r}; give positive integers, such as [100, 100]")
    number = struct.pack("<d", value)
    if math.prod(sides) * len(number) > MAX_BYTES:
        raise ValueError(f"a float64 tensor of shape {sides} is larger than {MAX_BYTES} bytes")
    return Tensor("float64", sides, number * math.prod(sides))
