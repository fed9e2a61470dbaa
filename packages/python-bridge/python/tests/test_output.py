"""What tools print and log."""

from __future__ import annotations

import pytest

from client import Host
from conftest import Launch


def test_nothing_printed_disturbs_a_frame(host: Host) -> None:
    host.call("flood", {"lines": 20_000})
    host.run("print_everywhere")
    assert host.drain() == 0
    text = host.text
    for part in ("line 19999", "from C", "from a subprocess", "unprintable: \\ud800", "nothing on stdin: ''"):
        assert part in text


@pytest.mark.parametrize(
    ("level", "expected"),
    [("debug", None), ("info", "info"), ("warning", "warn"), ("error", "error"), ("critical", "error")],
)
def test_log_records_are_frames(host: Host, level: str, expected: str | None) -> None:
    """[LV-3]"""
    call = host.call("say", {"text": "hello \ud83d\ude80", "level": level, "name": "my.tool"})
    host.result(call)
    logs = [frame for frame in host.unread if frame["type"] == "log"]
    if expected is None:
        assert logs == []
        return
    (frame,) = logs
    frame.pop("#size")
    assert frame == {
        "type": "log",
        "level": expected,
        "message": "hello \U0001f680",
        "logger": "my.tool",
        "call": call,
    }


def test_the_host_sets_the_level(launch: Launch) -> None:
    host = launch(welcome={"logLevel": "error"})
    host.run("say", {"text": "quiet", "level": "warning"})
    host.run("say", {"text": "loud", "level": "error"})
    assert [frame["message"] for frame in host.unread] == ["loud"]


def test_records_carry_their_traceback_and_are_bounded(host: Host) -> None:
    host.run("log_exception", {"size": 1_000_000})
    (frame,) = host.unread
    assert len(frame["message"]) == 64 * 1024
    host.unread.clear()
    host.run("log_exception", {"size": 10})
    assert "ValueError: logged" in host.unread[0]["message"]


def test_records_before_the_welcome_go_to_stderr(launch: Launch) -> None:
    host = launch("early:Early")
    assert host.drain() == 0
    assert "INFO early: importing" in host.text
    assert host.unread == []
