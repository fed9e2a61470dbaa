"""The class that adapters derive from. A plain class works too."""

from __future__ import annotations

from collections.abc import Sequence

from snakepit_bridge.session_context import SessionContext, current_context
from snakepit_bridge.tools import tool

__all__ = ["BaseAdapter", "tool"]


class BaseAdapter:
    """Methods marked with ``@tool`` are callable from the host. One instance lives as long as its worker.

    These hooks are called when a subclass defines them, each as a plain or an async method:
    ``initialize()`` before the worker is ready, ``set_session_context(context)`` before each call, and
    ``cleanup()`` before the worker ends in an orderly way.
    """

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
