"""Tools that call back into the host, from every kind of place."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from threads import result_in_thread

from snakepit_bridge import BaseAdapter, HostToolError, SessionContext, tool


class Asking(BaseAdapter):
    #: What tools leave behind for a later call to look at.
    notes: list[Any]

    @tool
    def ask(self, ctx: SessionContext, tool: str = "help", **arguments: Any) -> Any:
        return {"answer": ctx.call_host_tool(tool, **arguments)}

    @tool
    async def ask_async(self, ctx: SessionContext, tool: str = "help", **arguments: Any) -> Any:
        return {"answer": await ctx.call_host_tool(tool, **arguments)}

    @tool
    async def ask_both(self, ctx: SessionContext) -> Any:
        return await asyncio.gather(ctx.call_host_tool("left"), ctx.call_host_tool("right"))

    @tool
    def ask_in_thread(self, ctx: SessionContext) -> Any:
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(ctx.call_elixir_tool("help")))
        thread.start()
        thread.join()
        return answers

    @tool
    def ask_in_foreign_loop(self, ctx: SessionContext) -> Any:
        async def main() -> Any:
            return await ctx.call_host_tool("help")

        return asyncio.run(main())

    @tool
    def ask_and_forget(self, ctx: SessionContext) -> str:
        threading.Thread(target=lambda: ctx.call_host_tool("help"), daemon=True).start()
        while not self.notes:
            time.sleep(0.001)
        return "done"

    @tool
    def ask_catching(self, ctx: SessionContext) -> dict[str, Any]:
        try:
            ctx.call_host_tool("help")
        except HostToolError as error:
            return {
                "type": error.type,
                "code": error.code,
                "message": error.message,
                "details": error.details,
                "text": str(error),
            }
        raise AssertionError

    @tool
    def ask_badly(self, ctx: SessionContext) -> None:
        ctx.call_host_tool("help", rows=[{"when": "\ud800"}])

    @tool
    def keep_context(self, ctx: SessionContext) -> None:
        self.kept = ctx

    @tool
    def use_kept_context(self) -> Any:
        return result_in_thread(lambda: self.kept.call_host_tool("help"))

    @tool
    def session(self, ctx: SessionContext) -> dict[str, Any]:
        mine = self.session_context
        assert mine is ctx
        return {"id": ctx.session_id, "metadata": ctx.request_metadata}
