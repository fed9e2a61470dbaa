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


def _standard_pack(value: Any) -> bytes:
    return _encoder.encode(value).encode()


_form = TaggedForm()
_loads: Callable[[bytearray], Any] = _standard_loads
_dumps: Callable[[Any], bytes] = _standard_dumps
_pack: Callable[[Any], bytes] = _standard_pack
#: Frames that are read together, in bytes.
_TOGETHER_BYTES = 16 * 1024
#: What may stand in frames that are read one by one.
_UNUSUAL = (b'"chunk"', b'"$"', b'"attach"')
#: More than the fields around the values of chunks take.
_AROUND_BYTES = 100
if orjson is not None:
    _loads = orjson.loads
    _pack = orjson.dumps
    _dumps = functools.partial(orjson.dumps, option=orjson.OPT_APPEND_NEWLINE)


class JsonFrames:
    """``Frames`` as lines of JSON.

    :param lane: for large attachments; default: all of them follow their line.
    """

    def __init__(self, limits: Limits, lane: Lane | None = None) -> None:
        self._limits = limits
        self._lane = lane or Lane()
        self._max_frame_bytes = limits.max_frame_bytes
        self.values_bytes = self._max_frame_bytes - _AROUND_BYTES
        self._max_depth = limits.max_depth

    def encode(self, frame: dict[str, Any], field: str, root: str) -> Encoded:
        attachments: list[Binary] = []
        try:
            frame[field] = lower(frame[field], _form, attachments, self._max_depth)
            if attachments:
                attachments = announce(frame, attachments, self._limits, self._lane)
            line = _dumps(frame)
            if len(line) > self._max_frame_bytes:
                raise self._too_long(line)
        except (Unrepresentable, TypeError, ValueError, RecursionError) as error:
            raise _unsendable(error, frame[field], root) from error
        if "attach" not in frame:
            return line
        attachments.insert(0, line)
        return attachments

    def encode_plain(self, frame: dict[str, Any]) -> bytes:
        return _dumps(frame)

    def pack_value(self, value: Any) -> bytes | None:
        attachments: list[Binary] = []
        try:
            text = _pack(lower(value, _form, attachments, self._max_depth - 1))
        except (Unrepresentable, TypeError, ValueError, RecursionError):
            return None
        return None if attachments or len(text) > self.values_bytes else text

    def chunks(self, id: int, seq: int, values: list[bytes]) -> bytes:
        return b'{"type":"chunks","id":%d,"seq":%d,"values":[%b]}\n' % (id, seq, b",".join(values))

    def fits(self, encoded: bytes) -> bool:
        return self.size_of(encoded) <= self._limits.max_frame_bytes

    def size_of(self, encoded: Encoded) -> int:
        pieces = [encoded] if isinstance(encoded, bytes) else encoded
        return sum(len(piece) for piece in pieces) - len(b"\n") + shared_bytes(encoded)

    def _too_long(self, line: bytes) -> Unrepresentable:
        limit = self._max_frame_bytes
        return Unrepresentable(f"{len(line)} bytes of JSON are beyond the limit of {limit} for one frame")


def _unsendable(error: Exception, value: Any, root: str) -> Unsendable:
    if isinstance(error, Unrepresentable):
        return Unsendable(error.describe(root))
    try:
        find_surrogate(value)
    except Unrepresentable as surrogate:
        return Unsendable(surrogate.describe(root))
    return Unsendable(Unrepresentable(str(error)).describe(root))


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
        #: Together they have no more than each of them may.
        self._together_bytes = min(_TOGETHER_BYTES, limits.max_frame_bytes)
        #: Frames that were read together, the next one last.
        self._ready: list[dict[str, Any]] = []
        self.size = 0

    @property
    def pending(self) -> bool:
        return bool(self._ready) or self._source.line_end >= 0

    @property
    def fd(self) -> int | None:
        return self._source.fd

    def on_wait(self, callback: Callable[[], None]) -> None:
        self._source.before_wait = callback

    def read(self) -> dict[str, Any]:
        if self._ready or self._read_together():
            return self._ready.pop()
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

    def _read_together(self) -> bool:
        """Many short frames at once, which costs each of them half. What is unusual is left to ``read``."""
        lines = self._source.lines(self._together_bytes)
        if lines is None or any(mark in lines for mark in _UNUSUAL) or self._may_be_deep(lines):
            return False
        try:
            frames = _loads(bytearray(b"[") + lines.replace(b"\n", b",") + b"]")
        except (ValueError, RecursionError):
            return False
        if len(frames) != lines.count(b"\n") + 1:
            return False
        for frame in frames:
            # The size of a chunk is that of its line.
            if type(frame) is not dict or frame.get("type") == "chunk":
                return False
        self._source.skip(len(lines))
        frames.reverse()
        self._ready = frames
        return True

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
