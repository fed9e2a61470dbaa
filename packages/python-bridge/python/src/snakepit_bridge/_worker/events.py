"""What tools measure, as frames."""

from __future__ import annotations

from typing import Any

from snakepit_bridge._wire.frames import Frames
from snakepit_bridge._worker.flood_gate import FloodGate
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.outbox import Outbox

_MAX_NAME = 256
_MAX_BYTES = 64 * 1024


class EventSender:
    """Never blocks: what is too much is dropped, and a log record says how much."""

    def __init__(self, outbox: Outbox, frames: Frames, interrupts: Interrupts) -> None:
        self._outbox = outbox
        self._frames = frames
        self._interrupts = interrupts
        self._gate = FloodGate(self._tell)

    def send(self, name: str, measurements: dict[str, float], metadata: dict[str, Any]) -> None:
        """
        :raises Exception: the metadata cannot travel.
        """
        if self._outbox.closed:
            return
        with self._interrupts:
            if self._outbox.crowded:
                self._gate.hold()
            elif self._gate.admit():
                self._post(name, measurements, metadata)

    def end(self) -> None:
        """Tells at once what was dropped: the worker is about to end."""
        self._gate.end()

    def _post(self, name: str, measurements: dict[str, float], metadata: dict[str, Any]) -> None:
        frame = {
            "type": "event",
            "name": _sound(name)[:_MAX_NAME],
            "measurements": {_sound(key): value for key, value in measurements.items()},
            "metadata": metadata,
        }
        encoded = self._frames.encode(frame, "metadata", "metadata")
        if self._frames.size_of(encoded) > _MAX_BYTES:
            self._gate.hold()
        else:
            self._outbox.post(encoded)

    def _tell(self, count: int) -> None:
        notice = {"type": "log", "level": "warn", "message": f"… {count:,} telemetry events dropped"}
        self._outbox.post(self._frames.encode_plain(notice))


def _sound(text: str) -> str:
    """Valid Unicode."""
    return text.encode("utf-8", "backslashreplace").decode()
