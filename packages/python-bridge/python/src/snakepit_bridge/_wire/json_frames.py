"""The JSON encoding: one line a frame, its binary data right behind it."""

from __future__ import annotations

import functools
import json
import os
from typing import Any, Callable

from snakepit_bridge._wire.attachments import announce, read_attachments
from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable, Unsendable
from snakepit_bridge._wire.frames import Binary, Encoded
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.shared.peer_segments import Attachment
from snakepit_bridge._wire.shared.pieces import shared_bytes
from snakepit_bridge._wire.source import Source
from snakepit_bridge._wire.surrogates import find_surrogate
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower

try:
    if os.environ.get("SNAKEPIT_JSON") == "stdlib":
        raise ImportError("SNAKEPIT_JSON asks for the standard library's json")
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def _standard_loads(line: bytearray) -> Any:
    value = _decoder.decode(str(line, "utf-8"))
    if b"\\ud" in line or b"\\uD" in line:
        # A surrogate without its partner cannot be written as UTF-8.
        _encoder.encode(value).encode()
    return value


def _standard_dumps(value: Any) -> bytes:
    return _encoder.encode(value).encode() + b"\n"


_form = TaggedForm()
_loads: Callable[[bytearray], Any] = _standard_loads
_dumps: Callable[[Any], bytes] = _standard_dumps
if orjson is not None:
    _loads = orjson.loads
    _dumps = functools.partial(orjson.dumps, option=orjson.OPT_APPEND_NEWLINE)


class JsonFrames:
    """``Frames`` as lines of JSON.

    :param lane: for large attachments; default: all of them follow their line.
    """

    def __init__(self, limits: Limits, lane: Lane | None = None) -> None:
        self._limits = limits
        self._lane = lane or Lane()
        self._max_frame_bytes = limits.max_frame_bytes
        self._max_depth = limits.max_depth

    def encode(self, frame: dict[str, Any], field: str, root: str) -> Encoded:
        attachments: list[Binary] = []
        try:
            value = frame[field] = lower(frame[field], _form, attachments, self._max_depth)
            if attachments:
                attachments = announce(frame, attachments, self._limits, self._lane)
            line = self._line(frame, value)
        except Unrepresentable as error:
            raise Unsendable(error.describe(root)) from error
        if "attach" not in frame:
            return line
        attachments.insert(0, line)
        return attachments

    def encode_plain(self, frame: dict[str, Any]) -> bytes:
        return _dumps(frame)

    def fits(self, encoded: bytes) -> bool:
        return self.size_of(encoded) <= self._limits.max_frame_bytes

    def size_of(self, encoded: Encoded) -> int:
        pieces = [encoded] if isinstance(encoded, bytes) else encoded
        return sum(len(piece) for piece in pieces) - len(b"\n") + shared_bytes(encoded)

    def _line(self, frame: dict[str, Any], value: Any) -> bytes:
        try:
            line = _dumps(frame)
        except (TypeError, ValueError, RecursionError) as error:
            find_surrogate(value)
            raise Unrepresentable(str(error)) from error
        if len(line) > self._max_frame_bytes:
            limit = self._max_frame_bytes
            raise Unrepresentable(f"{len(line)} bytes of JSON are beyond the limit of {limit} for one frame")
        return line


class JsonInlet:
    """``Inlet`` for lines of JSON.

    :param lane: for large attachments; default: all of them follow their line.
    """

    def __init__(self, source: Source, limits: Limits, lane: Lane | None = None) -> None:
        self._source = source
        self._limits = limits
        self._lane = lane or Lane()
        #: Each level takes two characters at least, so ordinary lines are too short to be deep.
        self._shallow_bytes = 2 * limits.max_depth
        self._max_frame_bytes = limits.max_frame_bytes
        self.size = 0

    @property
    def pending(self) -> bool:
        return self._source.line_end >= 0

    def on_wait(self, callback: Callable[[], None]) -> None:
        self._source.before_wait = callback

    def read(self) -> dict[str, Any]:
        line = self._source.line(self._max_frame_bytes)
        try:
            frame = _loads(line)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"not a line of JSON: {str(error)[:200]}") from None
        if type(frame) is not dict:
            raise ProtocolError("a frame that is not an object")
        self.size = len(line)
        attachments: list[Attachment] = []
        announced = frame.get("attach")
        if announced is not None:
            attachments, size = read_attachments(self._source, announced, self._limits, self._lane)
            self.size += size
        tags = b'"$"' in line
        if tags or (len(line) > self._shallow_bytes and self._may_be_deep(line)):
            self._mark(frame, line, attachments, tags)
        return frame

    def _may_be_deep(self, line: bytearray) -> bool:
        """Counting is far cheaper than walking."""
        return line.count(b"{") + line.count(b"[") > self._limits.max_depth

    def _mark(
        self, frame: dict[str, Any], line: bytearray, attachments: list[Attachment], tags: bool
    ) -> None:
        """Leaves the walk over a value to whoever needs it, so that reading goes on meanwhile."""
        depth = self._limits.max_depth
        if frame.get("type") == "chunk" and "value" in frame:
            text = functools.partial(_value_text, line)
            frame["value"] = TaggedValue(frame["value"], attachments, depth, tags, text)
            return
        for holder, field in ((frame, "args"), (frame, "value"), (frame.get("error"), "details")):
            if type(holder) is dict and field in holder:
                holder[field] = TaggedValue(holder[field], attachments, depth, tags)


def _value_text(line: bytearray) -> bytes:
    try:
        return _encoder.encode(_loads(line)["value"]).encode()
    except RecursionError:
        # What can be read may still be too deep to be written.
        return bytes(line)
