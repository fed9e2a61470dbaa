"""Tools that keep what they get, and look at what this process has open."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

from snakepit_bridge import tool


class Sharing:
    def __init__(self) -> None:
        self._kept: list[Any] = []

    @tool
    def echo(self, value: Any) -> Any:
        return value

    @tool
    def keep(self, value: Any, rows: int = 0) -> str:
        """Keeps all of it, or the first rows alone."""
        self._kept.append(value[:rows] if rows else value)
        return type(value).__name__

    @tool
    def keep_in_cycle(self, value: Any) -> None:
        """Only the garbage collector lets go of it again."""
        cycle = [value]
        cycle.append(cycle)

    @tool
    def collect(self) -> None:
        gc.collect()

    @tool
    def write(self, at: int, number: int) -> None:
        self._kept[-1][at] = number

    @tool
    def kept(self) -> Any:
        return self._kept[-1].tolist()

    @tool
    def let_go(self) -> None:
        self._kept.clear()

    @tool
    def zeros(self, size: int) -> bytes:
        return bytes(size)

    @tool
    def blocks(self, sizes: list[int], changed: bool = False) -> list[bytearray]:
        return [bytearray(number for _ in range(1)) * size for number, size in enumerate(sizes, 1)]

    @tool
    def broken(self, size: int) -> list[Any]:
        return [bytes(size), "\ud800"]

    @tool
    def pieces(self, size: int, count: int) -> Any:
        """Yields the same buffer again and again, each time with other bytes."""
        buffer = bytearray(size)
        for number in range(count):
            buffer[:] = bytes([number]) * size
            yield buffer

    @tool
    def memory(self) -> dict[str, int]:
        """How many descriptors and mappings of shared memory there are."""
        return _memory()

    @tool
    def memory_of_child(self) -> dict[str, int]:
        """The same in a process that was forked just now."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            found = _memory()
            os.write(writer, f"{found['descriptors']} {found['mappings']}".encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        descriptors, mappings = os.read(reader, 100).split()
        os.close(reader)
        return {"descriptors": int(descriptors), "mappings": int(mappings)}


def _memory() -> dict[str, int]:
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    shared = [name for name in links if "memfd:" in name and "journal" not in name]
    maps = Path("/proc/self/maps").read_text().splitlines()
    mappings = [line for line in maps if "memfd:" in line and "journal" not in line]
    return {"descriptors": len(shared), "mappings": len(mappings)}
