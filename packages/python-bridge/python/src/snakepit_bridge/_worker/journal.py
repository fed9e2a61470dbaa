"""Answers that wait to be written, kept where the host finds them if this process dies first."""

from __future__ import annotations

import os
import secrets
from typing import NamedTuple

from snakepit_bridge._wire.shared import memory

#: Of the journal, behind its nonce: two native 64-bit integers, `start` and `length`.
_NONCE_BYTES = 32
_HEADER_BYTES = _NONCE_BYTES + 16
#: Answers that may wait, in bytes.
JOURNAL_BYTES = 32 * 1024


class Whereabouts(NamedTuple):
    """How the host finds the journal, and knows that it is the right one."""

    fd: int
    nonce: str


class Journal:
    """A file in memory, which the host keeps open: what stands in it outlives this process.

    The bytes from position ``start`` of the channel on, ``length`` of them. The process may be killed between
    any two writes, so their order is such that the journal is true at every moment.

    :raises OSError: the system gives no such file.
    """

    def __init__(self) -> None:
        nonce = secrets.token_hex(_NONCE_BYTES // 2)
        size = _HEADER_BYTES + JOURNAL_BYTES
        fd = memory.create(size, f"snakepit-journal-{os.getpid()}")
        self.whereabouts = Whereabouts(fd, nonce)
        self._memory = memoryview(memory.map_whole(fd, size))
        self._memory[:_NONCE_BYTES] = nonce.encode()
        #: Each is written in one instruction.
        self._header = self._memory[_NONCE_BYTES:_HEADER_BYTES].cast("Q")
        self._bytes = self._memory[_HEADER_BYTES:]
        self._length = 0

    def note(self, data: bytes, position: int) -> bool:
        """Adds what follows on what stands here, or else at ``position``. False: there is no room."""
        length = self._length
        end = length + len(data)
        if end > JOURNAL_BYTES:
            return False
        if not length:
            self._header[0] = position
        self._bytes[length:end] = data
        self._header[1] = self._length = end
        return True

    def clear(self) -> None:
        """Everything noted was written to the channel."""
        self._header[1] = self._length = 0


def make_journal() -> Journal | None:
    """None: this system has no such files, or no room for one."""
    if not memory.can_share():
        return None
    try:
        return Journal()
    except OSError:
        return None
