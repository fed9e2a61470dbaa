"""Registered commands, served as an adapter and by a script."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import handlers
import pytest

from client import SOURCES, TOOLS, Host
from conftest import Launch, LaunchSilent
from snakepit_bridge import BaseCommandHandler
from snakepit_bridge.discovery import discover

ADAPTER = ("handlers:Handlers",)
SCRIPT = (None,)
NAMES = ["marked", "plain", "waits", "streams", "streams.async", "scaled", "end", "spins"]


@pytest.fixture(params=["adapter", "script", "stdio script", "bare script"])
def served(request: pytest.FixtureRequest, launch: Launch) -> Host:
    """The same handler in every way that it can be served."""
    how = request.param
    if how == "adapter":
        return launch("handlers:Handlers")
    if how == "bare script":
        # Without the bridge around it: what `python -m snakepit_bridge` would be is the script itself.
        return launch(None, python=(sys.executable, str(TOOLS / "handlers.py")))
    return launch(None, arguments=("--script", "./handlers.py"), stdio=how == "stdio script")


def test_commands_in_every_form(served: Host) -> None:
    assert [spec["name"] for spec in served.hello["tools"]] == NAMES
    assert [spec["streaming"] for spec in served.hello["tools"]] == [False] * 3 + [True] * 2 + [False] * 2 + [
        True
    ]
    assert all(spec["extra"] and spec["parameters"] == [] for spec in served.hello["tools"][1:])
    assert served.run("plain", {"a": 1}, session="s") == {"a": 1, "session": "s"}
    assert served.run("waits", {"a": 1, "b": 2}) == 2
    assert served.run("scaled", {"value": 2}) == 6
    assert served.run("marked", {"value": 5}) == 5
    for tool in ("streams", "streams.async"):
        values = [chunk["value"] for chunk in served.chunks(served.stream(tool, {"n": 2}))]
        assert values == [0, 1, None]
    assert served.drain() == 0


def test_descriptions(launch: Launch) -> None:
    described = {spec["name"]: spec["description"] for spec in launch(*ADAPTER).hello["tools"]}
    assert described["plain"] == "What it was given"
    assert described["waits"] == "Counts what it was given."


def test_a_script_prints_gets_its_arguments_and_goes_on_after_serving(launch: Launch) -> None:
    host = launch(*SCRIPT, arguments=("--script", "./handlers.py", "--model", "tiny"))
    assert host.drain() == 0
    assert host.text == "a script that prints --model tiny\ncleaned up after serving\n"


def test_shutdown_ends_the_tool_that_asks_for_it_and_the_script(launch: Launch) -> None:
    host = launch(*SCRIPT, arguments=("--script", "./handlers.py"))
    host.call("end")
    host.expect_end()
    assert host.wait() == 0
    assert "cleaned up after serving" in host.text


def test_shutdown_refuses_what_was_sent_already(launch: Launch) -> None:
    """[CA-1]"""
    host = launch(*SCRIPT, arguments=("--script", "./handlers.py"))
    ending = {"type": "call", "id": 101, "tool": "end", "args": {}}
    host.send(ending, *({**ending, "id": id, "tool": "plain"} for id in (102, 103)))
    host.expect_end()
    refused = [(frame["id"], frame["error"]["code"]) for frame in host.unread if frame["type"] == "error"]
    assert refused[1:] == [(102, "not_started"), (103, "not_started")]
    assert host.wait() == 0


def test_sigterm_ends_a_script_in_an_orderly_way(launch: Launch) -> None:
    host = launch(*SCRIPT, arguments=("--script", "./handlers.py"))
    host.next_of(host.stream("spins"))
    host.process.send_signal(signal.SIGTERM)
    host.expect_end()
    assert host.wait() == 0
    assert "cleaned up after serving" in host.text


def test_what_fails_after_serving_is_printed(launch: Launch) -> None:
    host = launch(*SCRIPT, arguments=("--script", "./handlers.py", "--fail-late"))
    assert host.drain() == 1
    assert "RuntimeError: too late for the host" in host.text


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        (("./handlers.py", "--raise"), "RuntimeError", "no license"),
        (("./handlers.py", "--leave"), "ScriptError", "left before .*SystemExit\\('gone'\\)"),
        (("./handlers.py", "--never"), "ScriptError", "ended without ProtocolHandler"),
        (("./nowhere.py",), "ScriptError", "there is no script /.*nowhere.py"),
    ],
)
def test_a_script_that_cannot_serve(
    launch_silent: LaunchSilent, script: tuple[str, ...], kind: str, message: str
) -> None:
    worker = launch_silent(None, arguments=("--script", *script))
    error = worker.read_line()["error"]
    assert error["type"] == kind
    assert re.search(message, error["message"])
    if kind == "RuntimeError":
        assert f'File "{TOOLS / "handlers.py"}", line' in error["traceback"]
        assert "scripts.py" not in error["traceback"]
    assert worker.wait() == 1


@pytest.mark.parametrize("handler", ["WithoutSuper", "BadName"])
def test_a_handler_that_cannot_be_served(launch_silent: LaunchSilent, handler: str) -> None:
    error = launch_silent(f"handlers:{handler}").read_line()["error"]
    advice = {"WithoutSuper": "must call super().__init__()", "BadName": "'no name' is no name for one"}
    assert advice[handler] in error["message"]


def test_by_hand_a_script_says_how_it_is_used() -> None:
    ended = subprocess.run(
        [sys.executable, "handlers.py"],
        cwd=Path(TOOLS),
        env={"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 2
    assert "a host starts it" in ended.stderr


def test_broken_pipes_are_not_worth_a_word() -> None:
    code = (
        "from snakepit_bridge.core import setup_broken_pipe_suppression as s\n"
        "s(); import sys; sys.stdin.read(); print('x' * 100000)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SOURCES)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin and process.stdout and process.stderr
    # Nobody reads any more when the program begins to write.
    process.stdout.close()
    process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(30)


def test_registering() -> None:
    handler = handlers.Handlers()
    handler.register_command("plain", lambda args: "replaced")
    with pytest.raises(TypeError, match="'odd' cannot be called"):
        handler.register_command("odd", 5)  # type: ignore[arg-type]
    tools = {tool.name: tool for tool in discover(handler).tools}
    assert tools["plain"].function({}) == "replaced"
    assert discover(BaseCommandHandler()).tools == []
    reserved = BaseCommandHandler()
    reserved.register_command("snakepit.end_session", print)
    with pytest.raises(ValueError, match=r"begins with 'snakepit\.'"):
        discover(reserved)
