"""A worker without the bridge: the protocol on stdin and stdout, in JSON, one thing at a time."""

from __future__ import annotations

import base64
import inspect
import json
import math
import os
import time
from collections import deque
from typing import Any, Callable

from basic_tools import STREAMING, UNARY, Marked

Frame = dict[str, Any]
SAFE = 2**53 - 1
TOOLS = {tool.__name__: tool for tool in UNARY + STREAMING}

# Whatever prints from here on, prints to stderr.
source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
os.dup2(2, 1)


class Refusal(Exception):
    """Answers a call with an error of this code."""


def encode(value: Any) -> Any:
    if type(value) is int and abs(value) > SAFE:
        return {"$": "bigint", "value": str(value)}
    if type(value) is float and not math.isfinite(value):
        return {"$": "float", "value": str(value).replace("inf", "Infinity").replace("nan", "NaN")}
    if type(value) is float and (abs(value) > SAFE or (value == 0 and math.copysign(1, value) < 0)):
        return {"$": "float", "value": repr(value) if value else "-0"}
    if type(value) is bytes:
        return {"$": "bytes", "base64": base64.b64encode(value).decode()}
    if type(value) is list:
        return [encode(item) for item in value]
    if type(value) is not dict:
        return value
    items = {key: encode(item) for key, item in value.items()}
    return {"$": "map", "value": items} if "$" in items else items


def decode(value: Any) -> Any:
    if type(value) is list:
        return [decode(item) for item in value]
    if type(value) is not dict:
        return value
    tag = value.get("$")
    if tag in DECODERS:
        return DECODERS[tag](value)
    return {key: decode(item) for key, item in value.items()}


DECODERS: dict[Any, Callable[[Frame], Any]] = {
    "bigint": lambda tagged: int(tagged["value"]),
    "float": lambda tagged: float(tagged["value"]),
    "bytes": lambda tagged: base64.b64decode(tagged["base64"]),
    "map": lambda tagged: {key: decode(item) for key, item in tagged["value"].items()},
}


def send(frame: Frame) -> int:
    """Returns the frame's size."""
    line = json.dumps(frame, ensure_ascii=False, allow_nan=False).encode()
    rest = line + b"\n"
    while rest:
        rest = rest[sink.write(rest) :]
    return len(line)


def answer_error(id: int, code: str, type: str, message: str) -> None:
    send({"type": "error", "id": id, "error": {"code": code, "type": type, "message": message}})


def number(least: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= SAFE


def a(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def texts(value: Any) -> bool:
    return type(value) is dict and all(type(text) is str for text in value.values())


def described(value: Any) -> bool:
    return type(value) is dict and {"code", "type", "message"} <= value.keys()


REQUIRED: dict[str, dict[str, Callable[[Any], bool]]] = {
    "call": {"id": number(1), "tool": a(str), "args": a(dict)},
    "cancel": {"id": number(1)},
    "credit": {"id": number(1), "n": number(0)},
    "ping": {"nonce": number(-SAFE)},
    "drain": {"graceMs": lambda value: type(value) in (int, float)},
    "result": {"id": number(1)},
    "error": {"id": number(1), "error": described},
}
OPTIONAL = {"stream": a(bool), "recall": a(bool), "credit": number(0), "meta": texts, "session": a(str)}


def check(frame: Frame) -> None:
    """Exits when the host breaks the protocol."""
    kind = frame.get("type")
    fields = REQUIRED.get(kind) if type(kind) is str else None
    if fields is None and not str(kind).startswith("x-"):
        raise SystemExit(f"an unknown frame type {kind!r}")
    for name, test in (fields or {}).items():
        if name not in frame or not test(frame[name]):
            raise SystemExit(f"{kind}: {name} is missing or wrong")
    for name, test in OPTIONAL.items():
        if frame.get(name) is not None and not test(frame[name]):
            raise SystemExit(f"{kind}: {name} is wrong")


class Worker:
    def __init__(self) -> None:
        self.waiting: deque[Frame] = deque()
        self.running: Frame = {}
        self.draining = False

    def serve(self) -> None:
        while self.waiting or not self.draining:
            if self.waiting:
                self.run(self.waiting.popleft())
            else:
                self.read()

    def read(self) -> None:
        line = source.readline()
        if not line:
            raise SystemExit(0)
        frame = json.loads(line)
        check(frame)
        kind, id = frame["type"], frame.get("id")
        if kind == "call":
            self.waiting.append({**frame, "arrived": time.monotonic(), "credit": frame.get("credit", 64)})
        elif kind == "ping":
            send({"type": "pong", "nonce": frame["nonce"]})
        elif kind == "drain":
            self.draining = True
        elif kind == "credit" and id == self.running.get("id"):
            self.running["credit"] += frame["n"]
        elif kind == "cancel":
            self.cancel(frame)

    def cancel(self, frame: Frame) -> None:
        for call in [call for call in self.waiting if call["id"] == frame["id"]]:
            self.waiting.remove(call)
            answer_error(call["id"], "not_started", "NotStarted", "taken back")
        if frame["id"] == self.running.get("id") and not frame.get("recall"):
            self.running["cancelled"] = True

    def run(self, call: Frame) -> None:
        self.running = call
        try:
            self.answer(call)
        except Refusal as refusal:
            answer_error(call["id"], str(refusal.args[0]), "Refusal", str(refusal))
        except Exception as error:
            answer_error(call["id"], "tool_error", type(error).__name__, str(error))
        self.running = {}

    def answer(self, call: Frame) -> None:
        tool = TOOLS.get(call["tool"])
        if call.get("deadlineMs", math.inf) <= (time.monotonic() - call["arrived"]) * 1000:
            raise Refusal("deadline_exceeded")
        if call["tool"] == "context":
            value: Any = {"session": call.get("session"), "meta": call.get("meta", {})}
        elif tool is None:
            raise Refusal("unknown_tool", call["tool"])
        elif tool in STREAMING and not call.get("stream"):
            raise Refusal("invalid_parameter", "it streams")
        else:
            value = tool(**self.arguments(tool, call["args"]))
        if tool in STREAMING:
            self.stream(call, value)
        elif call.get("stream"):
            self.chunk(call, 0, value, {"synthetic_final": "true"}, True)
        else:
            send({"type": "result", "id": call["id"], "value": encode(value)})

    def arguments(self, tool: Callable[..., Any], args: Frame) -> Frame:
        try:
            inspect.signature(tool).bind(**args)
        except TypeError as error:
            raise Refusal("invalid_parameter", str(error)) from None
        return {name: decode(value) for name, value in args.items()}

    def stream(self, call: Frame, items: Any) -> None:
        seq, value = 0, None
        try:
            while True:
                try:
                    item = next(items)
                except StopIteration as stop:
                    value = stop.value
                    break
                self.wait_for_credit(call)
                if isinstance(item, Marked):
                    self.chunk(call, seq, item.data, item.meta, item.final)
                    if item.final:
                        return
                else:
                    self.chunk(call, seq, item, {}, False)
                seq += 1
            if value is not None:
                self.wait_for_credit(call)
            self.chunk(call, seq, value, {"synthetic_final": "true"}, True)
        finally:
            items.close()

    def wait_for_credit(self, call: Frame) -> None:
        while call["credit"] <= 0 and not call.get("cancelled"):
            self.read()
        if call.get("cancelled"):
            raise Refusal("cancelled")

    def chunk(self, call: Frame, seq: int, value: Any, meta: dict[str, str], final: bool) -> None:
        frame = {"type": "chunk", "id": call["id"], "seq": seq, "value": encode(value), "meta": meta}
        size = send({**frame, "final": True} if final else frame)
        call["credit"] -= max(1, math.ceil(size / 65536))


def declare(tool: Callable[..., Any]) -> Frame:
    parameters = [
        {
            "name": parameter.name,
            "type": {"int": "integer", "str": "string"}.get(str(parameter.annotation), "any"),
            "required": parameter.default is parameter.empty,
        }
        for parameter in inspect.signature(tool).parameters.values()
    ]
    return {"name": tool.__name__, "streaming": tool in STREAMING, "parameters": parameters}


def main() -> None:
    offer = json.loads(os.environ["SNAKEPIT_OFFER"])
    better = offer[: offer.index("json")] if "json" in offer else offer
    skipped = [{"transport": name, "reason": "this worker speaks JSON only"} for name in better]
    if "json" not in offer:
        error = {"code": "unavailable", "type": "NoTransport", "message": "this worker speaks JSON only"}
        send({"snakepit": 1, "error": error, "skipped": skipped})
        return
    tools = [*map(declare, TOOLS.values()), {"name": "context"}]
    hello = {"snakepit": 1, "transport": "json", "features": ["stream"], "tools": tools, "skipped": skipped}
    send({**hello, "pid": os.getpid()})
    welcome = source.readline()
    if welcome and json.loads(welcome)["snakepit"] == 1:
        Worker().serve()


main()
