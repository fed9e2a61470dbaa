"""The class that adapters derive from. A plain class works too."""

from __future__ import annotations

from collections.abc import Sequence

from snakepit_bridge.session_context import SessionContext, current_context
from snakepit_bridge.tools import tool

__all__ = ["BaseAdapter", "tool"]


class BaseAdapter:
    """Methods marked with ``@tool`` are callable from the host.

    These hooks are called when a subclass defines them, each as a plain or an async method:
    ``initialize()`` before the instance serves its first call, ``set_session_context(context)`` before each
    call, ``cleanup_session(session_id)`` when a session has ended that this worker served, where one instance
    serves them all, and ``cleanup()`` after the last call. What the last two raise is logged.
    """

    #: How long an instance lives.
    #: ``"worker"``: as long as its worker, and it serves all calls.
    #: ``"session"``: from the first call of a session to the session's end. Calls outside of any session
    #: share one more, which is made when the worker starts.
    #: ``"request"``: for one call. One more is constructed at the start, to find the tools; its hooks never
    #: run. Anything else fails the start of the worker.
    lifecycle: str = "worker"

    #: What the command line held beside ``--adapter``; set before ``initialize()``.
    adapter_args: Sequence[str] = ()

    _given_context: SessionContext | None = None

    @property
    def session_context(self) -> SessionContext | None:
        """The context of the call being served; None outside of a call."""
        return current_context() or self._given_context

    @session_context.setter
    def session_context(self, context: SessionContext | None) -> None:
        self._given_context = context
