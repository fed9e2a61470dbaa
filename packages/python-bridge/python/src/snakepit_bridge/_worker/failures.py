"""What went wrong, as it travels."""

from __future__ import annotations

import contextlib
import os
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from snakepit_bridge._wire.errors import Unsendable
from snakepit_bridge._wire.frames import Frames
from snakepit_bridge.errors import CallCancelled

_MAX_MESSAGE = 64 * 1024
_MAX_TRACEBACK = 256 * 1024
#: Frames of these folders are the bridge's own, of no interest to the author of a tool.
_OWN = tuple(f"{Path(__file__).parent.parent / name}{os.sep}" for name in ("_worker", "_wire"))


class Refusal(Exception):
    """The bridge itself answers a call with an error."""

    def __init__(self, code: str, type: str, message: str, details: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.type = type
        self.message = message
        self.details = details

    def describe(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "code": self.code,
            "type": self.type,
            "message": _clean(self.message, _MAX_MESSAGE),
        }
        if self.details is not None:
            error["details"] = {key: _clean(text, _MAX_MESSAGE) for key, text in self.details.items()}
        return error


def not_started(reason: str) -> Refusal:
    """The call was taken back before its tool ran."""
    return Refusal("not_started", "NotStarted", reason)


def invalid_parameter(tool: str, key: str, reason: str) -> Refusal:
    return Refusal(
        "invalid_parameter", "InvalidParameter", f"{tool}: {reason}", {"key": key, "reason": reason}
    )


def error_frame(frames: Frames, id: int, error: dict[str, Any]) -> bytes:
    """Answers a call. What is too long for the connection is shortened: the answer must arrive."""
    encoded = frames.encode_plain({"type": "error", "id": id, "error": error})
    if frames.fits(encoded):
        return encoded
    short = {"code": error["code"], "type": error["type"][:40], "message": error["message"][:100]}
    return frames.encode_plain({"type": "error", "id": id, "error": short})


def describe(error: BaseException, cancelled: bool) -> dict[str, Any]:
    """The fields of an error, as many as can be had."""
    if isinstance(error, Refusal):
        return error.describe()
    if isinstance(error, Unsendable):
        return Refusal("not_serializable", "NotSerializableError", str(error)).describe()
    if cancelled and (isinstance(error, CallCancelled) or type(error).__name__ == "CancelledError"):
        return {"code": "cancelled", "type": "CallCancelled", "message": "the call was cancelled"}
    fields: dict[str, Any] = {
        "code": "tool_error",
        "type": _clean(type(error).__name__, _MAX_MESSAGE),
        "message": _clean(_text(error), _MAX_MESSAGE),
    }
    with contextlib.suppress(BaseException):
        fields["traceback"] = _clean(format_traceback(error), _MAX_TRACEBACK)
    with contextlib.suppress(BaseException):
        if getattr(error, "retryable", False) is True:
            fields["retryable"] = True
    return fields


def attributes(error: BaseException) -> dict[str, Any]:
    """What an exception carries beside its message, by name."""
    return {name: value for name, value in vars(error).items() if not name.startswith("_")}


def format_traceback(error: BaseException) -> str:
    """The traceback without the bridge's own frames; causes and grouped errors included."""
    shown = traceback.TracebackException(type(error), error, _trim(error.__traceback__))
    return "".join(shown.format())


def _trim(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN):
        trace = trace.tb_next
    return trace


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return f"<{type(error).__name__} without a readable message>"


def _clean(text: str, limit: int) -> str:
    """Valid Unicode, and short enough: the middle is left out."""
    if len(text) > limit:
        text = f"{text[: limit // 2]}\n… {len(text) - limit} characters left out …\n{text[-limit // 2 :]}"
    return text.encode("utf-8", "backslashreplace").decode()
