"""Frames read through an inlet, whatever their encoding."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, Callable

from snakepit_bridge._wire import fields
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred, Inlet
from snakepit_bridge._wire.source import Source

MakeInlet = Callable[[Source], Inlet]


def read_pieces(pieces: list[bytes], make_inlet: MakeInlet) -> list[Any]:
    """The frames of a pipe into which the pieces are written one by one."""
    reader, writer = os.pipe()
    gate = threading.Semaphore(1)

    def write() -> None:
        try:
            for piece in pieces:
                gate.acquire(timeout=1)
                view = memoryview(piece)
                while view:
                    view = view[os.write(writer, view) :]
        except BrokenPipeError:
            pass
        finally:
            os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    inlet = make_inlet(Source(reader))
    inlet.on_wait(gate.release)
    frames: list[Any] = []
    try:
        while True:
            frame = inlet.read()
            fields.check(frame)
            frames.append({**frame, **_restored(frame)})
    except EOFError:
        return frames
    finally:
        os.close(reader)
        thread.join()


def read_frame(data: bytes, make_inlet: MakeInlet, tmp_path: Path) -> dict[str, Any]:
    """One frame as the worker reads it, deferred values restored; empty for one that is to be ignored."""
    path = tmp_path / "bytes"
    path.write_bytes(data)
    fd = os.open(path, os.O_RDONLY)
    try:
        frame = make_inlet(Source(fd)).read()
    finally:
        os.close(fd)
    if fields.check(frame) is None:
        return {}
    for holder in (frame, frame.get("error")):
        if isinstance(holder, dict):
            holder.update(_restored(holder))
    if frame["type"] == "call" and type(frame["args"]) is not dict:
        raise ProtocolError("args")
    return frame


def _restored(holder: dict[str, Any]) -> dict[str, Any]:
    return {name: value.restore() for name, value in holder.items() if isinstance(value, Deferred)}
