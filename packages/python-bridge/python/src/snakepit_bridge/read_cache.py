"""What a call has read of its session's variables, for as long as nothing can have changed it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from typing import Any

#: Of one call.
_MAX_ENTRIES = 1_000
#: Seconds.
_MAX_AGE = 1.0
#: Nobody can change what was handed out of them.
_IMMUTABLE = frozenset({str, int, float, bool, bytes, type(None), datetime.datetime})

#: Each value with the moment it was asked for.
_Entries = dict[str, tuple[Any, float]]


class _Moment:
    """One for the process, which serves one host. While the mark lasts, nothing can have changed."""

    #: Replaced, and not counted up: two threads at once cannot undo what the other says.
    mark = object()


def forget_reads() -> None:
    """Something may have changed variables. Cheap, and safe in every thread."""
    _Moment.mark = object()


class ReadCache:
    """At most 1,000 values, each at most a second old and read since the last ``forget_reads``."""

    __slots__ = ("_state",)

    def __init__(self) -> None:
        #: The mark that the entries belong to; replaced in one step, since threads share a call.
        self._state: tuple[object, _Entries] = (_Moment.mark, {})

    @staticmethod
    def mark() -> object:
        """Take it before values are asked for."""
        return _Moment.mark

    def find(self, names: list[str]) -> dict[str, Any] | None:
        """The values of all ``names``; None when one of them is not known."""
        entries = self._current()
        oldest = time.monotonic() - _MAX_AGE
        found: dict[str, Any] = {}
        for name in names:
            value, read_at = entries.get(name, (None, oldest))
            if read_at <= oldest:
                return None
            found[name] = value
        return found

    def keep(self, values: Mapping[str, Any], mark: object, asked_at: float) -> None:
        """``mark`` and ``asked_at``, on the monotonic clock, are of the moment before the host was asked."""
        self._current()
        kept_mark, entries = self._state
        if mark is not kept_mark:
            return
        for name, value in values.items():
            if type(value) in _IMMUTABLE and len(entries) < _MAX_ENTRIES:
                entries[name] = (value, asked_at)

    def _current(self) -> _Entries:
        mark = _Moment.mark
        kept_mark, entries = self._state
        if mark is not kept_mark:
            # A new one: another thread may be about to keep something of before.
            entries = {}
            self._state = (mark, entries)
        return entries
