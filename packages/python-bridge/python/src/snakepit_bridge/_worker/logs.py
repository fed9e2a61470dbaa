"""Records of Python's ``logging`` as frames."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Any

from snakepit_bridge._wire.frames import Frames
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.session_context import current_scope

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_MAX_MESSAGE = 64 * 1024


class LogHandler(logging.Handler):
    """Sends records; before it is connected they go to stderr. Never blocks: what is too much is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: Outbox | None = None
        self._frames: Frames
        self._interrupts: Interrupts
        self._dropped = 0

    def install(self) -> None:
        """Before the adapter is imported, so that its ``logging.basicConfig()`` finds a handler already."""
        root = logging.getLogger()
        root.addHandler(self)
        root.setLevel(logging.INFO)

    def connect(self, outbox: Outbox, frames: Frames, interrupts: Interrupts, level: str) -> None:
        self._frames = frames
        self._interrupts = interrupts
        self._outbox = outbox
        number = _LEVELS.get(level, logging.INFO)
        self.setLevel(number)
        logging.getLogger().setLevel(number)

    def createLock(self) -> None:
        """There is none: an interrupt could come between taking and guarding it. The outbox needs none."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> Any:
        if self._outbox is None:
            return self._print(record)
        with self._interrupts, contextlib.suppress(Exception):
            if self.filter(record):
                self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        outbox = self._outbox
        if outbox is None or outbox.crowded:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            notice = {"type": "log", "level": "warn", "message": f"{dropped} log records were dropped"}
            outbox.post(self._frames.encode_plain(notice))
        frame = self._frame(record)
        encoded = self._frames.encode_plain(frame)
        if not self._frames.fits(encoded):
            encoded = self._frames.encode_plain({**frame, "message": frame["message"][:100]})
        outbox.post(encoded)

    def _frame(self, record: logging.LogRecord) -> dict[str, Any]:
        text = self.format(record)[:_MAX_MESSAGE].encode("utf-8", "backslashreplace").decode()
        frame: dict[str, Any] = {"type": "log", "level": _level(record.levelno), "message": text}
        frame["logger"] = record.name
        scope = current_scope.get()
        if isinstance(scope, Call):
            frame["call"] = scope.id
        return frame

    def _print(self, record: logging.LogRecord) -> bool:
        with contextlib.suppress(Exception):
            sys.stderr.write(f"{record.levelname} {record.name}: {self.format(record)}\n")
        return True


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"
