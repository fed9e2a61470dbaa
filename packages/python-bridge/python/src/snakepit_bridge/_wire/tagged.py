"""Tagged objects: how JSON carries the values that it lacks."""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable
from snakepit_bridge._wire.frames import Binary, Deferred
from snakepit_bridge._wire.limits import MAX_INTEGER_DIGITS
from snakepit_bridge.tensor import Tensor

_INTEGER = re.compile(r"-?[0-9]+\Z")
_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)\Z",
    re.ASCII,
)
_SPECIAL_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
#: Larger binary data is sent at once, from where it is.
_COPY_BYTES = 64 * 1024
#: No integer of more bits has few enough digits.
_MAX_BITS = MAX_INTEGER_DIGITS * 10 // 3


class TaggedForm:
    """Writes tagged objects. Binary data goes to ``attachments``, and the tagged object says where."""

    def integer(self, value: int) -> Any:
        return {"$": "bigint", "value": _digits(value)}

    def floating(self, value: float) -> Any:
        text = "NaN" if value != value else repr(value).replace("inf", "Infinity")
        return {"$": "float", "value": text if value else "-0"}

    def binary(self, value: Binary, attachments: list[Binary]) -> Any:
        return {"$": "bytes", "at": _attach(value, attachments)}

    def date(self, value: datetime.datetime) -> Any:
        return {"$": "date", "value": value.isoformat()}

    def tensor(self, dtype: str, shape: tuple[int, ...], data: Binary, attachments: list[Binary]) -> Any:
        return {"$": "tensor", "dtype": dtype, "shape": shape, "at": _attach(data, attachments)}

    def mapping(self, value: dict[str, Any]) -> Any:
        return {"$": "map", "value": value}


def _digits(value: int) -> str:
    # Python may have a limit of its own, and writing a far too long one would take a very long time.
    with contextlib.suppress(ValueError):
        text = "" if value.bit_length() > _MAX_BITS else str(value)
        if 0 < len(text) - (value < 0) <= MAX_INTEGER_DIGITS:
            return text
    raise Unrepresentable(f"an integer of more than {MAX_INTEGER_DIGITS} digits")


def _attach(data: Binary, attachments: list[Binary]) -> int:
    if isinstance(data, memoryview):
        data = data.cast("B") if data.c_contiguous and data.nbytes else data.tobytes()
    if len(data) < _COPY_BYTES and not isinstance(data, bytes):
        # It may wait for others to leave with, and the tool could change it meanwhile.
        data = bytes(data)
    attachments.append(data)
    return len(attachments) - 1


class TaggedValue(Deferred):
    """A value that may hold tagged objects."""

    __slots__ = ("_attachments", "_depth", "_raw", "_tags")

    def __init__(self, raw: Any, attachments: Sequence[bytearray], depth: int, tags: bool) -> None:
        self._raw = raw
        self._attachments = attachments
        self._depth = depth
        self._tags = tags

    def restore(self) -> Any:
        return self._value(self._raw, self._depth)

    def _value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is dict:
            tag = value.get("$", self) if self._tags else self
            return self._map(value, depth) if tag is self else self._tagged(tag, value, depth)
        return self._list(value, depth) if kind is list else value

    def _map(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        depth = _deeper(depth)
        for key, item in value.items():
            if type(item) is dict or type(item) is list:
                value[key] = self._value(item, depth)
        return value

    def _list(self, value: list[Any], depth: int) -> list[Any]:
        depth = _deeper(depth)
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
        if tag == "map" and type(content) is dict:
            return self._map(content, depth)
        if type(content) is str:
            if tag == "bigint":
                return _integer(content)
            if tag == "float":
                return _float(content)
            if tag == "date":
                return _date(content)
        raise ProtocolError(f"an unknown or malformed tagged object: {str(tag)[:40]!r}")

    def _binary(self, value: dict[str, Any]) -> bytes | bytearray:
        at, text = value.get("at"), value.get("base64")
        if type(at) is int and 0 <= at < len(self._attachments):
            return self._attachments[at]
        if at is None and type(text) is str:
            try:
                return base64.b64decode(text.encode("ascii"), validate=True)
            except (binascii.Error, ValueError) as error:
                raise ProtocolError(f"malformed base64: {error}") from None
        raise ProtocolError("binary data without a valid place or base64")

    def _tensor(self, value: dict[str, Any]) -> Any:
        dtype, shape = value.get("dtype"), value.get("shape")
        if type(dtype) is not str or type(shape) is not list or any(type(side) is not int for side in shape):
            raise ProtocolError("a malformed tensor")
        try:
            tensor = Tensor(dtype, shape, self._binary(value))
        except ValueError as error:
            raise ProtocolError(f"a malformed tensor: {error}") from None
        return tensor.to_numpy() if _has_numpy() else tensor


def _deeper(depth: int) -> int:
    if depth <= 0:
        raise ProtocolError("a value nests too deep")
    return depth - 1


@cache
def _has_numpy() -> bool:
    return find_spec("numpy") is not None


def _integer(text: str) -> int:
    if not _INTEGER.match(text):
        raise ProtocolError(f"a malformed bigint: {text[:40]!r}")
    if len(text) - text.startswith("-") > MAX_INTEGER_DIGITS:
        raise ProtocolError(f"a bigint of more than {MAX_INTEGER_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    special = _SPECIAL_FLOATS.get(text)
    if special is not None:
        return special
    number = float(text) if _FLOAT.match(text) else float("inf")
    if number - number != 0:
        raise ProtocolError(f"a malformed float: {text[:40]!r}")
    return number


def _date(text: str) -> datetime.datetime:
    match = _DATE.match(text)
    if match is None:
        raise ProtocolError(f"a malformed date: {text[:40]!r}")
    *parts, fraction, sign, hours, minutes, seconds, micros = match.groups()
    try:
        offset = datetime.timedelta(0)
        if sign:
            if int(minutes) > 59 or int(seconds or 0) > 59:
                raise ValueError("offset out of range")
            offset = datetime.timedelta(
                hours=int(hours),
                minutes=int(minutes),
                seconds=int(seconds or 0),
                microseconds=_micros(micros),
            )
        zone = datetime.timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second = (int(part) for part in parts)
        return datetime.datetime(year, month, day, hour, minute, second, _micros(fraction), zone)
    except ValueError as error:
        raise ProtocolError(f"a malformed date: {text[:40]!r}: {error}") from None


def _micros(fraction: str | None) -> int:
    """Python keeps six digits; the three that may follow are dropped."""
    return int((fraction or "").ljust(6, "0")[:6])
