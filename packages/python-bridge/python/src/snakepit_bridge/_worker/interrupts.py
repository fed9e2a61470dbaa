"""How a tool is stopped, whichever thread it runs in."""

from __future__ import annotations

from typing import Any, Callable, Protocol

from snakepit_bridge._worker.calls import Call

NO_KEYWORDS: dict[str, Any] = {}


class Interrupts(Protocol):
    """Raises ``CallCancelled`` in the tool of a cancelled call, once, and never within the bridge.

    As a context it is what user code enters when it calls into the bridge.
    """

    def install(self) -> None:
        """Once, in the main thread."""

    def stop(self, call: Call) -> None:
        """Marks a call as cancelled and sees to it that its tool learns of it. Safe in every thread."""

    @property
    def in_tool_thread(self) -> bool:
        """Whether this thread runs tools for the bridge: here a cancel is raised, elsewhere it is not."""

    def run(
        self, call: Call, function: Callable[..., Any], positional: Any = (), keywords: Any = NO_KEYWORDS
    ) -> Any:
        """Calls user code from within the bridge. In a tool thread it can be interrupted."""

    def __enter__(self) -> None:
        """User code enters the bridge."""

    def __exit__(self, *_error: object) -> None:
        """And leaves it."""
