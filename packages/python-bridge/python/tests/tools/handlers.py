"""Commands that are registered, in every form; also a script that serves them."""

from __future__ import annotations

import functools
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from snakepit_bridge import BaseCommandHandler, ProtocolHandler, SessionContext, tool
from snakepit_bridge.core import setup_broken_pipe_suppression, setup_graceful_shutdown


def scaled(factor: int, args: dict[str, Any]) -> int:
    result: int = factor * args["value"]
    return result


class Handlers(BaseCommandHandler):
    def _register_commands(self) -> None:
        self.register_command("plain", self.handle_plain, "What it was given")
        self.register_command("waits", self.handle_async)
        self.register_command("streams", self.handle_stream)
        self.register_command("streams.async", self.handle_async_stream)
        self.register_command("scaled", functools.partial(scaled, 3))
        self.register_command("end", lambda args: ending.shutdown())
        self.register_command("spins", self.handle_spin)

    def set_session_context(self, context: SessionContext) -> None:
        self.session = context.session_id

    def handle_plain(self, args: dict[str, Any]) -> dict[str, Any]:
        return {**args, "session": self.session}

    async def handle_async(self, args: dict[str, Any]) -> int:
        """Counts what it was given."""
        return len(args)

    def handle_stream(self, args: dict[str, Any]) -> Iterator[int]:
        yield from range(args["n"])

    def handle_spin(self, args: dict[str, Any]) -> Iterator[str]:
        yield "spinning"
        while True:
            pass

    async def handle_async_stream(self, args: dict[str, Any]) -> AsyncIterator[int]:
        for number in range(args["n"]):
            yield number

    @tool
    def marked(self, value: int) -> int:
        return value


class WithoutSuper(BaseCommandHandler):
    def __init__(self) -> None:
        pass


class BadName(BaseCommandHandler):
    def _register_commands(self) -> None:
        self.register_command("no name", print)


if __name__ == "__main__":
    setup_broken_pipe_suppression()
    print("a script that prints", *sys.argv[1:])
    if "--raise" in sys.argv:
        raise RuntimeError("no license")
    if "--leave" in sys.argv:
        sys.exit("gone")
    ending = ProtocolHandler(Handlers())
    setup_graceful_shutdown(ending)
    if "--never" not in sys.argv:
        ending.run()
        print("cleaned up after serving")
        if "--fail-late" in sys.argv:
            raise RuntimeError("too late for the host")
