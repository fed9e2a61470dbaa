"""Which profile a worker takes."""

from __future__ import annotations

import sys
from typing import Optional

import pytest

from conftest import Launch
from snakepit_bridge._worker.profile import free_threaded, take_profile


@pytest.mark.parametrize(
    ("profile", "locked", "threads"),
    [
        ("process", True, None),
        ("process", False, None),
        ("thread", True, 5),
        ("thread", False, 5),
        ("auto", True, None),
        ("auto", False, 5),
    ],
)
def test_auto_takes_threads_where_they_run_in_parallel(
    monkeypatch: pytest.MonkeyPatch, profile: str, locked: bool, threads: Optional[int]
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: locked, raising=False)
    monkeypatch.setenv("SNAKEPIT_PROFILE", profile)
    monkeypatch.setenv("SNAKEPIT_THREADS", "5")
    assert take_profile() == threads
    assert free_threaded() is not locked


def test_the_default_is_one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNAKEPIT_PROFILE", raising=False)
    assert take_profile() is None


def test_an_objection_decides_where_the_choice_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    monkeypatch.setenv("SNAKEPIT_PROFILE", "auto")
    assert take_profile(objection=True) is None
    monkeypatch.setenv("SNAKEPIT_PROFILE", "thread")
    assert take_profile(objection=True) == 16


def test_an_adapter_that_objects_is_served_by_one_thread(launch: Launch) -> None:
    """Where threads run in parallel and the profile is `auto`."""
    host = launch("objecting:Objecting", env={"SNAKEPIT_PROFILE": "auto"})
    assert host.hello.get("concurrency", 1) == 1
    assert host.run("thread") == "MainThread"
