"""Drain, signals, the end of the host, and what the protocol forbids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from client import WELCOME, Host
from conftest import Launch, LaunchSilent


def test_drain_finishes_every_call_and_ends(host: Host) -> None:
    """[LV-2]"""
    ids = [host.call("echo", {"value": number}) for number in range(20)]
    assert host.drain() == 0
    assert [frame["id"] for frame in host.unread] == ids


def test_a_second_drain_changes_nothing(host: Host) -> None:
    """[LV-2]"""
    host.send({"type": "drain", "graceMs": 1})
    assert host.drain() == 0


def test_cleanup_runs_after_a_drain(launch: Launch) -> None:
    """[LV-2]"""
    host = launch("styles:Hooks")
    assert host.drain() == 0
    assert "cleaned up" in host.text


def test_threads_and_exit_hooks_end_as_in_any_program(launch: Launch) -> None:
    """[LV-2]"""
    host = launch("styles:Leaving")
    host.run("work")
    assert host.drain() == 0
    assert "a thread finished" in host.text
    assert "an exit hook ran" in host.text


def test_sigterm_ends_in_an_orderly_way(launch: Launch) -> None:
    host = launch("styles:Hooks")
    host.run("seen")
    host.process.send_signal(signal.SIGTERM)
    host.expect_end()
    assert host.wait() == 0
    assert "cleaned up" in host.text


def test_sigterm_stops_a_running_tool(host: Host) -> None:
    call = host.call("spin")
    host.next(lambda frame: frame["type"] == "log")
    host.process.send_signal(signal.SIGTERM)
    assert host.error(call)["code"] == "cancelled"
    assert host.wait() == 0


@pytest.mark.parametrize("tool", ["stubborn", "async_sleep"])
def test_sigterm_never_hangs(host: Host, tool: str) -> None:
    host.call(tool, {"path": "/nowhere"} if tool == "stubborn" else {})
    host.next(lambda frame: frame["type"] == "log")
    host.process.send_signal(signal.SIGTERM)
    host.expect_end()
    assert host.wait() == 0


def test_sigint_is_left_to_the_host(host: Host) -> None:
    host.ping()
    host.process.send_signal(signal.SIGINT)
    assert host.run("echo", {"value": 1}) == 1


@pytest.mark.parametrize("tool", ["sleep", "spin", "async_sleep", "ask", "recall"])
def test_the_worker_ends_with_its_channel(host: Host, tool: str) -> None:
    """[HS-7]"""
    host.call(tool)
    host.ping()
    host.socket.shutdown(1)
    assert host.wait() == -signal.SIGKILL


def hold_the_interpreter(host: Host) -> None:
    host.call("hold_gil")
    host.next(lambda frame: frame["type"] == "log")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel kills by lifeline on Linux only")
@pytest.mark.parametrize("held", [False, True])
def test_the_lifeline_ends_worker_and_children(host: Host, held: bool) -> None:
    """Also while the interpreter lock is held; the channel stays open here."""
    child = host.run("spawn_child")
    if held:
        hold_the_interpreter(host)
    host.lifeline.close()
    assert host.wait() == -signal.SIGKILL
    wait_until_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel kills by lifeline on Linux only")
def test_a_lifeline_that_ended_before_it_was_armed(launch_silent: LaunchSilent, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    (tmp_path / "sitecustomize.py").write_text(f"open({str(gate)!r}).read()\n")
    path = f"{Path(__file__).parent.parent / 'src'}{os.pathsep}{tmp_path}"
    worker = launch_silent(env={"PYTHONPATH": path})
    with gate.open("w"):
        worker.lifeline.close()
    assert worker.wait() == -signal.SIGKILL


def wait_until_gone(pid: int) -> None:
    """Its parent is dead; zombies are gone for us."""
    status = Path(f"/proc/{pid}/stat")
    while status.exists():
        try:
            if status.read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b"nonsense\n", "not a line of JSON"),
        (b'{"type":"tea"}\n', "unknown frame type"),
        (b'{"type":"call","id":1,"tool":"echo"}\n', "args"),
        (b'{"type":"call","id":0,"tool":"echo","args":{}}\n', "id"),
        (b'{"type":"call","id":1,"tool":"echo","args":{"value":{"$":"tea"}}}\n', "tagged object"),
        (b'{"type":"call","id":1,"tool":"echo","args":{},"attach":[1073741825]}\n', "attachments"),
        (
            b'{"type":"call","id":1,"tool":"echo","args":{"value":' + b"[" * 128 + b"]" * 128 + b"}}\n",
            "too deep",
        ),
    ],
)
def test_a_protocol_error_ends_the_worker_and_is_named(launch: Launch, line: bytes, part: str) -> None:
    """[FR-1] [FR-2] [FR-3] [JS-6] [LI-2] [LI-3]"""
    host = launch()
    host.send_bytes(line)
    host.expect_end()
    assert host.wait() == 1
    assert "protocol error" in host.text
    assert part in host.text


@pytest.mark.parametrize("tail", [b'{"type":"ping"', b'{"type":"x-blob","attach":[10]}\n12345'])
def test_a_frame_cut_short(launch: Launch, tail: bytes) -> None:
    """[HS-7] [JS-2]"""
    host = launch()
    host.send_bytes(tail)
    host.socket.shutdown(1)
    assert host.wait() == 1
    assert "protocol error: the bytes end inside" in host.text


def test_a_line_beyond_the_limit(launch: Launch) -> None:
    """[LI-1] [LI-2]"""
    host = launch(welcome={"limits": {"maxFrameBytes": 1000}})
    host.send_bytes(b"x" * 1002)
    host.expect_end()
    assert host.wait() == 1
    assert "more than 1000 bytes" in host.text


def test_unknown_extension_frames_are_ignored(host: Host) -> None:
    """[FR-2] [LV-3]"""
    host.send({"type": "x-tea", "attach": [3]}, tail=b"abc")
    host.send({"type": "pong", "nonce": 1}, {"type": "log", "level": "info", "message": "hi"})
    assert host.run("echo", {"value": 1}) == 1


def test_frames_may_be_cut_anywhere(host: Host) -> None:
    """[FR-4] [JS-1] [JS-2]"""
    data = b"\x00\n\xff{}"
    line = b'{"type":"call","id":1,"tool":"typed","args":{"value":{"$":"bytes","at":0}},"attach":[5]}\n'
    for byte in line + data:
        host.send_bytes(bytes([byte]))
    assert host.next_of(1)["value"] == f"builtins.bytes {data!r}"


def test_large_values_both_ways(host: Host) -> None:
    """[FR-4] [VA-4]"""
    data = os.urandom(5_000_000)
    text = "é" * 3_000_000
    args = {"value": [{"$": "bytes", "at": 1}, text, {"$": "bytes", "at": 0}]}
    host.send(
        {"type": "call", "id": 1, "tool": "echo", "args": args, "attach": [3, len(data)]}, tail=b"abc" + data
    )
    frame = host.next_of(1)
    assert frame["attachments"] == [data, b"abc"]
    assert frame["value"][1] == text


def test_children_do_not_inherit_the_channel(host: Host) -> None:
    assert host.run("open_descriptors_of_child") == host.run("descriptors_without_bridge")


def test_run_by_hand_it_says_what_it_is() -> None:
    source = Path(__file__).parent.parent / "src"
    env = {"PYTHONPATH": str(source), "PATH": os.environ["PATH"]}
    run = subprocess.run(
        [sys.executable, "-m", "snakepit_bridge"], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "Snakepit worker" in run.stderr
    assert WELCOME["snakepit"] == 1
