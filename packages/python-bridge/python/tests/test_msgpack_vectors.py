"""The golden vectors of the MessagePack encoding."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from inlets import read_frame
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_frames import MsgpackFrames, MsgpackInlet
from test_vectors import assert_means, names

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
    """The frame as the worker reads it."""
    return read_frame(bytes_of(vector), lambda source: MsgpackInlet(source, Limits()), tmp_path)


@pytest.mark.parametrize("vector", FRAMES, ids=names(FRAMES))
def test_decode(vector: dict[str, Any], tmp_path: Path) -> None:
    """[MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] [FR-2]"""
    assert_means(vector, read(vector, tmp_path))
    if "also" in vector:
        assert_means(vector, read({**vector, "map": vector["also"]}, tmp_path))


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
