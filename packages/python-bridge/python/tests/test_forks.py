"""Tools that fork, and tools that start processes."""

from __future__ import annotations

import contextlib
import signal
from typing import Any

import pytest

from client import Host
from conftest import Launch
from snakepit_bridge._worker.forks import SigtermDeferral

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")


@pytest.mark.parametrize("tool", ["fork_and_return", "fork_and_raise", "fork_and_exit", "async_fork"])
def test_a_tool_that_returns_twice_is_answered_once(host: Host, tool: str) -> None:
    """[CA-1]"""
    pid = host.process.pid
    child = host.run(tool)
    assert child not in (0, pid)
    status = host.run("reap", {"pid": child})
    assert status == {"fork_and_return": 0, "fork_and_raise": 1, "fork_and_exit": 5, "async_fork": 0}[tool]
    assert host.run("pid") == pid
    host.drain()
    assert [frame["type"] for frame in host.unread] == []


def test_a_stream_that_forks_is_one_stream(host: Host) -> None:
    """[ST-1]"""
    chunks = host.chunks(host.stream("fork_and_yield", {"n": 200}, credit=1000))
    assert [chunk["seq"] for chunk in chunks] == list(range(201))
    host.drain()
    assert host.unread == []


def test_a_forked_child_cannot_speak(host: Host) -> None:
    """[CA-1] Its host calls fail, its log records go to stderr."""
    assert "forked process" in host.run("speak_in_child")
    host.drain()
    assert host.unread == []
    assert "ERROR child: from the child" in host.text


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(host: Host, method: str) -> None:
    assert host.run("squares", {"method": method}) == [0, 1, 4, 9]
    assert host.run("echo", {"value": 1}) == 1


@pytest.mark.parametrize("profile", ["process", "thread"])
def test_a_newborn_child_ends_by_sigterm(launch: Launch, profile: str) -> None:
    """Also before it has run its first instruction; or else ``multiprocessing`` waits for it for ever."""
    host = launch("forking:Forking", env={"SNAKEPIT_PROFILE": profile, "SNAKEPIT_THREADS": "2"})
    assert host.run("end_newborn", {"count": 20}) == [signal.SIGTERM] * 20
    host.drain()
    assert host.unread == []


def is_blocked() -> bool:
    return signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_sigterm_waits_while_a_thread_forks() -> None:
    deferral = SigtermDeferral()
    deferral.begin()
    assert is_blocked()
    deferral.end()
    assert not is_blocked()


def test_who_has_blocked_sigterm_keeps_it_so() -> None:
    deferral = SigtermDeferral()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        deferral.begin()
        deferral.end()
        assert is_blocked()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def test_a_fork_in_the_midst_of_a_fork_leaves_nothing_blocked() -> None:
    deferral = SigtermDeferral()
    deferral.begin()
    deferral.begin()
    deferral.end()
    deferral.end()
    assert not is_blocked()


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_handler_that_raises_in_the_hooks_leaves_nothing_blocked(
    monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """As a cancel does, or the handler of an alarm: it strikes when the mask has been changed already."""
    change = signal.pthread_sigmask
    left = [calls]

    def interrupted(how: int, mask: Any) -> Any:
        before = change(how, mask)
        left[0] -= 1
        if left[0] == 0:
            raise InterruptedError
        return before

    monkeypatch.setattr(signal, "pthread_sigmask", interrupted)
    deferral = SigtermDeferral()
    for hook in (deferral.begin, deferral.end, deferral.end):
        with contextlib.suppress(InterruptedError):
            hook()
    monkeypatch.undo()
    assert left[0] <= 0
    assert not is_blocked()
