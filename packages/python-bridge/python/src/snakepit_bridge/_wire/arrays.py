"""NumPy's arrays and scalars, and dtypes. Never imports it: who has one has imported it."""

from __future__ import annotations

import sys
from typing import Any

from snakepit_bridge._wire.errors import Unrepresentable
from snakepit_bridge.tensor import ITEM_SIZES, Tensor


def is_of_numpy(value: Any) -> bool:
    """Whether ``simplify_array`` is for it."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return False
    return isinstance(value, (getattr(numpy, "ndarray", ()), getattr(numpy, "generic", ())))


def is_dtype(value: Any) -> bool:
    """Whether it is a dtype of NumPy or pandas; what tells of it is its ``name``."""
    homes = (("numpy", "dtype"), ("pandas.api.extensions", "ExtensionDtype"))
    return isinstance(value, tuple(getattr(sys.modules.get(home), name, ()) for home, name in homes))


def simplify_array(value: Any) -> Any:
    """A ``Tensor`` where the numbers are of a dtype that travels, else Python's own values.

    :raises Unrepresentable: a scalar that Python has nothing like.
    """
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.generic):
        return _simplify_scalar(value, numpy)
    masked: Any = getattr(sys.modules.get("numpy.ma"), "MaskedArray", ())
    if isinstance(value, masked):
        # Lists have a None where something is masked; a tensor would show what is behind.
        return value.tolist()
    if value.dtype.name in ITEM_SIZES:
        return _tensor(value, numpy)
    if value.dtype.kind in "mMV":
        return list(value) if value.ndim else value[()]
    return value.tolist()


def _tensor(array: Any, numpy: Any) -> Tensor:
    little = numpy.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    # An array without elements cannot be viewed as bytes.
    data = memoryview(little.reshape(-1).view("uint8")) if array.size else b""
    return Tensor(array.dtype.name, array.shape, data)


def _simplify_scalar(scalar: Any, numpy: Any) -> Any:
    kind = scalar.dtype.kind
    if kind in "mM":
        if numpy.isnat(scalar):
            return None
        return str(scalar) if kind == "M" else float(scalar / numpy.timedelta64(1, "s"))
    if scalar.dtype.name in ("complex64", "complex128"):
        return _tensor(scalar.reshape(()), numpy)
    if scalar.dtype.names:
        return {name: scalar[name] for name in scalar.dtype.names}
    plain = scalar.item()
    if type(plain) is type(scalar):
        raise Unrepresentable(f"a value of type numpy.{type(scalar).__name__} cannot be sent")
    return plain
