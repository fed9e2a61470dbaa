"""How every encoding writes, in text, what few formats have: large integers and dates."""

from __future__ import annotations

import datetime
import re

from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable
from snakepit_bridge._wire.limits import MAX_INTEGER_DIGITS

_INTEGER = re.compile(r"-?[0-9]+\Z")
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)\Z",
    re.ASCII,
)
#: No integer of more bits has few enough digits.
_MAX_BITS = MAX_INTEGER_DIGITS * 10 // 3
#: So few digits Python converts whatever limit was set.
_PIECE_DIGITS = 600


def write_integer(value: int) -> str:
    """:raises Unrepresentable: it has too many digits."""
    # Writing a far too long one would take a very long time.
    if value.bit_length() <= _MAX_BITS:
        text = _digits(value)
        if len(text) - (value < 0) <= MAX_INTEGER_DIGITS:
            return text
    raise Unrepresentable(f"an integer of more than {MAX_INTEGER_DIGITS} digits")


def read_integer(text: str) -> int:
    """:raises ProtocolError: it is not one, or has too many digits."""
    if not _INTEGER.match(text):
        raise ProtocolError(f"a malformed bigint: {text[:40]!r}")
    if len(text) - text.startswith("-") > MAX_INTEGER_DIGITS:
        raise ProtocolError(f"a bigint of more than {MAX_INTEGER_DIGITS} digits")
    return _number(text)


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        # A limit of the interpreter, which must not decide what can travel.
        rest, pieces = abs(value), []
        while rest:
            rest, piece = divmod(rest, 10**_PIECE_DIGITS)
            pieces.append(f"{piece:0{_PIECE_DIGITS}}")
        return "-" * (value < 0) + "".join(reversed(pieces)).lstrip("0")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        # As above.
        size, digits = 0, text.lstrip("-")
        for start in range(0, len(digits), _PIECE_DIGITS):
            piece = digits[start : start + _PIECE_DIGITS]
            size = size * 10 ** len(piece) + int(piece)
        return -size if text.startswith("-") else size


def read_date(text: str) -> datetime.datetime:
    """:raises ProtocolError: it is not a date with a zone."""
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
