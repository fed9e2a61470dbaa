"""The tools that use sessions; `src/session-tools.ts` has the same in TypeScript."""

from __future__ import annotations

from typing import Any, ClassVar

from conformance_values import difference
from conformance_variables import VARIABLES

from snakepit_bridge import SessionContext, tool


class SessionTools:
    #: Of the worker, whichever instance serves a call.
    lines: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.kept: Any = None
        self.session: str | None = None

    def cleanup(self) -> None:
        if self.session is not None:
            self.lines.append(f"{self.session} ended")

    @tool
    def remember(self, value: Any, ctx: SessionContext) -> None:
        """Keeps something in the worker until the session ends."""
        self.kept, self.session = value, ctx.session_id

    @tool
    def recall(self) -> Any:
        return self.kept

    @tool
    def write_variable(self, name: str, ctx: SessionContext) -> None:
        variable = VARIABLES[name]
        ctx.register_variable(name, variable.type, variable.value, variable.constraints)

    @tool
    def read_variable(self, name: str, ctx: SessionContext) -> str:
        variable = VARIABLES[name]
        expected = variable.value if variable.reads is None else variable.reads
        return difference(expected, ctx[name]) or "the same"

    @tool
    def update_variables(self, updates: dict[str, Any], ctx: SessionContext) -> None:
        with ctx.batch_updates():
            for name, value in updates.items():
                ctx[name] = value

    @tool
    def create_program(self, **fields: Any) -> dict[str, Any]:
        return {"program_id": "made", "fields": len(fields)}

    @tool
    def execute_program(self, **given: Any) -> dict[str, Any]:
        return given

    @tool
    def program(self, id: str, ctx: SessionContext) -> Any:
        return ctx.programs.get(id)
