"""Frames over gRPC: the worker is the server, the host its one client."""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Optional

from snakepit_bridge._transports.carrier import Link
from snakepit_bridge._transports.gen.worker_pb2 import FrameBatch
from snakepit_bridge._transports.grpc_ledger import Ledger
from snakepit_bridge._transports.grpc_library import grpc, silence
from snakepit_bridge._transports.grpc_listener import Listener
from snakepit_bridge._transports.grpc_settings import Settings
from snakepit_bridge._transports.grpc_stream import RpcInput, RpcOutlet
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import Source

_log = logging.getLogger("snakepit.grpc")

_METHOD = "/snakepit.v1.Worker/Channel"
_OLDEST = (1, 60)
#: How much may be on its way to this process; small windows make large values slow.
_WINDOW_BYTES = 16 * 1024 * 1024

Serve = Callable[[Iterator[FrameBatch], grpc.ServicerContext], Iterator[FrameBatch]]


class GrpcCarrier:
    """Needs ``grpcio`` and ``protobuf``. Listens as soon as it is made.

    :raises ImportError: ``grpcio`` is too old.
    :raises RuntimeError: it cannot listen where it shall.
    """

    def __init__(self) -> None:
        if tuple(map(int, grpc.__version__.split(".")[:2])) < _OLDEST:
            raise ImportError(f"grpcio is {grpc.__version__}, 1.60 or later is needed")
        with silence():
            self._listen()

    def _listen(self) -> None:
        settings = Settings.from_environment()
        self.token = secrets.token_urlsafe(32)
        self._input = RpcInput()
        # One thread carries frames, the other turns strangers away.
        server = grpc.server(ThreadPoolExecutor(2, "snakepit-grpc"), options=_options(settings))
        server.add_generic_rpc_handlers((_Door(self.token, self._serve),))
        self._listener = Listener(settings, server.add_insecure_port)
        self.address = self._listener.address
        self._ledger = Ledger(self._listener.path_of("started"))
        self._outlet = RpcOutlet(self._input, self._ledger)
        server.start()
        self._server = server
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._listener.close_in_child)

    def open(self, _source: Source, write_fd: int, limits: Limits) -> Link:
        os.write(write_fd, json.dumps(self._ledger.path).encode() + b"\n")
        return Link(JsonFrames(limits), JsonInlet(Source(self._input), limits), self._outlet)

    def _serve(self, requests: Iterator[FrameBatch], context: grpc.ServicerContext) -> Iterator[FrameBatch]:
        self._listener.hide()
        context.add_callback(self._outlet.end)
        # The host waits for this: it is in.
        context.send_initial_metadata(())
        self._input.begin(_contents(requests))
        for message in self._outlet.messages():
            yield FrameBatch(frames=message)


class _Door(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # It is generic only in the stubs.
    """Lets in the first who has the token, and nobody else. Runs before any thread of the pool is taken."""

    def __init__(self, token: str, serve: Serve) -> None:
        self._password = f"Bearer {token}".encode()
        self._serve: Optional[Serve] = serve

    def service(self, details: grpc.HandlerCallDetails) -> Optional[grpc.RpcMethodHandler[Any, Any]]:
        if details.method != _METHOD:
            return None
        if not self._knows_password(details):
            return _handler(_refusal(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong"))
        serve, self._serve = self._serve, None
        if serve is None:
            return _handler(_refusal(grpc.StatusCode.PERMISSION_DENIED, "the host is in already"))
        return _handler(serve)

    def _knows_password(self, details: grpc.HandlerCallDetails) -> bool:
        given = dict(details.invocation_metadata).get("authorization", "")
        return hmac.compare_digest(given.encode() if isinstance(given, str) else given, self._password)


def _handler(serve: Serve) -> grpc.RpcMethodHandler[Any, Any]:
    # Streaming in every case: a unary handler would hold a thread until the request has come.
    return grpc.stream_stream_rpc_method_handler(serve, FrameBatch.FromString, FrameBatch.SerializeToString)


def _refusal(code: grpc.StatusCode, reason: str) -> Serve:
    _log.warning("A connection to this worker was refused: %s.", reason)

    def refuse(_requests: Iterator[FrameBatch], context: grpc.ServicerContext) -> Iterator[FrameBatch]:
        context.abort(code, reason)

    return refuse


def _contents(requests: Iterator[FrameBatch]) -> Iterator[bytes]:
    # Raised when the host cancels the RPC: the end, like any other.
    with contextlib.suppress(grpc.RpcError):
        for request in requests:
            yield request.frames


def _options(settings: Settings) -> list[tuple[str, int]]:
    options = [
        # Or else a second server could listen on the port as well.
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_concurrent_streams", 1),
        ("grpc.http2.lookahead_bytes", _WINDOW_BYTES),
        # The window is as large as it shall be: no probes with every message.
        ("grpc.http2.bdp_probe", 0),
    ]
    if settings.keepalive is not None:
        options += [
            ("grpc.keepalive_time_ms", settings.keepalive.interval),
            ("grpc.keepalive_timeout_ms", settings.keepalive.timeout),
            ("grpc.keepalive_permit_without_calls", 1),
            # However long there is nothing else to say, and however often the host asks.
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.http2.max_ping_strikes", 0),
        ]
    return options
