"""Tools that work with the variables of a session."""

from __future__ import annotations

from typing import Any, Optional

from snakepit_bridge.adapters.showcase.tensors import LARGE_BYTES, filled
from snakepit_bridge.session_context import SessionContext
from snakepit_bridge.tools import tool


class VariableTools:
    """Makes and reads variables."""

    @tool
    def create_tensor(
        self,
        ctx: SessionContext,
        shape: list[int],
        name: Optional[str] = None,
        fill_value: float = 0.0,
        return_tensor: bool = False,
    ) -> dict[str, Any]:
        """Make a tensor of one number; in a session it is kept there as a variable.

        :param shape: positive integers; at most 1 GiB of float64 numbers.
        :param name: of the variable. Default: ``large_tensor`` above 10,240 bytes, else ``small_tensor``.
        :param return_tensor: give the tensor as well; outside of a session it is given in any case.
        :returns: ``name, shape, dtype, size_bytes``, whether it was ``stored``, and maybe ``tensor``.
        """
        tensor = filled(shape, fill_value)
        size = len(tensor.data)
        name = name or ("large_tensor" if size > LARGE_BYTES else "small_tensor")
        stored = ctx.session_id is not None
        if stored:
            ctx.register_variable(name, "tensor", tensor)
        facts = {
            "name": name,
            "shape": list(tensor.shape),
            "dtype": tensor.dtype,
            "size_bytes": size,
            "stored": stored,
        }
        return facts if stored and not return_tensor else {**facts, "tensor": tensor}

    @tool
    def get_variable(self, ctx: SessionContext, name: str) -> Any:
        """The value of a variable of the session."""
        return ctx.get_variable(name)
