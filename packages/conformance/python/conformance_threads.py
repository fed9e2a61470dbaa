"""The same tools for workers that run them in threads, where a tool that computes looks whether to stop."""

from __future__ import annotations

import logging

from conformance_adapter import ConformanceAdapter

from snakepit_bridge import CallCancelled, SessionContext, tool

log = logging.getLogger("conformance")


class ThreadedConformanceAdapter(ConformanceAdapter):
    __thread_safe__ = True

    @tool
    def spin(self, ctx: SessionContext) -> None:  # type: ignore[override]
        log.info("spinning")
        try:
            while not ctx.cancelled:
                pass
            raise CallCancelled("nobody waits")
        finally:
            self.lines.append("spin stopped")
