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
Tool = Callable[..., Any]
SAFE = 2**53 - 1
TOOLS = {tool.__name__: tool for tool in UNARY + STREAMING}

# Whatever prints from here on, prints to stderr.
source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)


class Refusal(Exception):
    """Answers a call with an error of this code."""


def encode(value: Any) -> Any:
    if type(value) is int and abs(value) > SAFE:
        return {"$": "bigint", "value": str(value)}
    if type(value) is float and (value != value or abs(value) > SAFE or str(value) == "-0.0"):
        return {"$": "float", "value": "NaN" if value != value else repr(value).replace("inf", "Infinity")}
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
    tag: Any = value.get("$")
    content: Any = value.get("value")
    if tag is None:
        return {key: decode(item) for key, item in value.items()}
    if tag == "map":
        return {key: decode(item) for key, item in content.items()}
    if tag == "bytes":
        return base64.b64decode(value["base64"])
    return {"bigint": int, "float": float}[tag](content)


def send(frame: Frame) -> int:
    """Returns the frame's size."""
    line = json.dumps(frame, allow_nan=False).encode()
    sink.write(line + b"\n")
    sink.flush()
    return len(line)


def answer_error(call: Frame, code: str, type: str, message: str) -> None:
    send({"type": "error", "id": call["id"], "error": {"code": code, "type": type, "message": message}})


class Worker:
    def __init__(self) -> None:
        self.waiting: deque[Frame] = deque()
        self.running: Frame = {"id": None, "credit": 0}
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
            raise SystemExit
        frame = json.loads(line)
        kind, mine = frame["type"], frame.get("id") == self.running["id"]
        if kind == "call":
            self.waiting.append({"credit": 64, "arrived": time.monotonic(), **frame})
        elif kind == "ping":
            send({"type": "pong", "nonce": frame["nonce"]})
        elif kind == "drain":
            self.draining = True
        elif kind == "credit" and mine:
            self.running["credit"] += frame["n"]
        elif kind == "cancel" and mine and not frame.get("recall"):
            self.running["cancelled"] = True

    def run(self, call: Frame) -> None:
        self.running = call
        try:
            self.answer(call)
        except Refusal as refusal:
            answer_error(call, refusal.args[0], "Refusal", str(refusal))
        except Exception as error:
            answer_error(call, "tool_error", type(error).__name__, str(error))

    def answer(self, call: Frame) -> None:
        if call.get("deadlineMs", math.inf) <= (time.monotonic() - call["arrived"]) * 1000:
            raise Refusal("deadline_exceeded")
        tool = TOOLS.get(call["tool"])
        if call["tool"] == "context":
            value: Any = {"session": call.get("session"), "meta": call.get("meta", {})}
        elif tool is None:
            raise Refusal("unknown_tool")
        elif tool in STREAMING and not call.get("stream"):
            raise Refusal("invalid_parameter")
        else:
            value = tool(**arguments(tool, call["args"]))
        if tool in STREAMING:
            self.stream(call, value)
        elif call.get("stream"):
            self.chunk(call, 0, Marked(value, True, {"synthetic_final": "true"}))
        else:
            send({"type": "result", "id": call["id"], "value": encode(value)})

    def stream(self, call: Frame, items: Any) -> None:
        seq, final = 0, False
        try:
            while not final:
                try:
                    item = next(items)
                    chunk = item if isinstance(item, Marked) else Marked(item, False, {})
                except StopIteration as stop:
                    chunk = Marked(stop.value, True, {"synthetic_final": "true"})
                if chunk.data is not None:
                    self.wait_for_credit(call)
                self.chunk(call, seq, chunk)
                seq, final = seq + 1, chunk.final
        finally:
            items.close()

    def wait_for_credit(self, call: Frame) -> None:
        while call["credit"] <= 0:
            self.read()
            if call.get("cancelled"):
                raise Refusal("cancelled")

    def chunk(self, call: Frame, seq: int, chunk: Marked) -> None:
        frame = {"type": "chunk", "id": call["id"], "seq": seq, "value": encode(chunk.data)}
        size = send({**frame, "final": chunk.final, "meta": chunk.meta})
        call["credit"] -= max(1, math.ceil(size / 65536))


def arguments(tool: Tool, args: Frame) -> Frame:
    try:
        inspect.signature(tool).bind(**args)
    except TypeError as error:
        raise Refusal("invalid_parameter") from error
    return {name: decode(value) for name, value in args.items()}


def declare(tool: Tool) -> Frame:
    types = {"int": "integer", "str": "string"}
    parameters = [
        {"name": name, "type": types.get(spec.annotation, "any"), "required": spec.default is spec.empty}
        for name, spec in inspect.signature(tool).parameters.items()
    ]
    return {"name": tool.__name__, "streaming": tool in STREAMING, "parameters": parameters}


def main() -> None:
    offer = json.loads(os.environ["SNAKEPIT_OFFER"])
    better = offer[: offer.index("json")] if "json" in offer else offer
    common = {"snakepit": 1, "skipped": [{"transport": name, "reason": "JSON only"} for name in better]}
    if "json" not in offer:
        error = {"code": "unavailable", "type": "NoTransport", "message": "this worker speaks JSON only"}
        send({**common, "error": error})
        return
    tools = [*map(declare, TOOLS.values()), {"name": "context"}]
    send({**common, "transport": "json", "features": ["stream"], "tools": tools})
    welcome = source.readline()
    if welcome and json.loads(welcome)["snakepit"] == 1:
        Worker().serve()


main()
