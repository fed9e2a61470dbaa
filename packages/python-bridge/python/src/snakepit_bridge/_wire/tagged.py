"""Tagged objects: how JSON carries the values that it lacks."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Sequence
from typing import Any, Callable

from snakepit_bridge._wire.attachments import attach
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Binary, Deferred
from snakepit_bridge._wire.literals import read_date, read_integer, write_integer
from snakepit_bridge._wire.number_lists import pack_numbers, unpack_numbers
from snakepit_bridge._wire.restoring import deeper, make_tensor
from snakepit_bridge._wire.shared.peer_segments import Attachment, contents

_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_SPECIAL_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class TaggedForm:
    """Writes tagged objects. Binary data goes to ``attachments``, and the tagged object says where."""

    def integer(self, value: int) -> Any:
        return {"$": "bigint", "value": write_integer(value)}

    def floating(self, value: float) -> Any:
        text = "NaN" if value != value else repr(value).replace("inf", "Infinity")
        return {"$": "float", "value": text if value else "-0"}

    def binary(self, value: Binary, attachments: list[Binary]) -> Any:
        return {"$": "bytes", "at": attach(value, attachments)}

    def date(self, value: datetime.datetime) -> Any:
        return {"$": "date", "value": value.isoformat()}

    def tensor(self, dtype: str, shape: tuple[int, ...], data: Binary, attachments: list[Binary]) -> Any:
        return {"$": "tensor", "dtype": dtype, "shape": shape, "at": attach(data, attachments)}

    def numbers(self, value: Any, kind: type, attachments: list[Binary]) -> Any:
        packed = pack_numbers(value, kind)
        if packed is None:
            return None
        dtype, data = packed
        return {"$": "list", "dtype": dtype, "at": attach(data, attachments)}

    def mapping(self, value: dict[str, Any]) -> Any:
        return {"$": "map", "value": value}


class TaggedValue(Deferred):
    """A value that may hold tagged objects."""

    __slots__ = ("_attachments", "_depth", "_raw", "_tags", "_text", "_unpacked")

    def __init__(
        self,
        raw: Any,
        attachments: Sequence[Attachment],
        depth: int,
        tags: bool,
        text: Callable[[], bytes] = bytes,
    ) -> None:
        """
        :param text: gives the JSON of a chunk's value; ``raw`` itself is changed when it is restored.
        """
        self._raw = raw
        self._text = text
        self._attachments = attachments
        self._depth = depth
        self._tags = tags
        #: Places of attachments that became lists.
        self._unpacked: set[Any] = set()

    def restore(self) -> Any:
        value = self._value(self._raw, self._depth)
        # Whoever keeps the frame shall not keep what came with it.
        self._raw, self._attachments = None, ()
        return value

    def encoded(self) -> bytes:
        return self._text()

    def _value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is dict:
            tag = value.get("$", self) if self._tags else self
            return self._map(value, depth) if tag is self else self._tagged(tag, value, depth)
        return self._list(value, depth) if kind is list else value

    def _map(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        depth = deeper(depth)
        for key, item in value.items():
            if type(item) is dict or type(item) is list:
                value[key] = self._value(item, depth)
        return value

    def _list(self, value: list[Any], depth: int) -> list[Any]:
        depth = deeper(depth)
        for index, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                value[index] = self._value(item, depth)
        return value

    def _tagged(self, tag: Any, value: dict[str, Any], depth: int) -> Any:
        content = value.get("value")
        if tag == "bytes":
            return bytes(self._binary(value))
        if tag == "tensor":
            return self._tensor(value)
        if tag == "list":
            return self._numbers(value, depth)
        if tag == "map" and type(content) is dict:
            return self._map(content, depth)
        if type(content) is str:
            if tag == "bigint":
                return read_integer(content)
            if tag == "float":
                return _float(content)
            if tag == "date":
                return read_date(content)
        raise ProtocolError(f"an unknown or malformed tagged object: {str(tag)[:40]!r}")

    def _binary(self, value: dict[str, Any]) -> bytes | Attachment:
        at, text = value.get("at"), value.get("base64")
        if at is not None:
            return self._attachment(at)
        if type(text) is str:
            try:
                return base64.b64decode(text.encode("ascii"), validate=True)
            except (binascii.Error, ValueError) as error:
                raise ProtocolError(f"malformed base64: {error}") from None
        raise ProtocolError("binary data without a place or base64")

    def _attachment(self, at: Any) -> Attachment:
        if type(at) is int and 0 <= at < len(self._attachments):
            return self._attachments[at]
        raise ProtocolError(f"no attachment {str(at)[:40]}")

    def _numbers(self, value: dict[str, Any], depth: int) -> Any:
        deeper(depth)
        at = value.get("at")
        data = self._attachment(at)
        # A list takes memory of its own, which must not exceed what was sent.
        if at in self._unpacked:
            raise ProtocolError("an attachment that is a list already")
        self._unpacked.add(at)
        return unpack_numbers(value.get("dtype"), contents(data))

    def _tensor(self, value: dict[str, Any]) -> Any:
        return make_tensor(value.get("dtype"), value.get("shape"), self._binary(value))


def _float(text: str) -> float:
    special = _SPECIAL_FLOATS.get(text)
    if special is not None:
        return special
    number = float(text) if _FLOAT.match(text) else float("inf")
    if number - number != 0:
        raise ProtocolError(f"a malformed float: {text[:40]!r}")
    return number
