"""What an adapter sees of its session when the worker ends."""

from __future__ import annotations

from typing import Any, NoReturn

from snakepit_bridge.session_context import SessionContext


class Farewell:
    """Stands in for the call that a clean-up serves: there is none any more, but there is its session."""

    def __init__(self, session: str) -> None:
        self.context = SessionContext(session, {}, _NoHost())


class _NoHost:
    awaits = False
    cancelled = False

    def call(self, tool: str, _arguments: dict[str, Any]) -> NoReturn:
        raise RuntimeError(f"cannot call {tool!r}: the worker is ending")

    call_blocking = call
    stream = call
