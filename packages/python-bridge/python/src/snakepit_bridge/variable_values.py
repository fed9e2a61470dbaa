"""The values of session variables: how they travel, and which type they have when nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snakepit_bridge._wire.arrays import is_of_numpy
from snakepit_bridge.errors import InvalidVariableError
from snakepit_bridge.tensor import Tensor

_BINARY = frozenset({"embedding", "tensor"})
#: The order counts: a boolean is an integer, too.
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (str, "string"),
    (Tensor, "tensor"),
    (Mapping, "map"),
    (list, "list"),
    (tuple, "list"),
)


def infer_type(name: str, value: Any) -> str:
    """
    :raises InvalidVariableError: no type goes without saying for such a value.
    """
    if is_of_numpy(value):
        # Its scalars have no dimensions, and are Python's own numbers otherwise.
        return "tensor" if value.ndim else infer_type(name, value.item())
    for kind, type_name in _TYPES:
        if isinstance(value, kind):
            return type_name
    raise invalid(name, f"no type can be inferred for a {type(value).__name__}; use register_variable()")


def to_wire(name: str, type_name: str | None, value: Any) -> Any:
    """Lists become tensors where the type is one, so that they travel as bytes.

    :param type_name: None when it is not known here; the host converts then.
    :raises InvalidVariableError: the lists are ragged, or hold something else than numbers.
    """
    if type_name not in _BINARY or isinstance(value, Tensor) or is_of_numpy(value):
        return value
    try:
        return Tensor.from_list(_as_lists(value))
    except ValueError as error:
        raise invalid(name, str(error)) from None


def from_wire(variable: Mapping[str, Any]) -> Any:
    """A tensor as it arrives, an embedding as a list of numbers, or a list of such lists for a batch."""
    value = variable["value"]
    # JavaScript does not tell 2.0 from 2.
    if variable["type"] == "float" and isinstance(value, int):
        return float(value)
    return value.tolist() if variable["type"] == "embedding" and hasattr(value, "tolist") else value


def invalid(name: str, reason: str) -> InvalidVariableError:
    details = {"variable": name, "reason": reason}
    return InvalidVariableError("InvalidVariable", "tool_error", f"variable {name!r}: {reason}", details)


def _as_lists(value: Any) -> Any:
    """Arrays of other libraries, and lists of arrays, have ``tolist`` as NumPy's have."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)) and any(hasattr(item, "tolist") for item in value):
        return [item.tolist() if hasattr(item, "tolist") else item for item in value]
    return value
