"""Calls of the tools that the host itself has for sessions."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Generator
from typing import Any, Callable, Protocol

from snakepit_bridge.errors import HostToolError, typed

_logger = logging.getLogger("snakepit_bridge")


class BuiltInHost(Protocol):
    """What this module needs of a host."""

    @property
    def awaits(self) -> bool:
        """Whether the running code is a coroutine."""

    def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """The tool's result; inside a coroutine an awaitable of it."""

    def call_blocking(self, tool: str, arguments: dict[str, Any]) -> Any:
        """The tool's result, also inside a coroutine."""


class Settled(Coroutine[Any, Any, Any]):
    """An outcome that is there already, for code that awaits it, makes a task of it, or does neither.

    :param pauses: whoever awaits it gives way to the loop once, which may have a cancel to deliver.
    """

    __slots__ = ("_error", "_pauses", "_steps", "_value")

    def __init__(self, value: Any = None, error: Exception | None = None, pauses: bool = False) -> None:
        self._value = value
        self._error = error
        self._pauses = pauses
        self._steps: Generator[None, Any, Any] | None = None

    def __await__(self) -> Generator[None, Any, Any]:
        error, self._error = self._error, None
        if self._pauses:
            yield
        if error is not None:
            raise error
        return self._value

    def send(self, value: Any) -> Any:
        return self._driven().send(value)

    def throw(self, *error: Any) -> Any:
        return self._driven().throw(*error)

    def close(self) -> None:
        self._driven().close()

    def _driven(self) -> Generator[None, Any, Any]:
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps

    def __del__(self) -> None:
        if self._error is not None:
            _logger.warning("a failure that nobody awaited: %s", self._error, exc_info=self._error)


class SessionCalls:
    """In ordinary code everything returns its value; in a coroutine all but ``now`` return awaitables.

    :raises HostToolError: of the class in ``errors`` that fits.
    """

    __slots__ = ("_host",)

    def __init__(self, host: BuiltInHost) -> None:
        self._host = host

    def now(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Blocks for the host's answer everywhere, which is safe: the host itself answers, and at once."""
        try:
            return self._host.call_blocking(tool, arguments)
        except HostToolError as error:
            raise typed(error) from error.__cause__

    def read(self, tool: str, arguments: dict[str, Any], convert: Callable[[Any], Any]) -> Any:
        """What ``convert`` makes of the answer."""
        if self._host.awaits:
            return self._read_async(tool, arguments, convert)
        return convert(self.now(tool, arguments))

    def write(self, act: Callable[[], Any]) -> Any:
        """Does ``act`` at once, also where nobody awaits the outcome: so that it is done when a tool returns.

        What fails in a coroutine and is never awaited is logged as a warning.
        """
        if not self._host.awaits:
            return act()
        try:
            return Settled(act(), pauses=True)
        except Exception as error:
            return Settled(error=error, pauses=True)

    def have(self, value: Any) -> Any:
        """A value that need not be asked for."""
        return Settled(value) if self._host.awaits else value

    async def _read_async(self, tool: str, arguments: dict[str, Any], convert: Callable[[Any], Any]) -> Any:
        try:
            answer = await self._host.call(tool, arguments)
        except HostToolError as error:
            raise typed(error) from error.__cause__
        return convert(answer)
