"""What goes in and out of an RPC, without one."""

from __future__ import annotations

import os
import signal
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from snakepit_bridge._transports import grpc_stream
from snakepit_bridge._transports.grpc_ledger import Ledger
from snakepit_bridge._transports.grpc_stream import MAX_UNSENT, PIECE_BYTES, RpcInput, RpcOutlet
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.source import Source

PATIENCE = 30.0


class Rpc:
    """An outlet whose messages leave when a test says so."""

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger
        self.input = RpcInput()
        self.outlet = RpcOutlet(self.input, Ledger(str(ledger)))
        self.messages = self.outlet.messages()

    def receive(self) -> Optional[bytes]:
        """The next message; the one before it has left."""
        return next(self.messages, None)

    def started(self) -> int:
        """What the host would read."""
        id: int = struct.unpack("@Q", self.ledger.read_bytes())[0]
        return id

    def pause(self) -> None:
        """The worker has nothing more to do."""
        self.input.on_wait()


@pytest.fixture
def rpc(tmp_path: Path) -> Iterator[Rpc]:
    made = Rpc(tmp_path / "started")
    yield made
    made.outlet.end()


def test_what_is_written_before_a_pause_leaves_together(rpc: Rpc) -> None:
    for data in (b"a\n", bytearray(b"b\n"), memoryview(b"c\n")):
        rpc.outlet.write(data)
    rpc.pause()
    assert rpc.receive() == b"a\nb\nc\n"


def test_what_is_written_may_be_changed_afterwards(rpc: Rpc) -> None:
    data = bytearray(b"before")
    rpc.outlet.write(data)
    data[:] = b"after!"
    rpc.pause()
    assert rpc.receive() == b"before"


def test_large_pieces_are_cut_and_keep_their_place(rpc: Rpc) -> None:
    large = bytes(range(256)) * (PIECE_BYTES // 200)
    rpc.outlet.write(b"line\n")
    rpc.outlet.write(large)
    rpc.outlet.write(b"behind\n")
    rpc.pause()
    threading.Thread(target=rpc.outlet.finish, daemon=True).start()
    messages = list(rpc.messages)
    assert b"".join(messages) == b"line\n" + large + b"behind\n"
    assert max(map(len, messages)) == PIECE_BYTES


def test_it_leaves_at_once_when_somebody_waits_for_messages(rpc: Rpc) -> None:
    rpc.input.waiting = True
    rpc.outlet.write(b"chunk")
    assert rpc.receive() == b"chunk"


def test_a_call_waits_until_the_answers_before_it_have_left(rpc: Rpc) -> None:
    """[CA-3] A crash then takes none of them with it."""
    rpc.outlet.starting(1)
    rpc.outlet.write(b"answer 1")
    started = threading.Event()

    def start() -> None:
        rpc.outlet.starting(2)
        started.set()

    threading.Thread(target=start, daemon=True).start()
    assert rpc.receive() == b"answer 1"
    assert not started.is_set()
    assert rpc.started() == 1
    threading.Thread(target=rpc.receive, daemon=True).start()
    assert started.wait(PATIENCE)
    assert rpc.started() == 2


def test_when_there_are_many_calls_only_a_few_answers_may_be_here_still(
    rpc: Rpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[GR-4]"""
    monkeypatch.setattr(grpc_stream, "_MAX_WAITS", 0)
    monkeypatch.setattr(grpc_stream, "_PROMPT_SECONDS", 3600.0)
    for id in range(1, MAX_UNSENT + 1):
        rpc.outlet.starting(id)
        assert rpc.started() == id
        rpc.outlet.write(b"answer")
    begun = threading.Event()

    def start() -> None:
        rpc.outlet.starting(MAX_UNSENT + 1)
        begun.set()

    threading.Thread(target=start, daemon=True).start()
    assert rpc.receive() == b"answer" * MAX_UNSENT
    assert not begun.is_set()
    threading.Thread(target=rpc.receive, daemon=True).start()
    assert begun.wait(PATIENCE)
    assert rpc.started() == MAX_UNSENT + 1


def test_the_host_reads_the_ledger_of_a_process_that_was_killed(tmp_path: Path) -> None:
    """[GR-4]"""
    path = tmp_path / "started"
    code = (
        "import os, signal, sys\n"
        "from snakepit_bridge._transports.grpc_ledger import Ledger\n"
        "Ledger(sys.argv[1]).note(2**53 - 1)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    source = Path(__file__).parent.parent / "src"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    ended = subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert struct.unpack("@Q", path.read_bytes())[0] == 2**53 - 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_too_much_in_the_queue_blocks_until_some_of_it_has_left(rpc: Rpc) -> None:
    written = threading.Event()

    def write() -> None:
        for _ in range(40):
            rpc.outlet.write(bytes(PIECE_BYTES))
        written.set()

    threading.Thread(target=write, daemon=True).start()
    for _ in range(5):
        rpc.receive()
    assert not written.is_set()
    for _ in range(30):
        rpc.receive()
    assert written.wait(PATIENCE)


def test_nothing_can_be_written_once_the_rpc_has_ended(rpc: Rpc) -> None:
    rpc.outlet.write(b"lost")
    rpc.outlet.end()
    with pytest.raises(BrokenPipeError):
        rpc.outlet.write(b"more")
    # Nobody waits for what can no longer leave.
    rpc.outlet.starting(2)
    rpc.outlet.finish()


def read_lines(*messages: bytes) -> list[bytes]:
    input = RpcInput()
    input.begin(iter(messages))
    source = Source(input)
    lines = []
    while True:
        try:
            lines.append(bytes(source.line(1000)))
        except EOFError:
            return lines


@pytest.mark.parametrize(
    "messages",
    [
        (b"one\ntwo\nthree\n",),
        (b"one\n", b"two\n", b"three\n"),
        (b"o", b"n", b"e", b"\n", b"two\nthr", b"ee\n"),
        (b"one\ntwo\n", b"", b"three\n"),
    ],
)
def test_lines_are_the_same_however_messages_cut_them(messages: tuple[bytes, ...]) -> None:
    assert read_lines(*messages) == [b"one", b"two", b"three"]


def test_a_message_may_be_larger_than_the_buffer() -> None:
    large = b"x" * 999 + b"\n"
    assert read_lines(large * 2000) == [large[:-1]] * 2000


def test_an_rpc_that_ends_inside_of_a_line_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolError):
        read_lines(b"one\ntw")
