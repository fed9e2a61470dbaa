"""The host's side of sessions in miniature: it answers what a worker asks about variables and programs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Callable, Optional

from client import Frame, Host

#: What a host tool does with the call that a worker made.
Handler = Callable[[Frame], Any]


class Refused(Exception):
    """Travels as an error of this type."""

    def __init__(self, type: str, message: str = "no") -> None:
        super().__init__(message)
        self.type = type
        self.message = message


class SessionHost:
    """Runs tools in a session and answers their questions; ``asked`` is what they were, in order."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.variables: dict[str, Frame] = {}
        self.programs: dict[tuple[bool, str], Any] = {}
        self.asked: list[Frame] = []
        self.tools: dict[str, Handler] = {
            "snakepit.variables.register": self._register,
            "snakepit.variables.get": self._get,
            "snakepit.variables.update": self._update,
            "snakepit.variables.list": lambda _asked: list(self.variables.values()),
            "snakepit.variables.delete": self._delete,
            "snakepit.programs.store": self._store_program,
            "snakepit.programs.get": self._get_program,
            "snakepit.programs.list": self._list_programs,
            "snakepit.programs.delete": lambda asked: bool(self.programs.pop(_program(asked), False)),
        }

    def put(self, name: str, value: Any, type: str = "integer") -> None:
        """As if TypeScript wrote it."""
        version = self.variables.get(name, {"version": 0})["version"] + 1
        self.variables[name] = {
            "name": name,
            "type": type,
            "value": value,
            "constraints": {},
            "version": version,
            "updated_at": {"$": "date", "value": "2026-01-31T12:00:00+00:00"},
        }

    def value(self, name: str) -> Any:
        return self.variables[name]["value"]

    def names(self) -> list[str]:
        """The tools that were asked for, without their common beginning."""
        return [frame["tool"].replace("snakepit.", "") for frame in self.asked]

    def run(self, tool: str, args: Optional[Mapping[str, Any]] = None, **fields: Any) -> Any:
        """The result of a tool; by default in session ``s``."""
        frame = self.finish(self.host.call(tool, args, **{"session": "s", **fields}))
        assert frame["type"] == "result", frame
        return frame["value"]

    def error(self, tool: str, args: Optional[Mapping[str, Any]] = None, **fields: Any) -> Frame:
        frame = self.finish(self.host.call(tool, args, **{"session": "s", **fields}))
        assert frame["type"] == "error", frame
        error: Frame = frame["error"]
        return error

    def finish(self, call: int) -> Frame:
        """Answers whatever is asked until this call has its terminal frame."""
        while True:
            frame = self.host.next(
                lambda frame: (
                    frame["type"] == "call"
                    or (frame["type"] in ("result", "error", "chunk") and frame["id"] == call)
                )
            )
            if frame["type"] != "call":
                if frame["type"] != "chunk" or frame.get("final"):
                    return frame
                continue
            self.answer(frame)

    def answer(self, asked: Frame) -> None:
        self.asked.append(asked)
        try:
            self.host.answer(asked, self.tools[asked["tool"]](asked))
        except Refused as error:
            fields = {"code": "tool_error", "type": error.type, "message": error.message}
            self.host.send({"type": "error", "id": asked["id"], "error": fields})

    def _register(self, asked: Frame) -> Frame:
        args = asked["args"]
        if args["type"] == "choice" and args["value"] not in args["constraints"]["choices"]:
            raise Refused("InvalidVariable", f"{args['name']} is none of its choices")
        self.put(args["name"], inline(args["value"], asked), args["type"])
        self.variables[args["name"]]["constraints"] = args.get("constraints", {})
        return self.variables[args["name"]]

    def _get(self, asked: Frame) -> Frame:
        found = {name: self._find(name) for name in asked["args"]["names"]}
        if asked["args"].get("values") is False:
            return {name: {**variable, "value": None} for name, variable in found.items()}
        return found

    def _update(self, asked: Frame) -> Frame:
        updates = asked["args"]["updates"]
        for name in updates:
            self._find(name)
        for name, value in updates.items():
            self.put(name, inline(value, asked), self.variables[name]["type"])
        return {name: self.variables[name] for name in updates}

    def _delete(self, asked: Frame) -> int:
        return sum(self.variables.pop(name, None) is not None for name in asked["args"]["names"])

    def _find(self, name: str) -> Frame:
        if name not in self.variables:
            raise Refused("UnknownVariable", f"there is no variable {name}")
        return self.variables[name]

    def _store_program(self, asked: Frame) -> None:
        self.programs[_program(asked)] = asked["args"]["program"]

    def _list_programs(self, asked: Frame) -> list[str]:
        return [id for is_global, id in self.programs if is_global == _is_global(asked)]

    def _get_program(self, asked: Frame) -> Any:
        if _program(asked) not in self.programs:
            raise Refused("UnknownProgram")
        return self.programs[_program(asked)]


def inline(value: Any, frame: Frame) -> Any:
    """A value whose binary parts stand in the frame itself, so that it can be sent back as it is."""
    if isinstance(value, list):
        return [inline(item, frame) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" in value and "at" in value:
        data = base64.b64encode(frame["attachments"][value["at"]]).decode()
        return {**{key: item for key, item in value.items() if key != "at"}, "base64": data}
    return {key: inline(item, frame) for key, item in value.items()}


def _is_global(asked: Frame) -> bool:
    return asked["args"].get("global") is True


def _program(asked: Frame) -> tuple[bool, str]:
    return _is_global(asked), asked["args"]["id"]
