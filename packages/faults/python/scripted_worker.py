"""A worker without the bridge, that breaks the protocol on request: each tool but ``echo`` breaks one rule.

It speaks ``json`` or ``msgpack``, the first of those that it is offered, on the private channel.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import struct
import sys
from typing import Any, BinaryIO, Callable

Frame = dict[str, Any]


class Wire:
    """Frames on the private channel."""

    def __init__(self) -> None:
        self.transport: str = json.loads(os.environ["SNAKEPIT_OFFER"])[0]
        self.reader: BinaryIO = open(3, "rb", buffering=0, closefd=False)  # noqa: SIM115

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(3, view) :]

    def line(self) -> Any:
        return json.loads(self.reader.readline())

    def read(self) -> Frame:
        frame: Frame
        if self.transport == "json":
            line = self.reader.readline()
            if not line:
                raise EOFError
            frame = json.loads(line)
            return frame
        import msgpack

        frame = msgpack.unpackb(self._exactly(*struct.unpack(">I", self._exactly(4))))
        return frame

    def encode(self, frame: Frame) -> bytes:
        if self.transport == "json":
            return json.dumps(frame).encode() + b"\n"
        import msgpack

        packed: bytes = msgpack.packb(frame)
        return struct.pack(">I", len(packed)) + packed

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.reader.read(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data


def result(id: int, value: Any) -> Frame:
    return {"type": "result", "id": id, "value": value}


def chunk(id: int, seq: int, final: bool = False) -> Frame:
    return {"type": "chunk", "id": id, "seq": seq, "value": seq, "final": final}


def half_a_frame(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode(result(id, "x" * 100))[:50])
    sys.exit(0)


def too_long(wire: Wire, id: int, args: Frame) -> None:
    """Names a length, and sends nothing of it."""
    if wire.transport == "msgpack":
        wire.send(struct.pack(">I", 2**32 - 1))
    else:
        wire.send(b'{"type":"result","id":%d,"value":{"$":"bytes","at":0},"attach":[%d]}\n' % (id, 2**50))


def too_long_attachment(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode({**result(id, None), "attach": [2**30, 2**30]}))


def unknown_type(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode({"type": "teleport", "id": id}))


def twice(wire: Wire, id: int, args: Frame) -> None:
    error = {"code": "tool_error", "type": "ValueError", "message": "too late"}
    wire.send(wire.encode(result(id, "first")) + wire.encode(result(id, "second")))
    wire.send(wire.encode({"type": "error", "id": id, "error": error}))


def ends_in_stream(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode(chunk(id, 0)) + wire.encode(chunk(id, 1)))
    os._exit(0)


def goes_on(wire: Wire, id: int, args: Frame) -> None:
    """Two chunks behind the final one."""
    wire.send(b"".join(wire.encode(chunk(id, seq, seq == 1)) for seq in range(4)))


def gap(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode(chunk(id, 0)) + wire.encode(chunk(id, 2)))


def stranger(wire: Wire, id: int, args: Frame) -> None:
    """Answers calls that were answered or never made, then the right one."""
    others = (id - 1 or 2**40, id + 1000, 2**53 - 1)
    wire.send(b"".join(wire.encode(result(other, "not yours")) for other in others))
    wire.send(wire.encode(result(id, "yours")))


def not_utf8(wire: Wire, id: int, args: Frame) -> None:
    good = wire.encode(result(id, "caf~"))
    wire.send(good.replace(b"~", b"\xe9"))


def garbage(wire: Wire, id: int, args: Frame) -> None:
    """Bytes that mean nothing, or a frame with some of its bytes changed; then the end."""
    random_ = random.Random(args["seed"])
    frame = bytearray(wire.encode({**result(id, {"a": [1.5, "text", None, True]}), "meta": {"k": "v"}}))
    if random_.random() < 0.3:
        frame = bytearray(random_.randbytes(random_.randrange(1, 2000)))
    for _ in range(random_.randrange(1, 8)):
        frame[random_.randrange(len(frame))] = random_.randrange(256)
    wire.send(bytes(frame))
    sys.exit(0)


def echo(wire: Wire, id: int, args: Frame) -> None:
    wire.send(wire.encode(result(id, args.get("value"))))


Tool = Callable[[Wire, int, Frame], None]
TOOLS: dict[str, Tool] = {
    tool.__name__: tool
    for tool in (
        *(half_a_frame, too_long, too_long_attachment, unknown_type, twice, ends_in_stream, goes_on, gap),
        *(stranger, not_utf8, garbage, echo),
    )
}


def main() -> None:
    wire = Wire()
    version = int(os.environ.get("SPOKEN_VERSION", "1"))
    features = ["stream", "cancel", "attachments"]
    hello = {"snakepit": version, "transport": wire.transport, "pid": os.getpid(), "features": features}
    wire.send(json.dumps(hello).encode() + b"\n")
    wire.line()
    while True:
        frame = wire.read()
        if frame["type"] == "call":
            TOOLS[frame["tool"]](wire, frame["id"], frame["args"])
        elif frame["type"] == "ping":
            wire.send(wire.encode({"type": "pong", "nonce": frame["nonce"]}))
        elif frame["type"] == "drain":
            return


with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
    main()
