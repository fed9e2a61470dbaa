"""Calls of any function, and objects that stay in the worker."""

from __future__ import annotations

from typing import Any

import pytest

from client import Host
from conftest import Launch

TOOLS = {"python.call", "python.get", "python.store", "python.retrieve", "python.delete", "python.list"}


@pytest.fixture
def python(launch: Launch) -> Host:
    return launch(arguments=["--generic"])


def declared(host: Host) -> set[str]:
    return {tool["name"] for tool in host.hello["tools"]}


def call(host: Host, target: str, args: Any = None, session: Any = "s", **more: Any) -> Any:
    return host.run("python.call", {"target": target, "args": args, **more}, session=session)


def fails(host: Host, tool: str, session: Any = "s", **args: Any) -> tuple[str, str]:
    error = host.error(host.call(tool, args, session=session))
    return error["type"], error["message"]


def test_they_are_offered_when_asked_for(launch: Launch) -> None:
    assert declared(launch(arguments=["--generic"])) >= TOOLS
    assert not declared(launch()) & TOOLS
    assert declared(launch(None)) >= {*TOOLS, "ping"}


def test_the_option_is_not_the_adapters(launch: Launch) -> None:
    host = launch("styles:Hooks", arguments=["--generic", "--model", "small"])
    assert host.run("seen")["adapter_args"] == ["--model", "small"]


def test_functions(python: Host) -> None:
    assert call(python, "math.sqrt", [16]) == 4
    assert call(python, "statistics.mean", [[1, 2, 3]]) == 2
    assert call(python, "builtins.sorted", [[1, 3, 2]], kwargs={"reverse": True}) == [3, 2, 1]
    assert call(python, "fractions.Fraction", {"numerator": 1, "denominator": 4}) == "1/4"
    assert call(python, "os.path.join", ["a", "b"]) == "a/b"
    assert call(python, "datetime.date.fromisoformat", ["2026-01-31"]) == "2026-01-31"
    assert call(python, "xml.etree.ElementTree.Comment", store_as="c")["stored"] == "c"
    assert call(python, "asyncio.sleep", [0, "slept"]) == "slept"


def test_a_function_that_streams(python: Host) -> None:
    stream = python.stream("python.call", {"target": "itertools.islice", "args": [[7, 8, 9], 2]})
    assert [chunk["value"] for chunk in python.chunks(stream)] == [7, 8, None]


def test_attributes(python: Host) -> None:
    assert python.run("python.get", {"target": "math.pi"}) == 3.141592653589793
    assert "class" in python.run("python.get", {"target": "collections.OrderedDict"})["__repr__"]


def test_an_object_stays_and_its_methods_are_called(python: Host) -> None:
    kept = call(python, "collections.Counter", ["abracadabra"], store_as="counter")
    assert kept["stored"] == "counter"
    assert kept["type"] == "collections.Counter"
    assert kept["repr"].startswith("Counter({'a': 5")
    assert call(python, "stored.counter.most_common", [1]) == [["a", 5]]
    assert call(python, "stored.counter.__len__") == 5
    assert call(python, "stored.counter.__getitem__", ["b"]) == 2
    call(python, "operator.itemgetter", ["a"], store_as="predictor")
    assert call(python, "stored.predictor.__call__", [{"a": 1}]) == 1
    assert call(python, "stored.predictor", [{"a": 1}]) == 1
    call(python, "types.SimpleNamespace", {"coef": [1, 2]}, store_as="model")
    assert python.run("python.get", {"target": "stored.model.coef"}, session="s") == [1, 2]
    assert call(python, "asyncio.sleep", [0, "late"], store_as="slept")["repr"] == "'late'"


def test_values_are_stored_listed_and_deleted(python: Host) -> None:
    session: dict[str, Any] = {"session": "s"}
    assert python.run("python.store", {"name": "a", "value": [1]}, **session) is None
    assert python.run("python.retrieve", {"name": "a"}, **session) == [1]
    listed = [{"stored": "a", "type": "builtins.list", "repr": "[1]"}]
    assert python.run("python.list", **session) == listed
    assert [python.run("python.delete", {"name": "a"}, **session) for _ in range(2)] == [True, False]
    assert python.run("python.list", **session) == []


def test_objects_belong_to_their_session(python: Host) -> None:
    for session in ("a", "b", None):
        python.run("python.store", {"name": "x", "value": str(session)}, session=session)
    python.run("snakepit.end_session", session="a")
    assert python.run("python.retrieve", {"name": "x"}, session="b") == "b"
    assert python.run("python.retrieve", {"name": "x"}) == "None"
    kind, message = fails(python, "python.retrieve", session="a", name="x")
    assert (kind, message) == ("UnknownObject", "nothing is stored as 'x' in this session on this worker")
    assert fails(python, "python.call", session="c", target="stored.x")[0] == "UnknownObject"


def test_the_end_of_a_session_releases_its_objects(python: Host) -> None:
    call(python, "watched.Watched", store_as="x")
    assert call(python, "watched.count") == 1
    python.run("snakepit.end_session", session="s")
    assert call(python, "watched.count") == 0


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("math.nothing", "there is nothing named 'math.nothing'"),
        ("no_such_module.x", "there is nothing named 'no_such_module'"),
        ("len", "'builtins.len'"),
        ("math.sqrt.nothing", "has no attribute 'nothing'"),
        ("os._exit", "private: '_exit'"),
        ("math.sqrt.__self__", "private: '__self__'"),
        ("_thread.exit", "private"),
        ("", "empty"),
        ("math..pi", "empty"),
        ("stored", "stored.NAME"),
        ("math.pi", "cannot be called"),
    ],
)
def test_targets_that_are_none(python: Host, target: str, text: str) -> None:
    kind, message = fails(python, "python.call", target=target)
    assert kind == "UnknownTarget"
    assert text in message


@pytest.mark.parametrize("name", ["", "a.b", "x" * 65, "_x", "é"])
def test_names_that_are_none(python: Host, name: str) -> None:
    assert fails(python, "python.store", name=name, value=1)[0] == "ValueError"
    assert fails(python, "python.call", target="math.sqrt", args=[4], store_as=name)[0] == "ValueError"


def test_an_error_of_the_function_itself(python: Host) -> None:
    assert fails(python, "python.call", target="math.sqrt", args=[-1])[0] == "ValueError"
    assert fails(python, "python.call", target="broken_import.x")[0] == "ModuleNotFoundError"


def test_a_thousand_objects(python: Host) -> None:
    for number in range(1000):
        python.run("python.store", {"name": f"n{number}", "value": 0}, session="s")
    assert fails(python, "python.store", name="more", value=0)[0] == "TooManyObjects"
    python.run("python.store", {"name": "n0", "value": 1}, session="s")
    python.run("python.store", {"name": "more", "value": 0}, session="other")
