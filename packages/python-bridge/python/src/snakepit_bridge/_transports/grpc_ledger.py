"""Which calls were started, for a host that outlives this process."""

from __future__ import annotations

import mmap
import os
import struct
import threading

#: In the machine's own byte order, because only then it is one store, which is never seen half done.
_ID = struct.Struct("@Q")


class Ledger:
    """A file of eight bytes: the id of the newest call that was started.

    Mapped, so that a note costs no system call, and is there however this process ends.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._newest = 0
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(fd, _ID.size)
            self._map = mmap.mmap(fd, _ID.size)
        finally:
            os.close(fd)

    def note(self, id: int) -> None:
        """Threads that start calls at the same time may come in any order."""
        with self._lock:
            if id > self._newest:
                self._newest = id
                _ID.pack_into(self._map, 0, id)
