"""The MessagePack encoding: a length, a map of exactly that many bytes, its large binary data behind it."""

from __future__ import annotations

import struct
from typing import Any, Callable

import msgpack

from snakepit_bridge._wire.attachments import announce, read_attachments
from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable, Unsendable
from snakepit_bridge._wire.frames import Binary, Encoded
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.msgpack_values import MsgpackForm, PackedValue, unpack
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._wire.shared.peer_segments import Attachment
from snakepit_bridge._wire.shared.pieces import shared_bytes
from snakepit_bridge._wire.source import Source
from snakepit_bridge._wire.surrogates import find_surrogate
from snakepit_bridge._wire.values import lower

_LENGTH = struct.Struct(">I")
#: The head of an array of any length.
_ARRAY = struct.Struct(">BI")
#: More than the fields around the values of chunks take.
_AROUND_BYTES = 100
_LONGEST = 2**32 - 1
#: Longer maps are sent from where they are.
_COPY_BYTES = 64 * 1024
#: The first bytes of maps and arrays; they occur elsewhere, too.
_CONTAINERS = bytes([*range(0x80, 0xA0), 0xDC, 0xDD, 0xDE, 0xDF])

_form = MsgpackForm()


class MsgpackFrames:
    """``Frames`` as MessagePack.

    :param lane: for large attachments; default: all of them follow their map.
    """

    def __init__(self, limits: Limits, lane: Lane | None = None) -> None:
        self._limits = limits
        self._lane = lane or Lane()
        self._max_depth = limits.max_depth
        self._max_frame_bytes = min(limits.max_frame_bytes, _LONGEST)
        self.values_bytes = self._max_frame_bytes - _AROUND_BYTES
        #: Those that are not at work: one cannot pack two frames at a time, and making one takes long.
        self._packers: list[msgpack.Packer] = []

    def encode(self, frame: dict[str, Any], field: str, root: str) -> Encoded:
        attachments: list[Binary] = []
        try:
            value = frame[field] = lower(frame[field], _form, attachments, self._max_depth)
            if attachments:
                attachments = announce(frame, attachments, self._limits, self._lane)
            body = self._body(frame, value)
        except Unrepresentable as error:
            raise Unsendable(error.describe(root)) from error
        length = _LENGTH.pack(len(body))
        if "attach" in frame or len(body) > _COPY_BYTES:
            attachments[:0] = [length, body]
            return attachments
        return length + body

    def encode_plain(self, frame: dict[str, Any]) -> bytes:
        body = self._pack(frame)
        return _LENGTH.pack(len(body)) + body

    def pack_value(self, value: Any) -> bytes | None:
        attachments: list[Binary] = []
        try:
            body = self._pack(lower(value, _form, attachments, self._max_depth - 1))
        except (Unrepresentable, TypeError, ValueError, OverflowError, RecursionError):
            return None
        return None if attachments or len(body) > self.values_bytes else body

    def chunks(self, id: int, seq: int, values: list[bytes]) -> bytes:
        fields = self._pack({"type": "chunks", "id": id, "seq": seq, "values": []})
        # In place of the empty array at the end, one that holds what was packed already.
        body = b"".join([fields[:-1], _ARRAY.pack(0xDD, len(values)), *values])
        return _LENGTH.pack(len(body)) + body

    def fits(self, encoded: bytes) -> bool:
        return self.size_of(encoded) <= self._max_frame_bytes

    def size_of(self, encoded: Encoded) -> int:
        pieces = [encoded] if isinstance(encoded, bytes) else encoded
        return sum(len(piece) for piece in pieces) - _LENGTH.size + shared_bytes(encoded)

    def _body(self, frame: dict[str, Any], value: Any) -> bytes:
        try:
            body = self._pack(frame)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            find_surrogate(value)
            raise Unrepresentable(str(error)) from error
        if len(body) > self._max_frame_bytes:
            limit = self._max_frame_bytes
            raise Unrepresentable(
                f"{len(body)} bytes of MessagePack are beyond the limit of {limit} for one frame"
            )
        return body

    def _pack(self, value: Any) -> bytes:
        try:
            packer = self._packers.pop()
        except IndexError:
            packer = msgpack.Packer()
        body: bytes = packer.pack(value)
        self._packers.append(packer)
        return body


class MsgpackInlet:
    """``Inlet`` for MessagePack.

    :param lane: for large attachments; default: all of them follow their map.
    """

    def __init__(self, source: Source, limits: Limits, lane: Lane | None = None) -> None:
        self._source = source
        self._limits = limits
        self._lane = lane or Lane()
        self._max_frame_bytes = limits.max_frame_bytes
        self.size = 0
        self._extended = False
        self._note: Callable[[int, bytes], Any] = self._note_extension

    @property
    def pending(self) -> bool:
        return self._source.block_here

    @property
    def fd(self) -> int | None:
        return self._source.fd

    def on_wait(self, callback: Callable[[], None]) -> None:
        self._source.before_wait = callback

    def read(self) -> dict[str, Any]:
        body = self._source.sized_block(self._max_frame_bytes)
        self._extended = False
        frame = unpack(body, self._note)
        if type(frame) is not dict:
            raise ProtocolError("a frame that is not a map")
        self.size = len(body)
        attachments: list[Attachment] = []
        announced = frame.get("attach")
        if announced is not None:
            attachments, size = read_attachments(self._source, announced, self._limits, self._lane)
            self.size += size
        deep = len(body) > self._limits.max_depth and self._may_be_deep(body)
        if self._extended or deep:
            self._mark(frame, body, attachments, self._limits.max_depth if deep else None)
        return frame

    def _note_extension(self, code: int, data: bytes) -> None:
        """What they mean may depend on attachments that have not arrived."""
        self._extended = True

    def _may_be_deep(self, body: bytes | bytearray) -> bool:
        """Counting is far cheaper than walking."""
        return len(body) - len(body.translate(None, _CONTAINERS)) > self._limits.max_depth

    def _mark(
        self, frame: dict[str, Any], body: bytes | bytearray, attachments: list[Attachment], depth: int | None
    ) -> None:
        """Leaves the values to whoever needs them, so that reading goes on meanwhile."""
        for place in (("args",), ("value",), ("error", "details")):
            holder = frame if len(place) == 1 else frame.get(place[0])
            if type(holder) is dict and place[-1] in holder:
                holder[place[-1]] = PackedValue(body, place, attachments, depth)
