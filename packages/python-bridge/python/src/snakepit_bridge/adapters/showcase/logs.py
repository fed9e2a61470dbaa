"""Finds what matters in a log, as it is written."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from snakepit_bridge.adapters.showcase.follower import Follower

MAX_CONTEXT_LINES = 1000
#: Seconds between two looks at a file in which nothing is new.
_PAUSE = 0.05

_SEVERITIES = (
    ("FATAL", re.compile(r"\b(?:FATAL|CRITICAL|EMERG(?:ENCY)?|PANIC)\b", re.IGNORECASE)),
    ("ERROR", re.compile(r"\b(?:ERROR|ERR|SEVERE)\b", re.IGNORECASE)),
    ("WARN", re.compile(r"\b(?:WARN|WARNING)\b", re.IGNORECASE)),
)
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
)


class LogAnalyzer:
    """Looks for patterns, line by line.

    :param patterns: regular expressions.
    :param context_lines: how many lines before a match are given with it.
    :raises ValueError: no pattern, one that is no regular expression, or too many lines of context.
    """

    def __init__(self, patterns: Sequence[str], context_lines: int = 3) -> None:
        if not patterns:
            raise ValueError("patterns is empty; give at least one regular expression, such as ERROR")
        if not 0 <= context_lines <= MAX_CONTEXT_LINES:
            raise ValueError(f"context_lines is {context_lines}; give 0 to {MAX_CONTEXT_LINES}")
        self._patterns = [_compiled(pattern) for pattern in patterns]
        self._before: deque[str] = deque(maxlen=context_lines)
        self.lines = 0

    def feed(self, line: str) -> list[dict[str, Any]]:
        """One finding for each pattern that the line has: ``line_number`` (from 1), ``log_line``,
        ``pattern_matched``, ``severity``, ``timestamp`` as written in the line (or None) and ``context``,
        the lines before it.
        """
        self.lines += 1
        matched = [pattern.pattern for pattern in self._patterns if pattern.search(line)]
        facts = (
            {
                "line_number": self.lines,
                "log_line": line,
                "severity": severity(line),
                "timestamp": timestamp(line),
                "context": list(self._before),
            }
            if matched
            else {}
        )
        self._before.append(line)
        return [{**facts, "pattern_matched": pattern} for pattern in matched]


def watch(
    follower: Follower, analyzer: LogAnalyzer, idle_timeout: Optional[float], max_matches: Optional[int]
) -> Iterator[dict[str, Any]]:
    """Findings as they come; after ``max_matches`` of them, or ``idle_timeout`` seconds without a new line,
    why it ended: ``reason`` (``max_matches`` or ``idle``), ``lines`` and ``matches``. None is for ever.
    """
    found, heard = 0, time.monotonic()
    idle = False
    while True:
        for line in follower.rest() if idle else follower.lines():
            heard = time.monotonic()
            for finding in analyzer.feed(line):
                yield finding
                found += 1
                if found == max_matches:
                    yield {"reason": "max_matches", "lines": analyzer.lines, "matches": found}
                    return
        if idle:
            yield {"reason": "idle", "lines": analyzer.lines, "matches": found}
            return
        idle = idle_timeout is not None and time.monotonic() - heard >= idle_timeout
        if not idle:
            time.sleep(_PAUSE)


def severity(line: str) -> str:
    """The gravest of FATAL, ERROR and WARN that the line names, else INFO."""
    return next((name for name, pattern in _SEVERITIES if pattern.search(line)), "INFO")


def timestamp(line: str) -> Optional[str]:
    """The first ISO 8601, web server or syslog time in the line, as it stands there."""
    found = _TIMESTAMP.search(line)
    return found.group() if found else None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
