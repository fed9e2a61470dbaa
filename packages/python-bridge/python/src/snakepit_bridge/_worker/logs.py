"""Records of Python's ``logging`` as frames."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Any, Callable

from snakepit_bridge._wire.frames import Encoded, Frames
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.flood_gate import FloodGate
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge.session_context import current_scope

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_MAX_TEXT = 64 * 1024
#: Of a record that does not fit into a frame.
_SHORT_TEXT = 100


class LogHandler(logging.Handler):
    """Sends records; before it is connected they go to stderr. Never blocks: what is too much is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: Outbox | None = None
        self._frames: Frames
        self._interrupts: Interrupts
        self._records = FloodGate(lambda count: self._tell(f"… {count:,} records dropped"))
        # A flood of other records must not swallow an error.
        self._errors = FloodGate(lambda count: self._tell(f"… {count:,} error records dropped"))

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

    def end(self) -> None:
        """Tells at once what was dropped: the worker is about to end."""
        self._records.end()
        self._errors.end()

    def createLock(self) -> None:
        """There is none: an interrupt could come between taking and guarding it. The outbox needs none."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> Any:
        if self._outbox is None or self._outbox.closed:
            self._print(record)
            return True
        with self._interrupts:
            if self.filter(record):
                self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        outbox = self._outbox
        gate = self._errors if record.levelno >= logging.ERROR else self._records
        if outbox is None or outbox.crowded:
            gate.hold()
        elif gate.admit():
            try:
                outbox.post(self._encode(record))
            except Exception:
                gate.hold()

    def _encode(self, record: logging.LogRecord) -> Encoded:
        frame: dict[str, Any] = {"type": "log", "level": _level(record.levelno)}
        frame["message"] = _sound(self._text(record))
        frame["logger"] = _sound(record.name)
        scope = current_scope.get()
        if isinstance(scope, Call):
            frame["call"] = scope.id
        encoded = self._frames.encode_plain(frame)
        if self._frames.fits(encoded):
            return encoded
        short = {key: frame[key][:_SHORT_TEXT] for key in ("message", "logger")}
        return self._frames.encode_plain({**frame, **short})

    def _text(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record)
        except Exception as error:
            return _unformatted(record, error)

    def _tell(self, message: str) -> None:
        if self._outbox is not None:
            notice = {"type": "log", "level": "warn", "message": message}
            self._outbox.post(self._frames.encode_plain(notice))

    def _print(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):
            sys.stderr.write(f"{record.levelname} {record.name}: {self._text(record)}\n")


def _unformatted(record: logging.LogRecord, error: Exception) -> str:
    """What can be had of a record that cannot be formatted, and why it cannot."""
    arguments = record.args if isinstance(record.args, tuple) else (record.args,)
    shown = ", ".join(_shown(argument, repr) for argument in arguments)
    problem = f"{type(error).__name__}: {_shown(error, str)}"
    place = f"{record.pathname}:{record.lineno}"
    return f"{_shown(record.msg, str)} ({shown})\n[logged at {place}, cannot be formatted: {problem}]"


def _shown(value: object, show: Callable[[object], str]) -> str:
    try:
        return show(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _sound(text: object) -> str:
    """Valid Unicode, and not too long."""
    return str(text)[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode()


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"
