"""The two lines that host and worker exchange before anything else."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NamedTuple

from snakepit_bridge import __version__
from snakepit_bridge._transports.negotiation import Choice
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.limits import MAX_HELLO_BYTES, Limits
from snakepit_bridge._wire.source import Source
from snakepit_bridge._worker.failures import Refusal, describe
from snakepit_bridge._worker.journal import Journal
from snakepit_bridge._worker.profile import free_threaded

PROTOCOL_VERSION = 1
_FEATURES = ["stream", "cancel", "host-call", "attachments", "sessions"]


class Welcome(NamedTuple):
    """What the host says about this connection."""

    worker_id: str
    log_level: str
    limits: Limits
    #: It reads the journal of this worker, should that die.
    journal: bool = False


def hello(
    choice: Choice, tools: list[dict[str, Any]] | None, concurrency: int, journal: Journal | None = None
) -> bytes:
    """
    :param concurrency: how many calls this worker runs at a time.
    :raises ValueError: the declared tools do not fit.
    """
    line = first_line(
        transport=choice.transport,
        **_whereabouts(choice),
        pid=os.getpid(),
        runtime={
            "name": "python",
            "version": "{}.{}.{}".format(*sys.version_info[:3]),
            "freeThreaded": free_threaded(),
        },
        bridge=__version__,
        features=_FEATURES,
        **({} if journal is None else {"journal": journal.whereabouts._asdict()}),
        concurrency=concurrency,
        tools=tools,
        skipped=choice.skipped,
    )
    if len(line) > MAX_HELLO_BYTES:
        raise ValueError(f"the declared tools take {len(line)} bytes, more than {MAX_HELLO_BYTES}")
    return line


def _whereabouts(choice: Choice) -> dict[str, Any]:
    carrier = choice.carrier
    if carrier is None or carrier.address is None:
        return {"address": None}
    return {"address": carrier.address, "token": carrier.token}


def error_hello(error: BaseException, skipped: list[dict[str, str]]) -> bytes:
    """Says why the worker cannot start."""
    fields = describe(error, cancelled=False)
    if not isinstance(error, Refusal):
        fields["code"] = "internal"
    return first_line(error=fields, skipped=skipped)


def read_welcome(source: Source) -> Welcome:
    """
    :raises ProtocolError: the host sent something else, or speaks another version.
    :raises EOFError: the host is gone.
    """
    try:
        fields = json.loads(str(source.line(MAX_HELLO_BYTES), "utf-8"))
    except ValueError as error:
        raise ProtocolError(f"a welcome that is not JSON: {error}") from None
    version = fields.get("snakepit") if type(fields) is dict else None
    if version != PROTOCOL_VERSION:
        raise ProtocolError(f"the host speaks protocol version {version}, this worker {PROTOCOL_VERSION}")
    limits = fields.get("limits")
    return Welcome(
        str(fields.get("workerId", "")),
        str(fields.get("logLevel", "info")),
        Limits.from_welcome(limits if type(limits) is dict else {}),
        fields.get("journal") is True,
    )


def first_line(**fields: Any) -> bytes:
    """What a process says first, with the version of the protocol."""
    return json.dumps({"snakepit": PROTOCOL_VERSION, **fields}).encode() + b"\n"
