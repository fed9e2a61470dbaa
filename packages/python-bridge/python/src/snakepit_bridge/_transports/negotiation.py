"""Which of the offered transports this worker takes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from snakepit_bridge._transports.carrier import Carrier

#: Where each transport lives. A module is imported only when its transport is offered, and fails to be when
#: this worker cannot use it.
_CARRIERS = {
    "json": ("snakepit_bridge._transports.json_carrier", "JsonCarrier"),
    "msgpack": ("snakepit_bridge._transports.msgpack_carrier", "MsgpackCarrier"),
    "grpc": ("snakepit_bridge._transports.grpc_carrier", "GrpcCarrier"),
}


class Choice(NamedTuple):
    """``carrier`` is None when nothing fits; ``skipped`` says why each better one was passed over."""

    transport: str | None
    carrier: Carrier | None
    skipped: list[dict[str, str]]


def negotiate(offer: Sequence[str]) -> Choice:
    """Takes the first transport that can really be used."""
    skipped: list[dict[str, str]] = []
    for transport in offer:
        place: Any = _CARRIERS.get(transport)
        if place is None:
            skipped.append({"transport": transport, "reason": "not supported by this bridge"})
            continue
        try:
            return Choice(transport, getattr(import_module(place[0]), place[1])(), skipped)
        # A library of the wrong version may fail in any way.
        except Exception as error:
            skipped.append({"transport": transport, "reason": str(error) or type(error).__name__})
    return Choice(None, None, skipped)
