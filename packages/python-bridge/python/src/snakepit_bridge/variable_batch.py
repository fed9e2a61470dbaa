"""Updates of several variables that happen together or not at all."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, Callable

_current: ContextVar[VariableBatch | None] = ContextVar("snakepit_variable_batch", default=None)


class VariableBatch:
    """Collects what is written inside of its ``with`` or ``async with`` block, and sends it at the end.

    Writes go to it through the context as usual, or through it: ``batch["x"] = 1``. Tasks that are started
    inside of the block take part, threads do not. A block inside of another one adds to the outer one.
    """

    def __init__(self, owner: object, send: Callable[[dict[str, Any]], None]) -> None:
        #: The call it belongs to; calls nested in that one inherit its context variables, too.
        self.owner = owner
        self.values: dict[str, Any] = {}
        self._send = send
        self._token: Token[VariableBatch | None] | None = None

    def __setitem__(self, name: str, value: Any) -> None:
        self.values[name] = value

    def update_variable(self, name: str, value: Any) -> None:
        """The same as ``batch[name] = value``."""
        self.values[name] = value

    def __enter__(self) -> VariableBatch:
        if self._token is not None:
            raise RuntimeError("a batch of updates can be entered once")
        self._outer = current_batch(self.owner)
        self._token = _current.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        assert self._token is not None
        _current.reset(self._token)
        if kind is not None or not self.values:
            return
        if self._outer is not None:
            self._outer.values.update(self.values)
        else:
            self._send(self.values)

    async def __aenter__(self) -> VariableBatch:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self.__exit__(kind, *error)


def current_batch(owner: object) -> VariableBatch | None:
    """The innermost block that the running code of this call is inside of."""
    batch = _current.get()
    return batch if batch is not None and batch.owner is owner else None
