"""The golden vectors of the JSON encoding."""

from __future__ import annotations

import base64
import datetime
import json
import math
from pathlib import Path
from typing import Any

import pytest

from inlets import read_frame
from snakepit_bridge import Tensor
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits

FILE = Path(__file__).parents[4] / "protocol/vectors/json.json"
if not FILE.exists():
    pytest.skip("the vectors are not part of this package", allow_module_level=True)
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text("utf-8"))
FRAMES = [vector for vector in VECTORS["frames"] if not vector.get("host")]
JSON = JsonFrames(Limits())


def read(vector: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    """The frame as the worker reads it."""
    line = vector["line"].encode() if "line" in vector else base64.b64decode(vector["lineBase64"])
    data = line + b"\n" + b"".join(map(base64.b64decode, vector["attachments"]))
    return read_frame(data, lambda source: JsonInlet(source, Limits()), tmp_path)


def expected(value: Any) -> Any:
    """The notation of the vectors as Python values."""
    if isinstance(value, list):
        return [expected(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) != ["$v"]:
        return {key: expected(item) for key, item in value.items()}
    ((kind, content),) = value["$v"].items()
    if kind == "bytes":
        return base64.b64decode(content)
    if kind == "bigint":
        return int(content)
    if kind == "float":
        return float(content)
    if kind == "date":
        return _date(content)
    if kind == "map":
        return {key: expected(item) for key, item in content}
    return Tensor(content["dtype"], content["shape"], base64.b64decode(content["data"]))


def _date(text: str) -> datetime.datetime:
    """Slow and obvious, and so a check on the real thing."""
    clock, zone = text[:19], text[19:]
    fraction = ""
    if zone.startswith("."):
        digits = len(zone[1:]) - len(zone[1:].lstrip("0123456789"))
        fraction, zone = zone[1 : 1 + digits], zone[1 + digits :]
    offset = datetime.timedelta(0)
    if zone != "Z":
        hours, minutes, *seconds = zone[1:].split(":")
        offset = datetime.timedelta(
            hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0
        )
        offset = -offset if zone[0] == "-" else offset
    naive = datetime.datetime.strptime(clock, "%Y-%m-%dT%H:%M:%S")
    return naive.replace(microsecond=int(fraction.ljust(6, "0")[:6] or 0), tzinfo=datetime.timezone(offset))


def same(left: Any, right: Any) -> bool:
    """Equal in value and in kind: 5 is not 5.0, NaN is NaN whatever its sign, and -0.0 is not 0.0."""
    if hasattr(left, "dtype") and not isinstance(left, Tensor):
        return isinstance(right, Tensor) and (left.dtype.name, left.shape, left.tobytes()) == (
            right.dtype,
            right.shape,
            bytes(right.data),
        )
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    if isinstance(left, datetime.datetime):
        # By the clock: an hour that comes twice in a zone never equals one of another zone.
        clocks = [moment.replace(tzinfo=None, fold=0) for moment in (left, right)]
        return clocks[0] == clocks[1] and bool(left.utcoffset() == right.utcoffset())
    return bool(left == right)


def assert_means(vector: dict[str, Any], frame: dict[str, Any]) -> None:
    """The frame is what the vector says it is."""
    if vector["frame"] is None:
        assert frame == {}
        return
    assert frame["type"] == vector["frame"]["type"]
    for name, value in vector["frame"].items():
        if name not in ("error", "measurements", "metadata"):
            assert same(frame[name], expected(value)), (name, frame[name])
    details = vector["frame"].get("error", {}).get("details")
    assert same(frame.get("error", {}).get("details"), expected(details))


def names(vectors: list[dict[str, Any]]) -> list[str]:
    return [vector["name"] for vector in vectors]


@pytest.mark.parametrize("vector", FRAMES, ids=names(FRAMES))
def test_decode(vector: dict[str, Any], tmp_path: Path) -> None:
    """[JS-1] [JS-2] [JS-3] [JS-4] [JS-5] [JS-7] [FR-2] [FR-5]
    [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7]
    """
    assert_means(vector, read(vector, tmp_path))


ENCODED = [
    vector
    for vector in FRAMES
    if vector["encode"]
    and not vector.get("base64")
    and vector["frame"]["type"] in ("call", "result", "chunk")
]


@pytest.mark.parametrize("vector", ENCODED, ids=names(ENCODED))
def test_encode(vector: dict[str, Any], tmp_path: Path) -> None:
    """[JS-1] [JS-2] [JS-3] [JS-4] [JS-7] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7]"""
    frame = read(vector, tmp_path)
    frame.pop("attach", None)
    field = "args" if frame["type"] == "call" else "value"
    encoded = JSON.encode(frame, field, field)
    line, *attachments = [encoded] if isinstance(encoded, bytes) else encoded
    text = bytes(line)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert same(json.loads(text), _ordered(json.loads(vector["line"]), json.loads(text)))
    assert [bytes(part) for part in attachments] == [base64.b64decode(part) for part in vector["attachments"]]
    if len(text) - 1 == len(vector["line"].encode()):
        assert JSON.size_of(encoded) == vector["size"]


def _ordered(value: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    assert set(value) == set(like)
    return {key: value[key] for key in like}


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=names(VECTORS["invalid"]))
def test_invalid(vector: dict[str, Any], tmp_path: Path) -> None:
    """[FR-1] [FR-2] [FR-3] [FR-5] [JS-1] [JS-2] [JS-6] [JS-7] [LI-1] [LI-2] [LI-3] [VA-8]"""
    with pytest.raises(ProtocolError):
        read(vector, tmp_path)
