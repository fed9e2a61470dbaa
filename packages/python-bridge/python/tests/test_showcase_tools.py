"""The showcase's tools in a real worker, and what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client import Host
from conftest import Launch
from snakepit_bridge.adapters.showcase import ShowcaseAdapter


@pytest.fixture
def showcase(launch: Launch) -> Host:
    return launch(None)


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "snakepit_bridge.adapters.showcase.embeddings", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(
        ModuleNotFoundError, match=r'numpy.* pip install "snakepit-bridge\[showcase\]"'
    ) as raised:
        ShowcaseAdapter().generate_embeddings(["x"])
    assert raised.value.name == "numpy"


def test_every_tool_says_what_it_is_for(showcase: Host) -> None:
    tools = {tool["name"]: tool for tool in showcase.hello["tools"]}
    assert all(tool["description"] for tool in tools.values())
    streams = {name for name, tool in tools.items() if tool["streaming"]}
    assert streams == {
        "ping_stream",
        "stream_data",
        "stream_progress",
        "batch_inference",
        "process_large_dataset",
        "tail_and_analyze",
        "distributed_training",
        "realtime_stock_analysis",
    }
    assert {"ml_analyze_text", "create_tensor", "get_variable", "generate_embeddings"} < set(tools)
    assert {"process_images", "create_program", "execute_program"} < set(tools)


def test_no_library_is_loaded_before_it_is_needed() -> None:
    libraries = {"numpy", "pandas", "sklearn", "PIL"}
    code = f"import sys, snakepit_bridge.adapters.showcase; print(*{libraries} & set(sys.modules))"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.stdout == "\n", done.stderr


def test_tensor_outside_of_a_session(showcase: Host) -> None:
    frame = showcase.next_of(showcase.call("create_tensor", {"shape": [2, 2], "fill_value": 0.5}))
    value = frame["value"]
    assert value["name"] == "small_tensor" and value["stored"] is False and value["size_bytes"] == 32
    assert value["tensor"]["shape"] == [2, 2]
    error = showcase.error(showcase.call("create_tensor", {"shape": [0]}))
    assert error["type"] == "ValueError" and "positive integers" in error["message"]


def test_tensor_in_a_session(showcase: Host) -> None:
    call = showcase.call("create_tensor", {"shape": [100, 100]}, session="s")
    asked = showcase.host_call("snakepit.variables.register")
    assert asked["args"]["name"] == "large_tensor" and asked["args"]["type"] == "tensor"
    assert asked["args"]["value"]["shape"] == [100, 100]
    showcase.answer(asked, {"name": "large_tensor", "type": "tensor", "value": None, "version": 1})
    assert showcase.result(call) == {
        "name": "large_tensor",
        "shape": [100, 100],
        "dtype": "float64",
        "size_bytes": 80_000,
        "stored": True,
    }


def test_programs_of_a_session(showcase: Host) -> None:
    examples = [{"text": "sunny warm", "label": "good"}, {"text": "rain cold", "label": "bad"}]
    made = showcase.run("create_program", {"examples": examples}, session="a")
    args: dict[str, Any] = {"program_id": made["program_id"], "input": {"text": "warm"}}
    answer = showcase.run("execute_program", args, session="a")
    assert answer["output"] == {"label": "good"} and answer["program_id"] == made["program_id"]
    assert "no program" in showcase.error(showcase.call("execute_program", args, session="b"))["message"]
    assert showcase.run("execute_program", {**args, "program": made}, session="b") == answer


def test_a_tail_that_is_cancelled_closes_its_file(showcase: Host, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("ERROR one\n")
    call = showcase.stream("tail_and_analyze", {"log_path": str(log), "patterns": ["ERROR"]})
    assert showcase.next_of(call)["value"]["log_line"] == "ERROR one"
    with log.open("a") as file:
        file.write("fine\nERROR two\n")
    assert showcase.next_of(call)["value"]["context"] == ["ERROR one", "fine"]
    opened = Path(f"/proc/{showcase.process.pid}/fd")
    assert str(log) in [str(entry.resolve()) for entry in opened.iterdir()]
    showcase.cancel(call)
    assert showcase.error(call)["code"] == "cancelled"
    assert str(log) not in [str(entry.resolve()) for entry in opened.iterdir()]
    assert showcase.run("add", {"a": 1, "b": 1}) == {"result": 2}


def test_a_training_that_is_cancelled_leaves_no_process(showcase: Host) -> None:
    pytest.importorskip("sklearn")
    pid = showcase.process.pid
    args = {"dataset_path": "iris", "training_config": {"epochs": 100_000, "workers": 3}}
    call = showcase.stream("distributed_training", args, credit=1_000_000)
    assert showcase.next_of(call)["value"]["epoch"] == 1
    assert len(children(pid)) == 3
    showcase.cancel(call)
    assert showcase.error(call)["code"] == "cancelled"
    assert children(pid) == []


@pytest.mark.parametrize(
    ("tool", "args", "message"),
    [
        ("batch_inference", {}, "give one of items, batch_items, images"),
        ("batch_inference", {"items": ["a"], "images": ["b"]}, "give one of items, batch_items, images"),
        ("tail_and_analyze", {"log_path": "x", "patterns": ["a"], "max_matches": 0}, "max_matches is 0"),
        (
            "tail_and_analyze",
            {"log_path": "x", "patterns": ["a"], "idle_timeout_s": {"$": "float", "value": "NaN"}},
            "idle_timeout_s is nan",
        ),
        ("realtime_stock_analysis", {"symbols": ["A"]}, "prices_path is missing; give the path of a CSV"),
        ("distributed_training", {"dataset_path": "iris", "model_config": {"a": 1}}, "has no 'a'"),
    ],
)
def test_mistakes(showcase: Host, tool: str, args: dict[str, Any], message: str) -> None:
    if tool in ("batch_inference", "distributed_training"):
        pytest.importorskip("sklearn")
    error = showcase.error(showcase.stream(tool, args))
    assert error["type"] == "ValueError" and message in error["message"]
