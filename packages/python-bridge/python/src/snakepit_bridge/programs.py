"""Programs that a session, or everybody, keeps in the host."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Callable

from snakepit_bridge.session_calls import SessionCalls

if TYPE_CHECKING:
    from snakepit_bridge.session_context import SessionContext

_PREFIX = "snakepit.programs."


class Programs:
    """``ctx.programs``. In a coroutine each method returns an awaitable; writing does not need ``await``.

    With ``global_=True`` it is about the programs of all sessions, also in a call outside of any.

    :raises NoSessionError: the call is outside of any session.
    """

    __slots__ = ("_calls", "_context")

    def __init__(self, context: SessionContext, calls: SessionCalls) -> None:
        self._context = context
        self._calls = calls

    def store(self, id: str, program: Any, *, global_: bool = False) -> Any:
        """Keeps ``program``, any value that can travel, in place of what ``id`` had. Returns None.

        :raises HostToolError: there are too many (``ProgramQuotaExceeded``).
        """
        return self._write("store", {"id": id, "program": program}, global_, _nothing)

    def get(self, id: str, *, global_: bool = False) -> Any:
        """The program. :raises UnknownProgramError:"""
        return self._read("get", {"id": id}, global_)

    def list(self, *, global_: bool = False) -> Any:
        """The ids, a list of strings."""
        return self._read("list", {}, global_)

    def delete(self, id: str, *, global_: bool = False) -> Any:
        """Whether there was such a program."""
        return self._write("delete", {"id": id}, global_, bool)

    def _read(self, what: str, arguments: dict[str, Any], global_: bool) -> Any:
        self._check(arguments, global_)
        return self._calls.read(_PREFIX + what, arguments, lambda answer: answer)

    def _write(
        self, what: str, arguments: dict[str, Any], global_: bool, convert: Callable[[Any], Any]
    ) -> Any:
        self._check(arguments, global_)
        return self._calls.write(lambda: convert(self._calls.now(_PREFIX + what, arguments)))

    def _check(self, arguments: builtins.dict[str, Any], global_: bool) -> None:
        if global_:
            arguments["global"] = True
        else:
            self._context.require_session("programs")


def _nothing(_answer: Any) -> None:
    """A write has nothing to tell."""
