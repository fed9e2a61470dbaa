"""Counts the calls that reach the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Optional

from snakepit_bridge import SessionContext


class Counting:
    def __init__(self) -> None:
        self.reached = 0

    def set_session_context(self, context: SessionContext) -> None:
        """Called before each tool: whatever reaches the worker is counted."""
        self.reached += 1

    def seen(self) -> int:
        """Calls that reached the worker before this one."""
        return self.reached - 1

    def add(self, a: int, b: float = 1.5) -> float:
        return a + b

    def plan(self, rows: list[dict[str, datetime]], mode: Literal["fast", "slow"] = "fast") -> int:
        return len(rows)

    def optional(self, name: Optional[str] = None, data: bytes = b"", flag: bool = False) -> Any:
        return [name, len(data), flag]

    def anything(self, value: Any = None, **extra: Any) -> Any:
        return {"value": value, "extra": extra}

    def stream(self, n: int) -> Any:
        yield from range(n)
