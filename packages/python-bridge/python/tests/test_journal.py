"""Answers that wait for each other, and where they stand meanwhile."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest

from client import Frame
from conftest import Launch
from snakepit_bridge._worker.journal import JOURNAL_BYTES, Journal

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no files in memory")
WELCOME: Frame = {"journal": True}


def content(fd: int) -> tuple[bytes, int, bytes]:
    """Nonce, start, and what stands there."""
    start, length = struct.unpack("QQ", os.pread(fd, 16, 32))
    return os.pread(fd, 32, 0), start, os.pread(fd, length, 48)


def test_a_journal_holds_what_was_noted_until_it_is_cleared() -> None:
    """[JO-2]"""
    journal = Journal()
    fd, nonce = journal.whereabouts
    assert content(fd) == (nonce.encode(), 0, b"")
    assert journal.note(b"one", 100)
    assert journal.note(b"two", 100)
    assert content(fd) == (nonce.encode(), 100, b"onetwo")
    journal.clear()
    assert content(fd)[2] == b""
    assert journal.note(b"three", 106)
    assert content(fd) == (nonce.encode(), 106, b"three")


def test_a_journal_takes_no_more_than_there_is_room_for() -> None:
    journal = Journal()
    assert journal.note(b"x" * JOURNAL_BYTES, 0)
    assert not journal.note(b"y", 0)
    assert content(journal.whereabouts.fd)[2] == b"x" * JOURNAL_BYTES


def test_a_worker_names_its_journal(launch: Launch) -> None:
    """[JO-1]"""
    host = launch(welcome=WELCOME)
    named = host.hello["journal"]
    with Path(f"/proc/{host.hello['pid']}/fd/{named['fd']}").open("rb") as journal:
        assert journal.read(32) == named["nonce"].encode()


def test_a_journal_has_what_its_worker_took_along(launch: Launch) -> None:
    """[JO-2] [JO-3] What was received and what stands there are together what was sent."""
    host = launch("journaled:Journaled", welcome=WELCOME)
    with Path(f"/proc/{host.hello['pid']}/fd/{host.hello['journal']['fd']}").open("rb") as journal:
        for _ in range(3):
            host.run("die", {"really": False})
        received = host.received
        calls = [{"type": "call", "id": 100 + n, "tool": "die", "args": {"really": n == 5}} for n in range(6)]
        host.send(*calls)
        host.wait()
        while line := host.reader.readline():
            received += len(line)
        _, start, rest = content(journal.fileno())
    missing = rest[received - start :]
    assert [json.loads(line)["id"] for line in missing.splitlines()][-1] == 104


def test_nothing_is_held_for_a_host_that_does_not_read_it(launch: Launch) -> None:
    """[JO-1]"""
    host = launch("journaled:Journaled")
    for _ in range(3):
        host.run("die", {"really": False})
    calls = [{"type": "call", "id": 100 + n, "tool": "die", "args": {"really": n == 5}} for n in range(6)]
    host.send(*calls)
    host.wait()
    assert [json.loads(line)["id"] for line in host.reader] == [100, 101, 102, 103, 104]


def test_what_is_held_leaves_although_the_next_call_is_long(launch: Launch, tmp_path: Path) -> None:
    """[JO-4]"""
    host = launch("journaled:Journaled", welcome=WELCOME)
    there, later = tmp_path / "there", tmp_path / "later"
    there.touch()
    for _ in range(3):
        host.run("await_file", {"path": str(there)})
    quick = {"type": "call", "id": 100, "tool": "await_file", "args": {"path": str(there)}}
    host.send(quick, {**quick, "id": 101, "args": {"path": str(later)}})
    assert host.result(100) is True
    later.touch()
    assert host.result(101) is True


def test_what_is_held_leaves_although_the_reader_was_busy_before(launch: Launch, tmp_path: Path) -> None:
    """[JO-4] It looked after the first call of three, not after the last."""
    host = launch("journaled:Journaled", welcome=WELCOME)
    there, soon, later = tmp_path / "there", tmp_path / "soon", tmp_path / "later"
    there.touch()
    for _ in range(3):
        host.run("die", {"really": False})
        host.run("await_another", {"path": str(there)})
    host.send(
        {"type": "call", "id": 100, "tool": "await_file", "args": {"path": str(soon)}},
        {"type": "call", "id": 101, "tool": "die", "args": {"really": False}},
        {"type": "call", "id": 102, "tool": "await_another", "args": {"path": str(later)}},
    )
    # The first may have come with the calls. The second only the reader thread can answer: it has taken over.
    host.ping()
    host.ping()
    soon.touch()
    assert [host.result(100), host.result(101)] == [True, False]
    later.touch()
    assert host.result(102) is True
