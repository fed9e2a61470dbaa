"""Updates of several variables that happen together or not at all."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Callable

from snakepit_bridge.session_calls import Settled

_logger = logging.getLogger("snakepit_bridge")
_current: ContextVar[VariableBatch | None] = ContextVar("snakepit_variable_batch", default=None)


class VariableBatch:
    """Collects what is written inside of its ``with`` or ``async with`` block, and sends it at the end.

    Writes go to it through the context as usual, or through it: ``batch["x"] = 1``. Tasks that are started
    inside of the block take part until it ends, threads do not. A block inside of another one adds to the
    outer one.

    While a generator is suspended at a ``yield`` inside of the block, what its consumer writes takes part,
    too, and is lost when the consumer leaves the generator there: do not yield inside of a block.
    """

    def __init__(self, owner: object, send: Callable[[dict[str, Any]], None]) -> None:
        #: The context it belongs to; calls nested in its call inherit the context variables, too.
        self.owner = owner
        self.values: dict[str, Any] = {}
        #: Nothing takes part any more; a task may know this block longer than it lasts.
        self.ended = False
        #: The block around this one, whosever it is.
        self.around: VariableBatch | None = None
        self._send = send
        self._entered = False

    def __setitem__(self, name: str, value: Any) -> None:
        if self.ended:
            raise RuntimeError("this batch of updates has ended")
        self.values[name] = value

    def update_variable(self, name: str, value: Any) -> None:
        """The same as ``batch[name] = value``."""
        self[name] = value

    def __enter__(self) -> VariableBatch:
        if self._entered:
            raise RuntimeError("a batch of updates can be entered once")
        self._entered = True
        self.around = _current.get()
        _current.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self.ended = True
        # Not set back by a token: a generator may end in another context, or after a block begun later.
        if _current.get() is self:
            _current.set(self.around)
        if kind is not None or not self.values:
            if kind is GeneratorExit and self.values:
                names = ", ".join(map(repr, self.values))
                _logger.warning("a generator was left inside of a batch: updates of %s are dropped", names)
            return
        outer = _find(self.around, self.owner)
        if outer is not None:
            outer.values.update(self.values)
        else:
            self._send(self.values)

    async def __aenter__(self) -> VariableBatch:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self.__exit__(kind, *error)
        if kind is None:
            await Settled(pauses=True)


def current_batch(owner: object) -> VariableBatch | None:
    """The innermost block that the running code of this context is inside of."""
    return _find(_current.get(), owner)


def forget_pending(owner: object, name: str) -> None:
    """A variable was replaced or deleted: what waits to be written to it is of before."""
    batch = current_batch(owner)
    while batch is not None:
        batch.values.pop(name, None)
        batch = _find(batch.around, owner)


def _find(batch: VariableBatch | None, owner: object) -> VariableBatch | None:
    while batch is not None and batch.ended:
        batch = batch.around
    return batch if batch is not None and batch.owner is owner else None
