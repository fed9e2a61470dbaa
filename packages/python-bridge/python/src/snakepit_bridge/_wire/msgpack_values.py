"""Extension types: how MessagePack carries the values that it lacks."""

from __future__ import annotations

import datetime
import functools
import struct
from collections.abc import Sequence
from typing import Any, Callable

import msgpack

from snakepit_bridge._wire.attachments import attach, flat
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary, Deferred
from snakepit_bridge._wire.literals import read_date, read_integer, write_integer
from snakepit_bridge._wire.number_lists import pack_numbers, unpack_numbers
from snakepit_bridge._wire.restoring import deeper, make_tensor
from snakepit_bridge._wire.shared.peer_segments import Attachment, Lent, contents
from snakepit_bridge._wire.source import Block

_BIGINT, _DATE, _TENSOR, _ATTACHED, _FLOAT, _LIST = 81, 82, 83, 84, 85, 87
_POSITION = struct.Struct(">I")
_DOUBLE = struct.Struct(">d")
#: Larger binary data travels beside the frame.
_INLINE_BYTES = 10_240
_CONTAINERS = frozenset({dict, list})
_BINARY = (bytes, bytearray, Block, Lent)

#: Also reads the standard timestamp, as a date in UTC.
_unpackb: Callable[..., Any] = functools.partial(msgpack.unpackb, timestamp=3)


def unpack(body: bytes | bytearray, extension: Callable[[int, bytes], Any]) -> Any:
    """Reads one value.

    :param extension: what becomes of an extension type and its bytes.
    :raises ProtocolError: it is malformed, or more or less than one.
    """
    try:
        return _unpackb(body, ext_hook=extension)
    except (ValueError, OverflowError, RecursionError) as error:
        raise ProtocolError(f"not MessagePack: {(str(error) or type(error).__name__)[:200]}") from None


class MsgpackForm:
    """Writes extension types. Large binary data goes to ``attachments``, and an extension type says where."""

    def integer(self, value: int) -> Any:
        fits = -(2**63) <= value < 2**64
        return value if fits else msgpack.ExtType(_BIGINT, write_integer(value).encode())

    def floating(self, value: float) -> Any:
        return value

    def binary(self, value: Binary, attachments: list[Binary]) -> Any:
        data = flat(value)
        if len(data) <= _INLINE_BYTES:
            return data
        return msgpack.ExtType(_ATTACHED, _POSITION.pack(attach(data, attachments)))

    def date(self, value: datetime.datetime) -> Any:
        return msgpack.ExtType(_DATE, value.isoformat().encode())

    def tensor(self, dtype: str, shape: tuple[int, ...], data: Binary, attachments: list[Binary]) -> Any:
        parts = [dtype, shape, self.binary(data, attachments)]
        return msgpack.ExtType(_TENSOR, msgpack.packb(parts))

    def mapping(self, value: dict[str, Any]) -> Any:
        return value

    def numbers(self, value: Any, kind: type, attachments: list[Binary]) -> Any:
        packed = pack_numbers(value, kind)
        if packed is None:
            return None
        dtype, data = packed
        return msgpack.ExtType(_LIST, msgpack.packb([dtype, self.binary(data, attachments)]))


class PackedValue(Deferred):
    """A value with extension types in it, or one that may be too deep: unpacked once more, and to its end."""

    __slots__ = ("_attachments", "_body", "_depth", "_place", "_unpacked")

    def __init__(
        self,
        body: bytes | bytearray,
        place: Sequence[str],
        attachments: Sequence[Attachment],
        depth: int | None,
    ) -> None:
        """
        :param depth: how many levels of containers the value may have; None: certainly not too many.
        """
        self._body = body
        self._place = place
        self._attachments = attachments
        self._depth = depth
        #: Places of attachments that became lists.
        self._unpacked: set[bytes] = set()

    def restore(self) -> Any:
        value = unpack(self._body, self._extension)
        for name in self._place:
            value = value[name]
        if self._depth is not None:
            _check_depth(value, self._depth)
        # Whoever keeps the frame shall not keep what came with it.
        self._attachments = ()
        return value

    def encoded(self) -> bytes:
        unpacker = msgpack.Unpacker(max_buffer_size=len(self._body))
        unpacker.feed(self._body)
        for _ in range(unpacker.read_map_header()):
            name, start = unpacker.unpack(), unpacker.tell()
            unpacker.skip()
            if name == self._place[0]:
                return bytes(self._body[start : unpacker.tell()])
        return bytes(self._body)

    def _extension(self, code: int, data: bytes) -> Any:
        if code == _ATTACHED:
            return bytes(self._attachment(data))
        if code == _TENSOR:
            return self._tensor(data)
        if code == _LIST:
            return self._numbers(data)
        if code == _FLOAT and len(data) == _DOUBLE.size:
            return _DOUBLE.unpack(data)[0]
        try:
            if code == _BIGINT:
                return read_integer(data.decode("ascii"))
            if code == _DATE:
                return read_date(data.decode("ascii"))
        except UnicodeDecodeError:
            raise ProtocolError("an extension type that is not ASCII") from None
        raise ProtocolError(f"an unknown extension type, or a malformed one: {code}")

    def _tensor(self, data: bytes) -> Any:
        parts = unpack(data, self._tensor_data)
        if type(parts) is not list or len(parts) != 3 or type(parts[2]) not in _BINARY:
            raise ProtocolError("a malformed tensor")
        return make_tensor(*parts)

    def _tensor_data(self, code: int, data: bytes) -> Attachment:
        if code != _ATTACHED:
            raise ProtocolError("a malformed tensor")
        return self._attachment(data)

    def _numbers(self, data: bytes) -> list[Any]:
        parts = unpack(data, self._numbers_data)
        if type(parts) is not list or len(parts) != 2 or type(parts[1]) not in _BINARY:
            raise ProtocolError("a malformed list")
        return unpack_numbers(parts[0], contents(parts[1]))

    def _numbers_data(self, code: int, place: bytes) -> Attachment:
        # A list takes memory of its own, which must not exceed what was sent.
        if code != _ATTACHED or place in self._unpacked:
            raise ProtocolError("a malformed list, or an attachment that is one already")
        self._unpacked.add(place)
        return self._attachment(place)

    def _attachment(self, data: bytes) -> Attachment:
        at = _POSITION.unpack(data)[0] if len(data) == _POSITION.size else len(self._attachments)
        if at >= len(self._attachments):
            raise ProtocolError("binary data without a valid place")
        return self._attachments[at]


def _check_depth(value: Any, depth: int) -> None:
    kind = type(value)
    if kind not in _CONTAINERS:
        return
    depth = deeper(depth)
    items = value.values() if kind is dict else value
    if not _CONTAINERS.isdisjoint(map(type, items)):
        for item in items:
            _check_depth(item, depth)
