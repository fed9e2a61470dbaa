"""Adapters in every style."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from snakepit_bridge.adapters.base import BaseAdapter
from snakepit_bridge.base_adapter import tool
from snakepit_bridge.session_context import SessionContext

if TYPE_CHECKING:
    from nowhere import Unknown  # type: ignore[import-not-found]


class Plain:
    """Nothing of the bridge but the annotation of a parameter."""

    def double(self, value: int) -> int:
        return value * 2

    def whose(self, ctx: SessionContext, prefix: str = "") -> str:
        return f"{prefix}{ctx.session_id}"

    def _private(self) -> None:
        raise AssertionError

    @property
    def dangerous(self) -> None:
        raise AssertionError("a property was read")


class Commands(BaseAdapter):
    """The style of the first guides."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, Any] = {}

    def set_session_context(self, context: SessionContext) -> None:
        self.session_context = context

    async def execute_store(self, args: dict[str, Any]) -> dict[str, Any]:
        assert self.session_context is not None
        self.models[str(self.session_context.session_id)] = args.get("model")
        return {"models": self.models}

    def execute_count(self, args: dict[str, Any]) -> Any:
        for index in range(args.get("n", 2)):
            yield {"index": index}


class Mixed:
    """No mark: every public method is a tool; a command goes before a plain method of its name."""

    def a(self) -> str:
        return "a"

    def order(self) -> None:
        raise AssertionError

    def execute_order(self, order: dict[str, Any]) -> dict[str, Any]:
        return order

    def execute_two(self, first: int, second: int) -> int:
        return first + second


class Marked:
    """A mark: only what is meant as a tool is one."""

    @tool
    def marked(self) -> None: ...

    def execute_order(self, args: dict[str, Any]) -> None: ...

    def helper(self) -> None: ...


class Dispatcher:
    """Knows its tools itself."""

    async def execute_tool(self, tool_name: str, arguments: dict[str, Any], context: SessionContext) -> Any:
        if tool_name == "unknown":
            raise LookupError(tool_name)
        return {"tool": tool_name, "arguments": arguments, "session": context.session_id}


class DispatcherWithTools(BaseAdapter):
    @tool("A declared one")
    def declared(self) -> str:
        return "declared"

    def execute_tool(self, tool_name: str, arguments: dict[str, Any]) -> Any:
        return [tool_name, arguments]


class DispatcherWithCommands:
    def execute_tool(self, tool_name: str) -> None: ...

    def execute_order(self, args: dict[str, Any]) -> None: ...

    def helper(self) -> None: ...


class Hooks:
    """Every hook, async where that is harder."""

    adapter_args: Sequence[str] = ()

    def __init__(self) -> None:
        self.initialized: Optional[Sequence[str]] = None
        self.contexts: list[Optional[str]] = []

    async def initialize(self) -> None:
        self.initialized = self.adapter_args

    async def set_session_context(self, context: SessionContext) -> None:
        self.contexts.append(context.session_id)

    async def cleanup(self) -> None:
        print("cleaned up")

    def seen(self) -> dict[str, Any]:
        return {"adapter_args": self.initialized, "contexts": self.contexts}


class Unresolvable:
    """Hints that cannot be resolved mean 'any'."""

    def work(self, value: Unknown, count: int = 1, ctx: Optional[SessionContext] = None) -> Any:
        return [value, count, ctx is not None]


class Leaving:
    """Leaves work behind that any Python program would finish before it ends."""

    def work(self) -> None:
        threading.Thread(target=self.outlive_main_thread).start()
        atexit.register(print, "an exit hook ran")

    def outlive_main_thread(self) -> None:
        while threading.main_thread().is_alive():
            time.sleep(0.001)
        print("a thread finished")
