"""Whether two processes can open each other's files in memory: each reads what only the other can know."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.shared import memory

_NONCE = re.compile(r"[0-9a-f]{32}\Z")
_NONCE_BYTES = 32


class Probe(NamedTuple):
    """A file in memory that holds its nonce and nothing else; the fields are those of the handshake."""

    pid: int
    fd: int
    nonce: str

    @classmethod
    def make(cls) -> Probe:
        """One of this process.

        :raises OSError: the system refuses.
        """
        nonce = os.urandom(_NONCE_BYTES // 2).hex()
        fd = memory.create(_NONCE_BYTES)
        os.pwrite(fd, nonce.encode(), 0)
        return cls(os.getpid(), fd, nonce)

    @classmethod
    def read_fields(cls, fields: Any) -> Probe:
        """One of the peer.

        :raises ProtocolError: the fields are malformed.
        """
        if type(fields) is not dict:
            raise _malformed()
        nonce = fields.get("nonce")
        if type(nonce) is not str or not _NONCE.match(nonce):
            raise _malformed()
        return cls(_number(fields.get("pid"), 1), _number(fields.get("fd"), 0), nonce)

    def can_be_read(self) -> bool:
        """Whether this process can open what that one owns."""
        try:
            with memory.opened(self.pid, self.fd) as fd:
                return os.pread(fd, _NONCE_BYTES + 1, 0) == self.nonce.encode()
        except OSError:
            return False

    def close(self) -> None:
        """Of this process alone: nobody reads it any more."""
        os.close(self.fd)


def _number(value: Any, least: int) -> int:
    if type(value) is not int or value < least:
        raise _malformed()
    return value


def _malformed() -> ProtocolError:
    return ProtocolError("a malformed sharedMemory")
