"""Logs that grow, are rotated and truncated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from snakepit_bridge.adapters.showcase.follower import MAX_LINE_BYTES, Follower
from snakepit_bridge.adapters.showcase.logs import LogAnalyzer, severity, timestamp, watch


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("first\nsecond\n")
    return path


@pytest.fixture
def follow(log: Path) -> Iterator[Callable[..., Follower]]:
    followers: list[Follower] = []

    def make(from_start: bool = True) -> Follower:
        followers.append(Follower(str(log), from_start))
        return followers[-1]

    yield make
    for follower in followers:
        follower.close()


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_what_comes_is_read_once(log: Path, follow: Callable[..., Follower]) -> None:
    follower = follow()
    assert list(follower.lines()) == ["first", "second"]
    assert list(follower.lines()) == []
    append(log, "thi")
    assert list(follower.lines()) == []
    append(log, "rd\r\nfourth")
    assert list(follower.lines()) == ["third"]
    assert list(follower.rest()) == ["fourth"] and list(follower.rest()) == []


def test_from_the_end(log: Path, follow: Callable[..., Follower]) -> None:
    follower = follow(from_start=False)
    append(log, "third\n")
    assert list(follower.lines()) == ["third"]


def test_rotated(log: Path, follow: Callable[..., Follower]) -> None:
    """What was still written to the old file is not lost, nor is its last line without an end."""
    follower = follow()
    list(follower.lines())
    append(log, "late\nlast")
    log.rename(log.with_suffix(".1"))
    assert list(follower.lines()) == ["late"]
    log.write_text("new\n")
    assert list(follower.lines()) == ["last", "new"]


def test_truncated(log: Path, follow: Callable[..., Follower]) -> None:
    follower = follow()
    append(log, "half a line")
    list(follower.lines())
    log.write_text("anew\n")
    assert list(follower.lines()) == ["anew"]


def test_a_line_without_end_is_cut(log: Path, follow: Callable[..., Follower]) -> None:
    log.write_bytes(b"x" * (2 * MAX_LINE_BYTES + 10) + b"\n\xff\n")
    lines = list(follow().lines())
    assert sum(map(len, lines[:-1])) == 2 * MAX_LINE_BYTES + 10
    assert len(lines) == 3 and max(map(len, lines)) <= MAX_LINE_BYTES + 64 * 1024
    assert lines[-1] == "\ufffd"


def test_findings() -> None:
    analyzer = LogAnalyzer(["ERROR", r"time\w+"], context_lines=2)
    assert [analyzer.feed(line) for line in ("one", "two", "three")] == [[], [], []]
    line = "2026-01-20T15:30:45 ERROR: timeout"
    facts = {
        "line_number": 4,
        "log_line": line,
        "severity": "ERROR",
        "timestamp": "2026-01-20T15:30:45",
        "context": ["two", "three"],
    }
    patterns = ["ERROR", r"time\w+"]
    assert analyzer.feed(line) == [{**facts, "pattern_matched": pattern} for pattern in patterns]


@pytest.mark.parametrize(
    ("line", "grade", "time"),
    [
        ("2026-01-20 15:30:45,123 [FATAL] out", "FATAL", "2026-01-20 15:30:45,123"),
        ("Jan  2 03:04:05 host app: critical error", "FATAL", "Jan  2 03:04:05"),
        ("[10/Oct/2026:13:55:36 -0700] warn: slow", "WARN", "10/Oct/2026:13:55:36 -0700"),
        ("OutOfMemoryError", "INFO", None),
        ("an error occurred", "ERROR", None),
    ],
)
def test_severity_and_time(line: str, grade: str, time: str | None) -> None:
    assert (severity(line), timestamp(line)) == (grade, time)


def test_watching_ends(log: Path, follow: Callable[..., Follower]) -> None:
    log.write_text("ERROR 1\nERROR 2\nfine\nERROR 3")
    *found, end = watch(follow(), LogAnalyzer(["ERROR"]), None, 2)
    assert [finding["line_number"] for finding in found] == [1, 2]
    assert end == {"reason": "max_matches", "lines": 2, "matches": 2}
    *found, end = watch(follow(), LogAnalyzer(["ERROR"]), 0.01, None)
    assert found[-1]["log_line"] == "ERROR 3", "the last line has no end"
    assert end == {"reason": "idle", "lines": 4, "matches": 3}


def test_watching_goes_on(log: Path, follow: Callable[..., Follower]) -> None:
    watching = watch(follow(), LogAnalyzer(["now"]), None, None)
    for number in range(3):
        append(log, f"now {number}\n")
        assert next(watching)["log_line"] == f"now {number}"


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        LogAnalyzer(["("])
    with pytest.raises(ValueError, match="patterns is empty"):
        LogAnalyzer([])
    with pytest.raises(ValueError, match="context_lines is -1"):
        LogAnalyzer(["x"], -1)
    with pytest.raises(FileNotFoundError):
        Follower(str(tmp_path / "nothing.log"))
