"""A worker without the bridge: the protocol on stdin and stdout, in JSON, one thing at a time."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import time
from typing import Any

from basic_tools import TOOLS, Marked

Frame = dict[str, Any]
SAFE = 2**53 - 1
waiting: list[Frame] = []

# Whatever prints from here on, prints to stderr.
source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Refusal(Exception):
    """Answers a call with an error of this code."""


def encode(value: Any) -> Any:
    if type(value) is list:
        return [encode(item) for item in value]
    if type(value) is dict:
        items = {key: encode(item) for key, item in value.items()}
        return {"$": "map", "value": items} if "$" in items else items
    if type(value) is bytes:
        return {"$": "bytes", "base64": base64.b64encode(value).decode()}
    if type(value) is int and abs(value) > SAFE:
        return {"$": "bigint", "value": str(value)}
    if type(value) is float and (not abs(value) <= SAFE or str(value) == "-0.0"):
        return {"$": "float", "value": str(value).replace("nan", "NaN").replace("inf", "Infinity")}
    return value


def decode(value: Any) -> Any:
    if type(value) is list:
        return [decode(item) for item in value]
    if type(value) is not dict:
        return value
    tag = value.get("$")
    if tag == "bytes":
        return base64.b64decode(value["base64"])
    if tag in ("bigint", "float"):
        return (int if tag == "bigint" else float)(value["value"])
    items = value["value"] if tag == "map" else value
    return {key: decode(item) for key, item in items.items()}


def send(frame: Frame) -> int:
    """Returns the frame's size."""
    line = json.dumps(frame)
    print(line, file=sink, flush=True)
    return len(line)


def receive() -> Frame:
    """The next frame that is no ping."""
    for line in source:
        frame: Frame = json.loads(line)
        if frame["type"] != "ping":
            return {**frame, "deadline": time.monotonic() + frame.get("deadlineMs", math.inf) / 1000}
        send({"type": "pong", "nonce": frame["nonce"]})
    raise SystemExit


def serve() -> None:
    while True:
        frame = waiting.pop(0) if waiting else receive()
        if frame["type"] == "drain":
            return
        if frame["type"] == "call":
            answer(frame)


def answer(call: Frame) -> None:
    try:
        if call.get("stream"):
            stream(call)
        else:
            send({"type": "result", "id": call["id"], "value": encode(next(run(call)).data)})
    except Exception as error:
        code = error.args[0] if isinstance(error, Refusal) else "tool_error"
        fields = {"code": code, "type": type(error).__name__, "message": str(error)}
        send({"type": "error", "id": call["id"], "error": fields})


def run(call: Frame) -> Any:
    """Yields what the tool yields, and last what it returns."""
    tool, args = TOOLS.get(call["tool"]), decode(call["args"])
    if call["deadline"] <= time.monotonic():
        raise Refusal("deadline_exceeded")
    if call["tool"] == "context":
        value: Any = {"session": call.get("session"), "meta": call.get("meta", {})}
    elif tool is None:
        raise Refusal("unknown_tool")
    elif not tool.accepts(args) or tool.streams > call.get("stream", False):
        raise Refusal("invalid_parameter")
    else:
        value = (yield from tool.function(**args)) if tool.streams else tool.function(**args)
    yield Marked(value, True, {"synthetic_final": "true"})


def stream(call: Frame) -> None:
    credit = call.get("credit", 1024)
    with contextlib.closing(run(call)) as items:
        for seq, item in enumerate(items):
            chunk = item if isinstance(item, Marked) else Marked(item, False, {})
            while credit <= 0 and not (chunk.final and chunk.data is None):
                credit += more_credit(call)
            frame = {"type": "chunk", "id": call["id"], "seq": seq, "value": encode(chunk.data)}
            credit -= math.ceil(send({**frame, "final": chunk.final, "meta": chunk.meta}) / 4096)
            if chunk.final:
                return


def more_credit(call: Frame) -> int:
    frame = receive()
    if frame["type"] in ("call", "drain"):
        waiting.append(frame)
    elif frame["type"] == "cancel" and frame["id"] == call["id"] and not frame.get("recall"):
        raise Refusal("cancelled")
    return frame["n"] if frame["type"] == "credit" and frame["id"] == call["id"] else 0


offer = json.loads(os.environ["SNAKEPIT_OFFER"])
better = offer[: offer.index("json")] if "json" in offer else offer
hello: Frame = {"snakepit": 1, "skipped": [{"transport": name, "reason": "JSON only"} for name in better]}
if "json" in offer:
    tools = [*(tool.declare() for tool in TOOLS.values()), {"name": "context"}]
    send({**hello, "transport": "json", "features": ["stream"], "tools": tools})
    if json.loads(source.readline() or "{}").get("snakepit") == 1:
        serve()
else:
    send({**hello, "error": {"code": "unavailable", "type": "NoTransport", "message": "JSON only"}})
