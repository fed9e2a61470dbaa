"""The host in miniature, with memory that it shares with its worker."""

from __future__ import annotations

import array
import mmap
import os
from typing import Any, Optional

from client import Frame, Host

MIB = 1024 * 1024


class Memory:
    """A file in memory that this process owns."""

    def __init__(self, size: int) -> None:
        self.fd = os.memfd_create("test")
        os.posix_fallocate(self.fd, 0, size)
        self.map = mmap.mmap(self.fd, size)

    def close(self) -> None:
        self.map.close()
        os.close(self.fd)


class Probe(Memory):
    def __init__(self) -> None:
        super().__init__(32)
        self.nonce = os.urandom(16).hex()
        self.map[:] = self.nonce.encode()

    @property
    def fields(self) -> Frame:
        return {"pid": os.getpid(), "fd": self.fd, "nonce": self.nonce}


class SharedHost(Host):
    """It offers shared memory, opens what the worker announces, and releases what it has read."""

    def __init__(self, *arguments: Any, greet: Optional[Frame] = None, **options: Any) -> None:
        """
        :param greet: fields of the probe that differ from the truth.
        """
        self._probe = Probe()
        self._greet = greet or {}
        self._owned: list[Memory] = [self._probe]
        #: Segments of the worker, and those that are not released at once.
        self.opened: dict[int, mmap.mmap] = {}
        self.kept: set[int] = set()
        self.keeping = False
        env = {"SNAKEPIT_SHARED_MEMORY": "1", **(options.pop("env", None) or {})}
        super().__init__(*arguments, env=env, **options)

    def greeting(self) -> Frame:
        return {"sharedMemory": {**self._probe.fields, **self._greet}}

    def agree(self) -> None:
        """Opens the lane in both directions."""
        self.release(0)
        self.await_release(0)

    def read_line(self) -> Frame:
        frame = super().read_line()
        if frame.get("type") == "segment":
            self._open(frame)
        return frame

    def attachment(self, entry: Any) -> bytes:
        if isinstance(entry, int):
            return super().attachment(entry)
        data = self.opened[entry["segment"]][: entry["bytes"]]
        if self.keeping:
            self.kept.add(entry["segment"])
        else:
            self.release(entry["segment"])
        return data

    def share(self, data: bytes) -> tuple[int, Memory]:
        """Announces a segment with ``data`` in it; the worker has opened it on return."""
        memory = Memory(max(MIB, len(data)))
        memory.map[: len(data)] = data
        self._owned.append(memory)
        id = len(self._owned) - 1
        self.announce(id, memory)
        self.await_release(id)
        return id, memory

    def announce(self, id: int, memory: Memory, **fields: Any) -> None:
        frame = {"type": "segment", "segment": id, "fd": memory.fd, "capacity": len(memory.map)}
        self.send({**frame, **fields})

    def release(self, id: int) -> None:
        self.send({"type": "release", "segment": id})

    def await_release(self, id: int) -> None:
        self.next(lambda frame: frame["type"] == "release" and frame["segment"] == id)

    def _open(self, frame: Frame) -> None:
        fd = os.open(f"/proc/{self.process.pid}/fd/{frame['fd']}", os.O_RDWR)
        self.opened[frame["segment"]] = mmap.mmap(fd, frame["capacity"])
        os.close(fd)
        self.release(frame["segment"])

    def close(self) -> None:
        super().close()
        for memory in self._owned:
            memory.close()


def tagged(kind: str, at: int = 0, **fields: Any) -> Frame:
    return {"$": kind, "at": at, **fields}


def floats(count: int) -> bytes:
    return array.array("d", range(count)).tobytes()


def send_shared(host: SharedHost, tool: str, id: int, size: int, value: Any = None, **args: Any) -> int:
    """A call whose argument lies in a segment."""
    value = tagged("bytes") if value is None else value
    return host.call(tool, {"value": value, **args}, attach=[{"bytes": size, "segment": id}])


def warm(host: SharedHost, size: int) -> None:
    """The worker has a segment for an answer of so many bytes."""
    host.run("zeros", {"size": size})
    host.ping()


def entry(host: SharedHost, id: int) -> Any:
    """What the answer of a call says of its attachment, and that this is all zeros."""
    frame = host.next_of(id)
    assert set(frame["attachments"][0]) == {0}
    return frame["attach"][0]
