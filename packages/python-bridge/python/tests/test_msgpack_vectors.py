"""The golden vectors of the MessagePack encoding."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._wire import fields
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from snakepit_bridge._wire.source import Source
from test_vectors import expected, names, same

FILE = Path(__file__).parents[4] / "protocol/vectors/msgpack.json"
if not FILE.exists():
    pytest.skip("the vectors are not part of this package", allow_module_level=True)
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text("utf-8"))
FRAMES = [vector for vector in VECTORS["frames"] if not vector.get("host")]
MSGPACK = MsgpackFrames(Limits())


def bytes_of(vector: dict[str, Any]) -> bytes:
    """The vector as it travels."""
    body, *attachments = map(base64.b64decode, [vector["map"], *vector["attachments"]])
    return len(body).to_bytes(4, "big") + body + b"".join(attachments)


def read(vector: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    """The frame as the worker reads it; deferred values restored."""
    path = tmp_path / "bytes"
    path.write_bytes(bytes_of(vector))
    fd = os.open(path, os.O_RDONLY)
    try:
        frame = MsgpackInlet(Source(fd), Limits()).read()
    finally:
        os.close(fd)
    if fields.check(frame) is None:
        return {}
    for holder in (frame, frame.get("error")):
        if isinstance(holder, dict):
            holder.update({key: item.restore() for key, item in holder.items() if isinstance(item, Deferred)})
    if frame["type"] == "call" and type(frame["args"]) is not dict:
        raise ProtocolError("args")
    return frame


@pytest.mark.parametrize("vector", FRAMES, ids=names(FRAMES))
def test_decode(vector: dict[str, Any], tmp_path: Path) -> None:
    """[MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] [FR-2]"""
    check(vector, tmp_path)
    if "also" in vector:
        check({**vector, "map": vector["also"]}, tmp_path)


def check(vector: dict[str, Any], tmp_path: Path) -> None:
    """The vector is read as what it means."""
    frame = read(vector, tmp_path)
    if vector["frame"] is None:
        assert frame == {}
        return
    assert frame["type"] == vector["frame"]["type"]
    for name, value in vector["frame"].items():
        if name not in ("error", "measurements", "metadata"):
            assert same(frame[name], expected(value)), (name, frame[name])
    details = vector["frame"].get("error", {}).get("details")
    assert same(frame.get("error", {}).get("details"), expected(details))


ENCODED = [
    vector
    for vector in FRAMES
    if vector["encode"]
    and not vector.get("inline")
    and vector["frame"]["type"] in ("call", "result", "chunk", "error")
]


@pytest.mark.parametrize("vector", ENCODED, ids=names(ENCODED))
def test_encode(vector: dict[str, Any], tmp_path: Path) -> None:
    """[MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [CR-1] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7]"""
    frame = read(vector, tmp_path)
    frame.pop("attach", None)
    field = {"call": "args", "error": "error"}.get(frame["type"], "value")
    encoded = MSGPACK.encode(frame, field, field)
    assert _joined(encoded) == bytes_of(vector)
    assert MSGPACK.size_of(encoded) == vector["size"]


def _joined(encoded: Any) -> bytes:
    return encoded if isinstance(encoded, bytes) else b"".join(map(bytes, encoded))


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=names(VECTORS["invalid"]))
def test_invalid(vector: dict[str, Any], tmp_path: Path) -> None:
    """[FR-1] [FR-2] [FR-3] [FR-5] [MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [LI-1] [LI-2] [LI-3]"""
    with pytest.raises(ProtocolError):
        read(vector, tmp_path)
