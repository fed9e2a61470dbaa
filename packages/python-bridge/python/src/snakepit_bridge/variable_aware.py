"""Objects whose attributes follow variables of the session."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Any

from snakepit_bridge.session_context import SessionContext, current_context


class VariableAwareMixin:
    """Binds attributes to session variables; for adapters, and for whatever else has settings.

    An attribute may belong to a part, too: ``"model.temperature"``. Nothing happens to it before
    ``sync_variables``. An object that serves several sessions is synchronized in each call that reads it.
    """

    _bindings: dict[str, str] | None = None

    def bind_variable(self, attribute: str, variable_name: str | None = None) -> None:
        """``attribute`` takes the value of a variable, by default of the one that has its name.

        :raises ValueError: ``attribute`` is no name, and no names with dots between them.
        """
        if not all(part.isidentifier() for part in attribute.split(".")):
            raise ValueError(f"{attribute!r} names no attribute; write 'temperature' or 'model.temperature'")
        self._bindings = {**self.bound_variables, attribute: variable_name or attribute}

    def unbind_variable(self, attribute: str) -> bool:
        """The attribute keeps the value that it has. Whether it was bound."""
        bindings = self.bound_variables
        was_bound = bindings.pop(attribute, None) is not None
        self._bindings = bindings
        return was_bound

    @property
    def bound_variables(self) -> dict[str, str]:
        """The name of the variable of each attribute that is bound; a copy."""
        return dict(self._bindings or {})

    def sync_variables(self, ctx: SessionContext | None = None) -> Any:
        """Sets all bound attributes to what the variables are, all of one moment.

        Blocks in ordinary code; in a coroutine returns an awaitable.

        :param ctx: default: the context of the call being served.
        :returns: the new value of each attribute.
        :raises UnknownVariableError: one of them was never registered; nothing is set then.
        :raises RuntimeError: no call is being served, and no ``ctx`` is given.
        """
        context = ctx or current_context()
        if context is None:
            raise RuntimeError("variables can be read during a call only")
        bindings = self.bound_variables
        values = context.get_variables(dict.fromkeys(bindings.values()))
        if inspect.isawaitable(values):
            return self._follow_awaited(bindings, values)
        return self._follow(bindings, values)

    async def _follow_awaited(self, bindings: dict[str, str], values: Awaitable[Any]) -> dict[str, Any]:
        return self._follow(bindings, await values)

    def _follow(self, bindings: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
        for attribute, variable in bindings.items():
            target: Any = self
            *path, name = attribute.split(".")
            for part in path:
                target = getattr(target, part)
            setattr(target, name, values[variable])
        return {attribute: values[variable] for attribute, variable in bindings.items()}
