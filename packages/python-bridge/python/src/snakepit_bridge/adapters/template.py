"""A starting point: copy this file, rename the class, keep what you need.

``python({ adapter: "./my_adapter.py:TemplateAdapter" })`` serves it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Optional

from snakepit_bridge import BaseAdapter, SessionContext, StreamChunk, telemetry, tool

# Arrives at the host as a log record, as everything that is printed does.
log = logging.getLogger(__name__)


class TemplateAdapter(BaseAdapter):
    """Counts words, and remembers for each session how many."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[Optional[str], int] = {}

    def initialize(self) -> None:
        """Runs before the worker is ready: load models here. What it raises makes the start fail."""
        self.separator: Optional[str] = None

    def cleanup(self) -> None:
        """Runs when the worker ends in an orderly way: close files and connections here."""
        log.info("counted words in %d sessions", len(self.totals))

    # The signature is what callers have to keep to. `ctx` is not a parameter of theirs.
    @tool(description="Count the words of a text")
    def count_words(self, ctx: SessionContext, text: str) -> dict[str, Any]:
        count = len(text.split(self.separator))
        total = self.totals.get(ctx.session_id, 0) + count
        self.totals[ctx.session_id] = total
        return {"words": count, "total": total}

    # A generator streams: each `yield` is a chunk. A cancelled call ends it at a `yield`, or within.
    @tool(description="The words of a text, one by one", supports_streaming=True)
    def stream_words(self, text: str) -> Iterator[StreamChunk]:
        with telemetry.span("words.stream", {"characters": len(text)}):
            for number, word in enumerate(text.split(self.separator), start=1):
                yield StreamChunk({"number": number, "word": word})

    # A coroutine can wait for functions that the host registered.
    @tool(description="Have the host translate a text")
    async def translate(self, ctx: SessionContext, text: str) -> Any:
        return await ctx.call_host_tool("translate", text=text)
