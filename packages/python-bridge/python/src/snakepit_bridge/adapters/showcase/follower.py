"""Reads a file while it is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Optional

_BLOCK_BYTES = 64 * 1024
#: A line that is longer is cut into several.
MAX_LINE_BYTES = 1024 * 1024


class Follower:
    """Reads the lines of a growing file. One that is replaced (rotated) or truncated is read from its start.

    :raises FileNotFoundError: there is no such file now.
    """

    def __init__(self, path: str, from_start: bool = True) -> None:
        self._path = Path(path).expanduser()
        self._file: BinaryIO = self._path.open("rb")
        self._partial = b""
        if not from_start:
            self._file.seek(0, os.SEEK_END)

    def lines(self) -> Iterator[str]:
        """The complete lines that have come since, without their ends. Ends when there is nothing new."""
        while True:
            block = self._file.read(_BLOCK_BYTES)
            if block:
                yield from self._cut(block)
            elif self._was_truncated():
                self._file.seek(0)
                self._partial = b""
            else:
                successor = self._successor()
                if successor is None:
                    return
                # What was written between the last read and the replacement is still in the old file.
                for rest in iter(lambda: self._file.read(_BLOCK_BYTES), b""):
                    yield from self._cut(rest)
                yield from self.rest()
                self._file.close()
                self._file = successor

    def rest(self) -> Iterator[str]:
        """The last line, if it has no end yet."""
        if self._partial:
            yield _text(self._partial)
        self._partial = b""

    def close(self) -> None:
        self._file.close()

    def _cut(self, block: bytes) -> Iterator[str]:
        *lines, self._partial = (self._partial + block).split(b"\n")
        yield from map(_text, lines)
        if len(self._partial) > MAX_LINE_BYTES:
            yield from self.rest()

    def _was_truncated(self) -> bool:
        return os.fstat(self._file.fileno()).st_size < self._file.tell()

    def _successor(self) -> Optional[BinaryIO]:
        """The file that has taken the place of the open one; None while there is none."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return None
        if os.path.sameopenfile(file.fileno(), self._file.fileno()):
            file.close()
            return None
        return file


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "replace")
