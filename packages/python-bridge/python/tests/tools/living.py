"""Adapters whose instances live as long as a session, or as a call."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

from snakepit_bridge import BaseAdapter, BaseCommandHandler, SessionContext, tool

#: What happened, in order; of all instances in this worker.
events: list[str] = []
instances: weakref.WeakSet[Any] = weakref.WeakSet()


class Living(BaseAdapter):
    made = 0

    def __init__(self) -> None:
        Living.made += 1
        self.number = Living.made
        self.calls = 0
        self.announced: list[str | None] = []
        instances.add(self)
        events.append(f"made {self.number}")

    def initialize(self) -> None:
        events.append(f"initialized {self.number} {self.adapter_args}")

    def cleanup(self) -> None:
        events.append(f"cleaned {self.number}")
        logging.getLogger("living").info("cleaned %d", self.number)

    def set_session_context(self, context: SessionContext) -> None:
        self.announced.append(context.session_id)

    @tool
    def count(self) -> Any:
        self.calls += 1
        return [self.number, self.calls]

    @tool
    async def count_async(self) -> Any:
        await asyncio.sleep(0)
        return self.count()

    @tool
    def seen(self) -> Any:
        return self.announced

    @tool
    def fail(self) -> None:
        raise ValueError(str(self.number))

    @tool
    def stream(self, n: int = 2) -> Iterator[int]:
        for _ in range(n):
            yield self.number

    @tool
    async def stream_async(self, n: int = 2) -> AsyncIterator[int]:
        for _ in range(n):
            yield self.number

    @tool
    def ask(self, ctx: SessionContext) -> Any:
        return [self.number, ctx.call_host_tool("help")]

    @tool
    async def ask_async(self, ctx: SessionContext) -> Any:
        return [self.number, await ctx.call_host_tool("help")]

    @staticmethod
    @tool
    def alive() -> Any:
        """How many instances there are beside the one that is asked."""
        gc.collect()
        return len(instances)

    @tool
    def what_happened(self) -> list[str]:
        return events


class Shared(Living):
    """One instance serves all sessions, and keeps something for each."""

    def cleanup_session(self, session_id: str) -> None:
        events.append(f"forgot {session_id}")
        if session_id == "bad":
            raise ValueError("cannot forget")


class SharedAsync(Shared):
    async def cleanup_session(self, session_id: str) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().cleanup_session(session_id)


class OfSession(Living):
    lifecycle = "session"


class Quiet(OfSession):
    """Says nothing when it is cleaned up."""

    def cleanup(self) -> None:
        events.clear()


class OfRequest(Living):
    lifecycle = "request"


class Async(Living):
    """Its hooks take a turn of the loop."""

    async def initialize(self) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().initialize()

    async def cleanup(self) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().cleanup()


class OfSessionAsync(Async):
    lifecycle = "session"


class OfRequestAsync(Async):
    lifecycle = "request"


class OfRequestSlow(OfRequest):
    """Asks the host while it cleans up."""

    async def cleanup(self) -> None:  # type: ignore[override]
        if self.session_context is not None:
            await self.session_context.call_host_tool("help")
        super().cleanup()

    @tool
    async def cancel_itself(self) -> None:
        """Too late for the tool, whose next ``await`` there is none of."""
        task = asyncio.current_task()
        assert task is not None
        task.cancel()


class OfSessionOnLoop(OfSession):
    """What it makes belongs to the loop that it was initialized on."""

    async def initialize(self) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        if self.number == 2 and "--fail" in self.adapter_args:
            raise OSError("not this time")
        super().initialize()
        self.loop = asyncio.get_running_loop()

    @tool
    async def on_its_loop(self) -> bool:
        return self.loop is asyncio.get_running_loop()


class OfSessionLeaving(OfSession):
    """Says whose instance it was, and that nobody can be asked any more."""

    async def cleanup(self) -> None:  # type: ignore[override]
        context = self.session_context
        try:
            answer = None if context is None else context.call_host_tool("help")
        except RuntimeError as error:
            answer = str(error)
        logging.getLogger("living").info("%s: %s", context and context.session_id, answer)


class Odd(Living):
    lifecycle = "forever"


class Failing(Living):
    lifecycle = "session"

    def initialize(self) -> None:
        super().initialize()
        if self.number == 2:
            raise OSError("not this time")

    def cleanup(self) -> None:
        super().cleanup()
        raise OSError("cannot clean up")


class FailingRequest(Failing):
    lifecycle = "request"


class FailingAsync(Living):
    lifecycle = "session"

    async def cleanup(self) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        raise OSError("cannot clean up")


class Dispatching:
    """Knows its tools itself."""

    lifecycle = "session"

    def __init__(self) -> None:
        self.calls = 0

    def execute_tool(self, tool_name: str, arguments: Any, context: SessionContext) -> Any:
        self.calls += 1
        return [tool_name, context.session_id, self.calls]


class Commands:
    """Without any base class."""

    lifecycle = "session"

    def __init__(self) -> None:
        self.calls = 0

    def execute_count(self, args: Any) -> Any:
        self.calls += 1
        return self.calls


class Registered(BaseCommandHandler):
    """Its command holds on to the instance that registered it."""

    lifecycle = "session"
    calls = 0

    def _register_commands(self) -> None:
        self.register_command("count", lambda _args: self._count())

    def _count(self) -> int:
        self.calls += 1
        return self.calls


class Asking(BaseAdapter):
    """Calls the host while it is made."""

    lifecycle = "session"

    def set_session_context(self, context: SessionContext) -> None:
        self.context = context

    def initialize(self) -> None:
        if self.session_context is not None:
            self.session_context.call_host_tool("help")

    @tool
    def echo(self, value: Any) -> Any:
        return value
