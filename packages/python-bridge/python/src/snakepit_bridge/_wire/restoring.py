"""What every encoding does when it brings values back to what they were."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.shared.peer_segments import Attachment, Lent, contents
from snakepit_bridge._wire.source import Block
from snakepit_bridge.tensor import Tensor


def deeper(depth: int) -> int:
    """One level of containers less may follow.

    :raises ProtocolError: there was none left.
    """
    if depth <= 0:
        raise ProtocolError("a value nests too deep")
    return depth - 1


def make_tensor(dtype: Any, shape: Any, data: bytes | Attachment) -> Any:
    """A ``numpy.ndarray`` where NumPy can be imported and has one of that shape, else a ``Tensor``.

    :raises ProtocolError: the three do not fit together.
    """
    if type(dtype) is not str or type(shape) is not list or any(type(side) is not int for side in shape):
        raise ProtocolError("a malformed tensor")
    try:
        tensor = Tensor(dtype, shape, _writable(data))
    except ValueError as error:
        raise ProtocolError(f"a malformed tensor: {error}") from None
    if not _has_numpy():
        return tensor
    try:
        return tensor.to_numpy()
    except (ValueError, OverflowError):
        # NumPy bounds the dimensions, and the sides of what holds nothing; the protocol does not.
        return tensor


def _writable(data: bytes | Attachment) -> bytearray | memoryview:
    """Whoever gets a tensor may write to it."""
    if isinstance(data, bytearray):
        return data
    return data.hold() if isinstance(data, (Block, Lent)) and _has_numpy() else bytearray(contents(data))


@cache
def _has_numpy() -> bool:
    return find_spec("numpy") is not None
