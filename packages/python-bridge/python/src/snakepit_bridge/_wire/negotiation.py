"""Which of the offered transports this worker takes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Callable, NamedTuple

from snakepit_bridge._wire.frames import Frames
from snakepit_bridge._wire.limits import Limits

#: Where each transport's frames live. A module is imported only when its transport is offered.
_MODULES = {"json": ("snakepit_bridge._wire.json_frames", "JsonFrames")}


class Choice(NamedTuple):
    """``frames`` is None when nothing fits; ``skipped`` says why each better one was passed over."""

    transport: str | None
    frames: Callable[[Limits], Frames] | None
    skipped: list[dict[str, str]]


def negotiate(offer: Sequence[str]) -> Choice:
    """Takes the first transport that can really be used."""
    skipped: list[dict[str, str]] = []
    for transport in offer:
        place: Any = _MODULES.get(transport)
        if place is None:
            skipped.append({"transport": transport, "reason": "not supported by this bridge"})
            continue
        try:
            return Choice(transport, getattr(import_module(place[0]), place[1]), skipped)
        except ImportError as error:
            skipped.append({"transport": transport, "reason": str(error)})
    return Choice(None, None, skipped)
