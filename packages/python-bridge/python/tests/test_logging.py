"""Log records that are hard to pass on, or too many."""

from __future__ import annotations

import re
from typing import Any

import pytest

from client import Host
from conftest import Launch
from snakepit_bridge._worker.flood_gate import MAX_PER_SECOND, FloodGate

NOTICE = re.compile(r"… ([\d,]+) records dropped")


@pytest.fixture
def host(launch: Launch) -> Host:
    return launch("logging_oddly:LoggingOddly")


def is_notice(frame: dict[str, Any]) -> bool:
    return frame["type"] == "log" and NOTICE.match(frame["message"]) is not None


@pytest.mark.parametrize(
    ("tool", "level", "parts"),
    [
        (
            "misformat",
            "warn",
            ["%d ('no')", "cannot be formatted: TypeError: %d format", "logging_oddly.py:"],
        ),
        ("misformat_parts", "error", ["%s of %s ('a part', <Unreadable>)", "RuntimeError: no text"]),
        ("misformat_all", "error", ["<Unreadable> ({'key': 1})", "RuntimeError: no text"]),
    ],
)
def test_a_record_that_cannot_be_formatted_arrives_as_what_can_be_had(
    host: Host, tool: str, level: str, parts: list[str]
) -> None:
    host.run(tool)
    (frame,) = host.unread
    assert (frame["level"], frame["logger"]) == (level, "odd")
    for part in parts:
        assert part in frame["message"]


@pytest.mark.parametrize(("tool", "name"), [("misname", "half \\ud800"), ("name_nothing", "None")])
def test_a_logger_may_have_any_name(host: Host, tool: str, name: str) -> None:
    host.run(tool)
    (frame,) = host.unread
    assert frame["logger"] == name


def test_a_record_that_does_not_fit_is_shortened(launch: Launch) -> None:
    """[LI-1]"""
    limits = {"maxFrameBytes": 4096}
    host = launch("logging_oddly:LoggingOddly", welcome={"limits": limits})
    host.run("name_at_length")
    (frame,) = host.unread
    assert (frame["message"], frame["logger"]) == ("m" * 100, "n" * 100)


@pytest.mark.parametrize("drained", [False, True], ids=["when it is over", "when the worker ends"])
def test_a_flood_is_capped_and_counted(host: Host, drained: bool) -> None:
    host.run("flood", {"records": 50_000})
    if drained:
        assert host.drain() == 0
    notice = host.next(is_notice)
    passed = [frame for frame in host.unread if frame["type"] == "log"]
    assert notice["level"] == "warn"
    match = NOTICE.match(notice["message"])
    assert match is not None
    assert len(passed) + int(match[1].replace(",", "")) == 50_000
    assert len(passed) >= MAX_PER_SECOND


def test_a_flood_does_not_swallow_errors(host: Host) -> None:
    host.run("flood_and_fail", {"records": 50_000})
    assert host.unread[-1]["message"] == "what matters"
    assert host.next(is_notice)


def test_a_gate_counts_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5.0
    monkeypatch.setattr("snakepit_bridge._worker.flood_gate.time.monotonic", lambda: now)
    told: list[int] = []
    gate = FloodGate(told.append)
    for seconds in range(3):
        now = 5.0 + seconds
        assert [gate.admit() for _ in range(MAX_PER_SECOND + 2)] == [True] * MAX_PER_SECOND + [False] * 2
    gate.end()
    gate.end()
    assert told == [6]
