"""The errors that a tool can meet."""

from __future__ import annotations

from typing import Any


class CallCancelled(BaseException):
    """Raised inside a tool whose call was cancelled.

    It derives from ``BaseException``, so ``except Exception`` does not swallow it. ``finally`` blocks run.
    """


class HostToolError(RuntimeError):
    """A tool of the host failed.

    ``type`` is the error's own name on the host (``RangeError``), ``code`` one of the protocol's error codes,
    ``details`` whatever the host attached, or None. ``traceback`` is the host's stack as text, or None; it is
    printed as the cause of this error.
    """

    def __init__(
        self, type: str, code: str, message: str, details: Any = None, traceback: str | None = None
    ) -> None:
        super().__init__(f"{type}: {message}")
        self.type = type
        self.code = code
        self.message = message
        self.details = details
        self.traceback = traceback
        if traceback is not None:
            self.__cause__ = HostTraceback(f"\n{traceback}")


class HostTraceback(Exception):
    """Where a tool of the host failed, as text."""


class NotSerializableError(TypeError):
    """A value cannot travel. The message names the type and the path, for instance ``args.rows[3].when``."""
