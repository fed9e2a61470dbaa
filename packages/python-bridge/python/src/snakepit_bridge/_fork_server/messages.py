"""What a host asks of a fork server, and what it is told. One JSON object a line."""

from __future__ import annotations

import errno
import json
import os
import signal
from typing import Any, NamedTuple, Union

#: Of a line. An environment may be large.
MAX_LINE_BYTES = 16 * 1024 * 1024


class ForkRequest(NamedTuple):
    """What the forked process shall be."""

    id: int
    args: list[str]
    #: Changes: None removes a variable.
    env: dict[str, Union[str, None]]
    #: None: where the fork server is.
    cwd: str | None
    #: Where it connects to, and what lets it in.
    socket: str
    token: str


class KillRequest(NamedTuple):
    """The worker's process group gets a signal."""

    id: int
    signal: int


def parse(line: bytes) -> ForkRequest | KillRequest | None:
    """None: a type that this version does not know.

    :raises ValueError: this is no request.
    :raises KeyError, TypeError: a field is missing, or is something else.
    """
    fields = json.loads(line)
    kind = fields["type"]
    if kind == "kill":
        return KillRequest(int(fields["id"]), signal.Signals[fields["signal"]])
    if kind != "fork":
        return None
    return ForkRequest(
        id=int(fields["id"]),
        args=[str(word) for word in fields["args"]],
        env={str(name): value for name, value in fields["env"].items()},
        cwd=fields.get("cwd"),
        socket=str(fields["socket"]),
        token=str(fields["token"]),
    )


def forked(id: int, pid: int) -> bytes:
    return _line(type="forked", id=id, pid=pid)


def failed(id: int, error: OSError) -> bytes:
    return _line(type="failed", id=id, error={"code": _name_of(error), "message": str(error)})


def ended(id: int, pid: int, status: int) -> bytes:
    """:param status: as ``waitpid`` gives it."""
    code = os.waitstatus_to_exitcode(status)
    by_signal = code < 0
    return _line(
        type="exit",
        id=id,
        pid=pid,
        code=None if by_signal else code,
        signal=_signal_name(-code) if by_signal else None,
    )


def _line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _name_of(error: OSError) -> str | None:
    return errno.errorcode.get(error.errno or 0)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
