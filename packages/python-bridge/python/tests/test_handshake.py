"""Hello, welcome, and the ways in which a start fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from client import SOURCES, WELCOME, Frame, Host, WorkerProcess
from conftest import Launch, LaunchSilent


def test_hello_is_one_line_that_says_who_speaks(host: Host) -> None:
    """[HS-1]"""
    hello = host.hello
    assert hello["snakepit"] == 1
    assert hello["transport"] == "json"
    assert hello["address"] is None
    assert hello["pid"] == host.process.pid
    assert hello["runtime"]["name"] == "python"
    assert hello["runtime"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert hello["bridge"] == "0.1.0"
    assert set(hello["features"]) == {"stream", "cancel", "host-call", "attachments", "sessions"}
    assert hello["concurrency"] == 1


def test_takes_the_first_transport_it_can_use_and_explains_the_others(launch: Launch) -> None:
    """[HS-2]"""
    host = launch(offer='["carrier-pigeon","json","later"]')
    assert host.hello["transport"] == "json"
    assert host.hello["skipped"] == [
        {"transport": "carrier-pigeon", "reason": "not supported by this bridge"}
    ]


def test_frames_follow_the_welcome_at_once(launch_silent: LaunchSilent) -> None:
    """[HS-3] Welcome and first call in one piece."""
    worker = launch_silent()
    worker.read_line()
    worker.send(WELCOME, {"type": "call", "id": 1, "tool": "echo", "args": {"value": 5}})
    assert worker.read_line()["value"] == 5


def failed(worker: WorkerProcess) -> Frame:
    hello = worker.read_line()
    assert worker.wait() == 1
    error: Frame = hello["error"]
    return error


def test_no_transport_fits(launch_silent: LaunchSilent) -> None:
    """[HS-4]"""
    worker = launch_silent(offer='["carrier-pigeon"]')
    hello = worker.read_line()
    assert hello["error"]["code"] == "unavailable"
    assert hello["error"]["type"] == "NoTransport"
    assert hello["skipped"] == [{"transport": "carrier-pigeon", "reason": "not supported by this bridge"}]
    assert worker.wait() == 1


@pytest.mark.parametrize(
    ("spec", "type", "part"),
    [
        ("no_such_module:Class", "AdapterError", "no module named 'no_such_module'"),
        ("broken_import:Broken", "ModuleNotFoundError", "not_installed_anywhere"),
        ("broken_init:Broken", "RuntimeError", "no licence"),
        ("broken_init:BrokenLater", "RuntimeError", "no network"),
        ("tools:Missing", "AdapterError", "Unprintable, Tools"),
        ("os:system", "AdapterError", "an adapter is a class"),
        ("../tools.py:Tools", "AdapterError", "'..'"),
        ("./missing.py:Tools", "AdapterError", "there is no file"),
        ("nonsense", "AdapterError", "package.module:Class"),
        ("exits:Exits", "SystemExit", "3"),
    ],
)
def test_adapter_that_cannot_start(launch_silent: LaunchSilent, spec: str, type: str, part: str) -> None:
    """[HS-4]"""
    error = failed(launch_silent(spec))
    assert error["code"] == "internal"
    assert error["type"] == type
    assert part in error["message"]


def test_adapter_with_a_syntax_error(launch_silent: LaunchSilent, tmp_path: Path) -> None:
    """[HS-4]"""
    (tmp_path / "typo.py").write_text("class Broken\n")
    error = failed(launch_silent("typo:Broken", cwd=tmp_path))
    assert error["type"] == "SyntaxError"
    assert "typo.py" in error["traceback"]


def test_traceback_of_a_broken_adapter_names_its_line(launch_silent: LaunchSilent) -> None:
    """[HS-4]"""
    error = failed(launch_silent("broken_init:Broken"))
    assert "broken_init.py" in error["traceback"]
    assert "_worker" not in error["traceback"]


@pytest.mark.parametrize(
    "spec",
    ["tools:Tools", "tools.Tools", "./tools.py:Tools", str(Path(__file__).parent / "tools/tools.py:Tools")],
)
def test_ways_to_name_an_adapter(launch: Launch, spec: str) -> None:
    host = launch(spec)
    assert host.run("echo", {"value": 1}) == 1


def test_adapter_arguments_reach_the_adapter(launch: Launch) -> None:
    host = launch("styles:Hooks", arguments=["--max-workers", "4", "--model", "small"])
    assert host.run("seen")["adapter_args"] == ["--max-workers", "4", "--model", "small"]


def test_versions_that_differ_end_the_worker_and_are_named(launch_silent: LaunchSilent) -> None:
    """[HS-5]"""
    worker = launch_silent()
    worker.read_line()
    worker.send({**WELCOME, "snakepit": 7})
    assert worker.wait() == 1
    assert "version 7" in worker.text
    assert "worker 1" in worker.text


def test_unknown_fields_are_ignored(launch_silent: LaunchSilent) -> None:
    """[HS-6]"""
    worker = launch_silent()
    worker.read_line()
    worker.send({**WELCOME, "colour": "green", "limits": {"maxColours": 3}})
    worker.send({"type": "call", "id": 1, "tool": "echo", "args": {"value": 5}, "colour": "green"})
    assert worker.read_line()["value"] == 5


def test_started_by_nobody_it_says_what_it_is(launch_silent: LaunchSilent) -> None:
    worker = launch_silent(env={"SNAKEPIT_CHANNEL": "nonsense"})
    assert worker.wait() != 0
    assert "nonsense" in worker.text


OLD = [
    path
    for name in ("3.8", "3.6", "2.7")
    for path in sorted(Path.home().glob(f".pyenv/versions/{name}.*/bin/python"))
]


@pytest.mark.parametrize("stdio", [False, True])
@pytest.mark.parametrize("python", OLD or [None], ids=str)
def test_an_old_python_says_which_version_is_needed(
    launch_silent: LaunchSilent, python: Path | None, stdio: bool
) -> None:
    """[HS-4]"""
    if python is None:
        pytest.skip("no old Python here")
    error = failed(launch_silent(python=[str(python)], stdio=stdio))
    assert error["type"] == "UnsupportedPython"
    assert "3.9" in error["message"]
    assert python.parent.parent.name in error["message"]


def test_stdio_channel_survives_a_chatty_site(launch: Launch, tmp_path: Path) -> None:
    """A `sitecustomize` that prints a megabyte and reads stdin disturbs nothing."""
    text = "import sys\nprint('x' * 1_000_000)\nprint(repr(sys.stdin.read()))\n"
    (tmp_path / "sitecustomize.py").write_text(text)
    path = os.pathsep.join([str(SOURCES), str(tmp_path)])
    host = launch(python=[sys.executable, "-S"], stdio=True, env={"SNAKEPIT_SITE": "1", "PYTHONPATH": path})
    assert host.run("flood", {"lines": 1000}) == 1000
    assert host.drain() == 0
    assert "x" * 1_000_000 in host.text
    assert "''" in host.text
    assert "line 999" in host.text


def test_adapter_that_prints_while_it_is_imported(launch: Launch) -> None:
    host = launch("chatty:Chatty")
    assert host.run("work") == "done"
    assert host.drain() == 0
    assert "importing" in host.text
    assert "cleaning up" in host.text
