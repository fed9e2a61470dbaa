"""The variables of a session, as a call sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Callable

from snakepit_bridge.errors import UnknownVariableError
from snakepit_bridge.read_cache import ReadCache
from snakepit_bridge.session_calls import SessionCalls
from snakepit_bridge.variable_batch import VariableBatch, current_batch, forget_pending
from snakepit_bridge.variable_values import from_wire, infer_type, to_wire

if TYPE_CHECKING:
    from snakepit_bridge.session_context import SessionContext

_PREFIX = "snakepit.variables."
#: The tool whose answers are kept, and whose calls alone change nothing.
READING = f"{_PREFIX}get"


class Variables:
    """Belongs to the context of one call. Methods are described at ``SessionContext``."""

    __slots__ = ("_cache", "_calls", "_context", "_types")

    def __init__(self, context: SessionContext, calls: SessionCalls) -> None:
        self._context = context
        self._calls = calls
        self._cache = ReadCache()
        #: Types, as far as this call has heard of them: an update does not say the type.
        self._types = ReadCache()

    def register(self, name: str, type_name: str, value: Any, constraints: Mapping[str, Any] | None) -> Any:
        self._context.require_session("variables")
        return self._calls.write(lambda: self._register(name, type_name, value, constraints))

    def update(self, name: str, value: Any) -> Any:
        self._context.require_session("variables")
        batch = current_batch(self._context)
        if batch is not None:
            batch[name] = value
            return self._calls.have(None)
        return self._calls.write(lambda: self._update({name: value}))

    def get(self, name: str, fresh: bool) -> Any:
        return self._read([name], fresh, lambda values: values[name])

    def get_many(self, names: Iterable[str], fresh: bool) -> Any:
        return self._read(list(names), fresh, lambda values: values)

    def get_now(self, name: str) -> Any:
        """Blocks in a coroutine, too."""
        self._context.require_session("variables")
        known = self._known([name])
        if known is None:
            asked = self._ask([name])
            known = asked(self._calls.now(READING, {"names": [name]}))
        return known[name]

    def check_now(self, names: Iterable[str]) -> None:
        """Blocks in a coroutine, too. Values do not travel. :raises UnknownVariableError:"""
        self._context.require_session("variables")
        unknown = [name for name in names if self._known([name]) is None]
        if unknown:
            self._calls.now(READING, {"names": unknown, "values": False})

    def set_now(self, name: str, value: Any) -> None:
        """Blocks in a coroutine, too. Registers what is not there, with the type that the value has."""
        self._context.require_session("variables")
        batch = current_batch(self._context)
        if batch is not None:
            batch[name] = value
            return
        try:
            self._update({name: value})
        except UnknownVariableError:
            self._register(name, infer_type(name, value), value, None)

    def list(self) -> Any:
        self._context.require_session("variables")
        return self._calls.read(f"{_PREFIX}list", {}, _all_readable)

    def delete(self, name: str) -> Any:
        self._context.require_session("variables")
        return self._calls.write(lambda: self.delete_now(name))

    def delete_now(self, name: str) -> bool:
        """Blocks in a coroutine, too."""
        self._context.require_session("variables")
        deleted = bool(self._write("delete", {"names": [name]}))
        forget_pending(self._context, name)
        return deleted

    def batch(self) -> VariableBatch:
        self._context.require_session("variables")
        return VariableBatch(self._context, self._update)

    def _read(self, names: Any, fresh: bool, pick: Callable[[dict[str, Any]], Any]) -> Any:
        self._context.require_session("variables")
        known = None if fresh else self._known(names)
        if known is not None:
            return self._calls.have(pick(known))
        asked = self._ask(names)
        return self._calls.read(READING, {"names": names}, lambda found: pick(asked(found)))

    def _known(self, names: Any) -> dict[str, Any] | None:
        """Values that wait in a batch, and what was read just now; None when that is not all."""
        pending = self._pending()
        known = self._cache.find([name for name in names if name not in pending])
        if known is None:
            return None
        return {name: pending[name] if name in pending else known[name] for name in names}

    def _ask(self, names: Any) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        """Call it before the host is asked; what it returns takes the answer."""
        mark, asked_at = self._cache.mark(), time.monotonic()

        def take(found: Mapping[str, Any]) -> dict[str, Any]:
            values = {name: from_wire(found[name]) for name in names}
            self._learn(found, mark, asked_at)
            self._cache.keep(values, mark, asked_at)
            pending = self._pending()
            return {name: pending.get(name, value) for name, value in values.items()}

        return take

    def _pending(self) -> Mapping[str, Any]:
        batch = current_batch(self._context)
        return {} if batch is None else batch.values

    def _register(self, name: str, type_name: str, value: Any, constraints: Mapping[str, Any] | None) -> None:
        arguments = {"name": name, "type": type_name, "value": to_wire(name, type_name, value)}
        if constraints is not None:
            arguments["constraints"] = dict(constraints)
        self._write("register", arguments)
        forget_pending(self._context, name)
        self._learn({name: {"type": type_name}}, self._cache.mark(), time.monotonic())

    def _update(self, updates: Mapping[str, Any]) -> None:
        travelling = {name: to_wire(name, self._type_of(name), value) for name, value in updates.items()}
        updated = self._write("update", {"updates": travelling})
        # What this call has written itself would otherwise make it forget the types.
        self._learn(updated, self._cache.mark(), time.monotonic())

    def _type_of(self, name: str) -> str | None:
        types = self._types.find([name])
        return None if types is None else types[name]

    def _write(self, what: str, arguments: dict[str, Any]) -> Any:
        return self._calls.now(_PREFIX + what, arguments)

    def _learn(self, variables: Mapping[str, Mapping[str, Any]], mark: object, asked_at: float) -> None:
        types = {name: variable["type"] for name, variable in variables.items()}
        self._types.keep(types, mark, asked_at)


def _all_readable(variables: Iterable[Mapping[str, Any]]) -> Any:
    return [{**variable, "value": from_wire(variable)} for variable in variables]
