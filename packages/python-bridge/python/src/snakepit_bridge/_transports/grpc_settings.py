"""How a gRPC server shall listen, as the host wrote it into the environment."""

from __future__ import annotations

import json
import os
from typing import NamedTuple, Optional

VARIABLE = "SNAKEPIT_GRPC"


class Keepalive(NamedTuple):
    """Milliseconds without traffic until the peer is asked whether it is there; and to wait then."""

    interval: int
    timeout: int


class Settings(NamedTuple):
    """``ports`` is where to look for a free one with ``tcp``; 0 leaves the choice to the system."""

    listen: str = "unix"
    ports: range = range(1)
    max_message_bytes: int = 4 * 1024 * 1024
    keepalive: Optional[Keepalive] = None

    @classmethod
    def from_environment(cls) -> Settings:
        """:raises ValueError: the variable is malformed, or asks for what this version does not know."""
        fields = json.loads(os.environ.pop(VARIABLE, "{}"))
        settings = cls(
            str(fields.get("listen", "unix")),
            _ports(int(fields.get("port", 0)), int(fields.get("portRange", 1))),
            int(fields.get("maxMessageBytes", cls._field_defaults["max_message_bytes"])),
            _keepalive(fields.get("keepalive")),
        )
        if settings.listen not in ("unix", "tcp"):
            raise ValueError(f"{VARIABLE}: listen is {settings.listen!r}, not 'unix' or 'tcp'")
        return settings


def _ports(first: int, count: int) -> range:
    return range(first, first + count)


def _keepalive(fields: Optional[dict[str, int]]) -> Optional[Keepalive]:
    return None if fields is None else Keepalive(int(fields["interval"]), int(fields["timeout"]))
