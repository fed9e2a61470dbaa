"""Real workers over gRPC, with a host that is grpcio's own client."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Callable, Optional

import grpc
import pytest

from client import PATIENCE, Frame, Host
from conftest import Launch
from snakepit_bridge._transports.gen.worker_pb2 import FrameBatch

METHOD = "/snakepit.v1.Worker/Channel"
Messages = Iterator[FrameBatch]


class Client:
    """One connection, and the frames that come over it."""

    def __init__(self, hello: Frame, token: Optional[str] = None) -> None:
        address = hello["address"].replace("tcp:", "")
        self.channel = grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])
        self._requests: SimpleQueue[Optional[FrameBatch]] = SimpleQueue()
        open_stream: Any = self.channel.stream_stream(
            METHOD, FrameBatch.SerializeToString, FrameBatch.FromString
        )
        metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        self.rpc = open_stream(iter(self._requests.get, None), metadata=metadata, timeout=PATIENCE)
        self._rest = b""

    def send(self, *frames: Frame) -> None:
        self._requests.put(
            FrameBatch(frames=b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
        )

    def call(self, id: int, tool: str, **args: Any) -> None:
        self.send({"type": "call", "id": id, "tool": tool, "args": args})

    def receive(self) -> Frame:
        """The next frame; log records, such as those about strangers, are passed over."""
        while True:
            while b"\n" not in self._rest:
                self._rest += next(self.rpc).frames
            line, self._rest = self._rest.split(b"\n", 1)
            frame: Frame = json.loads(line)
            if frame["type"] != "log":
                return frame

    def code(self) -> grpc.StatusCode:
        """How the RPC ends."""
        with contextlib.suppress(grpc.RpcError):
            for _ in self.rpc:
                pass
        code: grpc.StatusCode = self.rpc.code()
        return code

    def close(self) -> None:
        self._requests.put(None)
        self.channel.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def start(*arguments: Any) -> Client:
        made.append(Client(*arguments))
        return made[-1]

    yield start
    for client in made:
        client.close()


Connect = Callable[..., Client]
Serve = Callable[[], Host]


@pytest.fixture(params=["unix", "tcp"])
def serve(request: pytest.FixtureRequest, launch: Launch) -> Serve:
    settings = json.dumps({"listen": request.param})
    return lambda: launch(offer='["grpc"]', env={"SNAKEPIT_GRPC": settings})


def test_calls_and_their_results(serve: Serve, connect: Connect) -> None:
    """[GR-1] Frames are lines in messages, however they are cut."""
    host = serve()
    client = connect(host.hello, host.hello["token"])
    for id in range(1, 100):
        client.call(id, "echo", value=id)
    answers = [client.receive() for _ in range(1, 100)]
    served = {frame["id"]: frame["value"] for frame in answers if frame["type"] == "result"}
    assert all(id == value for id, value in served.items())
    refused = {frame["error"]["code"] for frame in answers if frame["type"] == "error"}
    assert refused <= {"resource_exhausted"}
    assert len(served) >= 32


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_nobody_enters_without_the_token(serve: Serve, connect: Connect, token: Optional[str]) -> None:
    """[GR-2]"""
    host = serve()
    assert connect(host.hello, token).code() is grpc.StatusCode.UNAUTHENTICATED
    client = connect(host.hello, host.hello["token"])
    client.call(1, "echo", value="in")
    assert client.receive()["value"] == "in"


def test_nobody_enters_a_second_time(launch: Launch, connect: Connect) -> None:
    """[GR-2]"""
    host = launch(offer='["grpc"]', env={"SNAKEPIT_GRPC": '{"listen":"tcp"}'})
    first = connect(host.hello, host.hello["token"])
    first.call(1, "echo", value=1)
    assert first.receive()["value"] == 1
    assert connect(host.hello, host.hello["token"]).code() is grpc.StatusCode.PERMISSION_DENIED
    first.call(2, "echo", value=2)
    assert first.receive()["value"] == 2


def test_the_socket_is_its_owners_and_goes_when_the_host_is_in(launch: Launch, connect: Connect) -> None:
    """[GR-3]"""
    host = launch(offer='["grpc"]')
    path = Path(host.hello["address"].replace("unix:", ""))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    client = connect(host.hello, host.hello["token"])
    client.call(1, "echo", value=1)
    assert client.receive()["value"] == 1
    assert not path.parent.exists()


def test_the_end_of_the_rpc_ends_the_worker(serve: Serve, connect: Connect) -> None:
    """[GR-5] [HS-7]"""
    host = serve()
    client = connect(host.hello, host.hello["token"])
    client.call(1, "echo", value=1)
    client.receive()
    client.rpc.cancel()
    assert host.wait() == -signal.SIGKILL


def test_the_end_of_the_private_channel_ends_the_worker(serve: Serve, connect: Connect) -> None:
    """[GR-5] [HS-7]"""
    host = serve()
    client = connect(host.hello, host.hello["token"])
    client.call(1, "echo", value=1)
    client.receive()
    host.socket.shutdown(2)
    assert host.wait() == -signal.SIGKILL


def test_a_drained_worker_ends_the_rpc_in_good_order(serve: Serve, connect: Connect) -> None:
    """[LV-2]"""
    host = serve()
    client = connect(host.hello, host.hello["token"])
    for id in (1, 2, 3):
        client.call(id, "echo", value=id)
    client.send({"type": "drain", "graceMs": 1000})
    assert [client.receive()["value"] for _ in range(3)] == [1, 2, 3]
    assert client.code() is grpc.StatusCode.OK
    assert host.wait() == 0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ('{"listen":"pigeon"}', "ValueError: SNAKEPIT_GRPC: listen is 'pigeon'"),
        ("no json", "JSONDecodeError"),
        ('{"keepalive":{}}', "KeyError"),
    ],
)
def test_settings_that_are_not_understood_are_a_reason_to_take_another_transport(
    launch: Launch, settings: str, reason: str
) -> None:
    host = launch(offer='["grpc","json"]', env={"SNAKEPIT_GRPC": settings})
    assert host.hello["transport"] == "json"
    (skipped,) = host.hello["skipped"]
    assert reason in skipped["reason"]


def test_keepalive_asks_a_silent_host_whether_it_is_there(launch: Launch) -> None:
    settings = {"listen": "tcp", "keepalive": {"interval": 20, "timeout": 20_000}}
    host = launch(offer='["grpc"]', env={"SNAKEPIT_GRPC": json.dumps(settings)})
    port = int(host.hello["address"].split(":")[-1])
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as silent, silent.makefile("rb") as frames:
        # What HTTP/2 begins with, and an empty frame of settings.
        silent.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4" + bytes(5))
        ping, kind = 6, None
        while kind != ping:
            head = frames.read(9)
            assert len(head) == 9
            kind = head[3]
            frames.read(int.from_bytes(head[:3], "big"))


def test_a_forked_child_keeps_nothing_open(serve: Serve, connect: Connect) -> None:
    host = serve()
    client = connect(host.hello, host.hello["token"])
    client.call(1, "fork_and_stay")
    child = client.receive()["value"]
    try:
        os.kill(host.hello["pid"], signal.SIGKILL)
        assert client.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    finally:
        os.kill(child, signal.SIGKILL)
