"""Which of the offered transports this worker takes."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from snakepit_bridge._transports.carrier import Carrier


class _Place(NamedTuple):
    """Where a transport's carrier is, and what it needs from outside, as pip names it."""

    module: str
    name: str
    needs: tuple[str, ...] = ()


#: A module is imported only when its transport is offered, and cannot be when this worker cannot use it.
_CARRIERS = {
    "json": _Place(f"{__package__}.json_carrier", "JsonCarrier"),
    "msgpack": _Place(f"{__package__}.msgpack_carrier", "MsgpackCarrier", ("msgpack>=1.0",)),
    "grpc": _Place(f"{__package__}.grpc_carrier", "GrpcCarrier", ("grpcio>=1.60", "protobuf>=4.25")),
}


#: ``SNAKEPIT_CARRIER_TCP=my_module:MyCarrier`` teaches a worker the transport ``tcp``.
_CUSTOM = "SNAKEPIT_CARRIER_"


class _Unknown(Exception):
    """The host offers what this version of the bridge has not heard of."""


class Choice(NamedTuple):
    """``carrier`` is None when nothing fits; ``skipped`` says why each better one was passed over."""

    transport: str | None
    carrier: Carrier | None
    skipped: list[dict[str, str]]

    @property
    def on_channel(self) -> bool:
        """Whether frames travel on the private channel itself."""
        return self.carrier is not None and self.carrier.address is None


def negotiate(offer: Sequence[str]) -> Choice:
    """Takes the first transport that can really be used."""
    skipped: list[dict[str, str]] = []
    for transport in offer:
        try:
            return Choice(transport, _take(transport), skipped)
        except Exception as error:
            skipped.append({"transport": transport, "reason": _reason(transport, error)})
    return Choice(None, None, skipped)


def _take(transport: str) -> Carrier:
    place = _CARRIERS.get(transport) or _custom(transport)
    carrier: Carrier = getattr(_load(place.module), place.name)()
    return carrier


def _load(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError:
        raise
    except Exception as error:
        # A library of the wrong version may fail in any way.
        raise ImportError(f"{type(error).__name__}: {error}") from error


def _custom(transport: str) -> _Place:
    module, _, name = os.environ.get(f"{_CUSTOM}{transport.upper()}", "").partition(":")
    if not module or not name:
        raise _Unknown("not supported by this bridge")
    return _Place(module, name)


def _reason(transport: str, error: Exception) -> str:
    if isinstance(error, _Unknown):
        return str(error)
    reason = str(error) or type(error).__name__
    if not isinstance(error, ImportError):
        return f"{type(error).__name__}: {reason}"
    place = _CARRIERS.get(transport)
    if place is None or not place.needs:
        return reason
    command = shlex.join([sys.executable, "-m", "pip", "install", *place.needs])
    return f"{reason}; to install what it needs: {command}"
