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


class UnknownVariableError(HostToolError, KeyError):
    """The session has no variable of this name."""

    __str__ = BaseException.__str__


class InvalidVariableError(HostToolError, ValueError):
    """A value does not fit its variable's type or constraints; or a name, type or constraint is bad."""


class UnknownProgramError(HostToolError, KeyError):
    """There is no program of this id."""

    __str__ = BaseException.__str__


class NoSessionError(HostToolError):
    """What was asked for belongs to a session, and the call is outside of any."""


class HostTraceback(Exception):
    """Where a tool of the host failed, as text."""


class NotSerializableError(TypeError):
    """A value cannot travel. The message names the type and the path, for instance ``args.rows[3].when``."""


_TYPED: dict[str, type[HostToolError]] = {
    "UnknownVariable": UnknownVariableError,
    "InvalidVariable": InvalidVariableError,
    "UnknownProgram": UnknownProgramError,
    "NoSession": NoSessionError,
}


def typed(error: HostToolError) -> HostToolError:
    """The same error of the class that its ``type`` has here."""
    kind = _TYPED.get(error.type, HostToolError)
    return kind(error.type, error.code, error.message, error.details, error.traceback)
