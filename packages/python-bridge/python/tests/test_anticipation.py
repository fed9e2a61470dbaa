"""How a worker waits for what is likely to come in a moment."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from snakepit_bridge._worker import anticipation
from snakepit_bridge._worker.anticipation import Anticipation

CAN = hasattr(os, "sched_yield") and hasattr(select, "poll") and hasattr(os, "sched_getaffinity")
pytestmark = pytest.mark.skipif(not CAN, reason="this system lacks the means")

STEP = 10e-6
SHORT, LONG = 50e-6, 500e-6


class Clock:
    """Goes on by 10 µs whenever somebody looks at it, and tells how often that was."""

    def __init__(self) -> None:
        self.now = 1.0
        self.looks = 0

    def perf_counter(self) -> float:
        self.looks += 1
        self.now += STEP
        return self.now

    def looks_of(self, waiting: Anticipation) -> int:
        """How often it was looked at in a wait, beyond the one time that a wait takes at least."""
        before = self.looks
        waiting.wait()
        return self.looks - before - 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(anticipation, "time", clock)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    return clock


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for fd in ends:
        os.close(fd)


def pass_time(waiting: Anticipation, clock: Clock, seconds: float) -> None:
    """A wait that ends after so long."""
    waiting.wait()
    clock.now += seconds
    waiting.arrived()


def test_the_first_wait_sleeps(clock: Clock, pipe: tuple[int, int]) -> None:
    assert clock.looks_of(Anticipation(pipe[0])) == 0


def test_a_wait_after_a_short_one_is_awake_for_a_moment(clock: Clock, pipe: tuple[int, int]) -> None:
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    assert 5 <= clock.looks_of(waiting) <= 12


def test_it_ends_when_something_is_there(clock: Clock, pipe: tuple[int, int]) -> None:
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    os.write(pipe[1], b"x")
    assert clock.looks_of(waiting) == 0
    assert os.read(pipe[0], 2) == b"x"


def test_a_wait_after_a_long_one_sleeps(clock: Clock, pipe: tuple[int, int]) -> None:
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    pass_time(waiting, clock, LONG)
    assert clock.looks_of(waiting) == 0


def test_what_was_here_already_says_nothing(clock: Clock, pipe: tuple[int, int]) -> None:
    """A read that did not wait leaves everything as it was."""
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    clock.now += LONG
    waiting.arrived()
    assert clock.looks_of(waiting) > 0


def test_what_comes_in_many_pieces_has_come_when_the_last_is_here(
    clock: Clock, pipe: tuple[int, int]
) -> None:
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    for _ in range(10):
        waiting.wait()
        clock.now += SHORT
    waiting.arrived()
    assert clock.looks_of(waiting) == 0


def test_without_a_descriptor_nothing_is_anticipated(clock: Clock) -> None:
    waiting = Anticipation(None)
    pass_time(waiting, clock, SHORT)
    waiting.wait()
    assert clock.looks == 0


def test_on_a_single_processor_every_wait_sleeps(
    clock: Clock, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {1})
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    waiting.wait()
    assert clock.looks == 0


def test_a_tool_that_stops_the_clock_stops_no_worker(
    clock: Clock, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Anticipation(pipe[0])
    pass_time(waiting, clock, SHORT)
    monkeypatch.setattr(clock, "perf_counter", lambda: clock.now)
    waiting.wait()
    assert clock.looks > 10
