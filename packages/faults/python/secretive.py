"""Tools that know secrets, and fail in many ways."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from snakepit_bridge import SessionContext

log = logging.getLogger("app\x1b[31m")


class Secretive:
    def __init__(self) -> None:
        if os.environ.get("REFUSE"):
            raise RuntimeError("the adapter does not like its environment")

    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: Any) -> Any:
        return value

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def modules(self) -> list[str]:
        """All that this process has imported."""
        return sorted(sys.modules)

    def fails(self) -> None:
        raise ValueError("no secret in here")

    def dies(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def unsendable(self) -> Any:
        return {"text": "\ud800"}

    def write(self, text: str) -> None:
        print(text)
        sys.stderr.write(text + "\n")
        log.warning("%s", text)

    def keep(self, ctx: SessionContext, name: str, value: str) -> None:
        ctx.register_variable(name, "string", value)
        ctx.programs.store(name, {"text": value})

    def look(self, ctx: SessionContext, name: str) -> list[str]:
        """What the errors say about things of this name."""
        said: list[str] = []
        for find in (ctx.get_variable, ctx.programs.get, ctx.call_host_tool):
            try:
                said.append(f"found {find(name)!r}")
            except Exception as error:
                said.append(f"{type(error).__name__}: {error}")
        return said
