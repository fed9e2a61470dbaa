"""Tools that take and give large binary data."""

from __future__ import annotations

import os
import signal
import zlib
from typing import Any

import numpy


class Large:
    def __init__(self) -> None:
        self.kept: list[Any] = []

    def echo(self, value: Any) -> Any:
        return value

    def checksum(self, data: bytes) -> int:
        return zlib.crc32(data)

    def fill(self, size: int, byte: int) -> bytes:
        return bytes([byte]) * size

    def count(self, n: int) -> Any:
        return numpy.arange(n, dtype=numpy.float64)

    def total(self, values: numpy.ndarray) -> float:
        return float(values.sum())

    def keep(self, value: Any) -> int:
        """Holds whatever memory the value lies in."""
        self.kept.append(value)
        return len(self.kept)

    def sums(self) -> list[float]:
        return [float(value.sum()) for value in self.kept]

    def die(self, value: Any) -> None:
        self.kept.append(value)
        os.kill(os.getpid(), signal.SIGKILL)

    def chunks(self, n: int, size: int) -> Any:
        for index in range(n):
            yield bytes([index]) * size

    def files(self) -> list[str]:
        """Files in memory that this process has open, but for its journal."""
        found = []
        for fd in os.listdir("/proc/self/fd"):
            try:
                found.append(os.readlink(f"/proc/self/fd/{fd}"))
            except OSError:
                continue
        return [path for path in found if path.startswith("/memfd:")]
