"""Calls of any function, and objects that stay in the worker."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from client import Host
from conftest import Launch
from snakepit_bridge.generic import GenericCalls
from snakepit_bridge.session_context import SessionContext

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


def test_a_file_that_is_stored_stays_open(python: Host) -> None:
    call(python, "io.StringIO", ["a\nb\nc\n"], store_as="file")
    assert "StringIO" in python.run("python.retrieve", {"name": "file"}, session="s")["__repr__"]
    assert "StringIO" in call(python, "stored.file.__iter__")["__repr__"]
    assert call(python, "stored.file.readline") == "a\n"
    stream = python.stream("python.retrieve", {"name": "file"}, session="s")
    assert [chunk["value"] for chunk in python.chunks(stream)] == ["b\n", "c\n", None]
    assert python.run("python.get", {"target": "stored.file.closed"}, session="s") is False


def test_of_a_stored_iterator_others_go_on(python: Host) -> None:
    call(python, "watched.endless", store_as="numbers")
    held = call(python, "types.SimpleNamespace", {"numbers": [1]}, store_as="held")
    assert held["stored"] == "held"
    for tool, args in [
        ("python.retrieve", {"name": "numbers"}),
        ("python.get", {"target": "stored.numbers"}),
        ("python.call", {"target": "stored.numbers.__iter__"}),
    ]:
        assert "generator" in python.run(tool, args, session="s")["__repr__"]
        stream = python.stream(tool, args, session="s", credit=1)
        python.next_of(stream)
        python.cancel(stream)
        assert python.error(stream)["code"] == "cancelled"
    assert call(python, "stored.numbers.__next__") > 2


def test_an_async_iterator_that_is_stored(python: Host) -> None:
    call(python, "watched.endless_async", store_as="numbers")
    args = {"name": "numbers"}
    assert "async_generator" in python.run("python.retrieve", args, session="s")["__repr__"]
    first = []
    for _ in range(2):
        stream = python.stream("python.retrieve", args, session="s", credit=1)
        first.append(python.next_of(stream)["value"])
        python.cancel(stream)
        assert python.error(stream)["code"] == "cancelled"
    assert first[0] < first[1]


def test_an_iterator_that_a_call_made_is_streamed_and_closed(python: Host) -> None:
    error = python.error(python.call("python.call", {"target": "watched.endless"}))
    assert error["code"] == "invalid_parameter"
    stream = python.stream("python.call", {"target": "watched.endless"}, credit=1)
    assert python.next_of(stream)["value"] == 0
    python.cancel(stream)
    assert python.error(stream)["code"] == "cancelled"
    assert call(python, "watched.closed.pop") == "endless"


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


def test_built_in_functions_are_told_of_where_no_module_is_named(python: Host) -> None:
    assert "builtins" not in fails(python, "python.get", target="math.nope")[1]


class Loud:
    """Counts how often it is described."""

    described = 0

    def __repr__(self) -> str:
        Loud.described += 1
        return "loud"


def test_large_values_are_described_by_their_beginning() -> None:
    calls, ctx = GenericCalls(), SessionContext(None, {}, None)  # type: ignore[arg-type]
    calls.store(ctx, "many", [[Loud() for _ in range(1_000)] for _ in range(1_000)])
    assert Loud.described == 0
    assert calls.list_all(ctx)[0]["repr"].startswith("[[loud, loud")
    assert Loud.described <= 100
    calls.store(ctx, "bytes", bytes(16 * 1024 * 1024))
    tracemalloc.start()
    try:
        assert calls.list_all(ctx)[1]["repr"].startswith(r"b'\x00\x00")
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


def test_an_error_of_the_function_itself(python: Host) -> None:
    assert fails(python, "python.call", target="math.sqrt", args=[-1])[0] == "ValueError"
    assert fails(python, "python.call", target="broken_import.x")[0] == "ModuleNotFoundError"


def test_a_thousand_objects(python: Host) -> None:
    for number in range(1000):
        python.run("python.store", {"name": f"n{number}", "value": 0}, session="s")
    assert fails(python, "python.store", name="more", value=0)[0] == "TooManyObjects"
    python.run("python.store", {"name": "n0", "value": 1}, session="s")
    python.run("python.store", {"name": "more", "value": 0}, session="other")


class _Storing:
    """What is stored may change while it is listed, here by the same thread."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __repr__(self) -> str:
        self._store()
        return "storing"


def test_what_changes_while_it_is_listed() -> None:
    calls, context = GenericCalls(), SessionContext(None, {}, None)  # type: ignore[arg-type]
    calls.store(context, "first", _Storing(lambda: calls.store(context, "second", 2)))
    assert [each["stored"] for each in calls.list_all(context)] == ["first"]
    assert calls.delete(context, "second")
    assert not calls.delete(context, "second")


def test_the_end_of_what_is_replaced_may_store_something() -> None:
    class Ending:
        def __del__(self) -> None:
            calls.store(context, "left", 1)

    calls, context = GenericCalls(), SessionContext(None, {}, None)  # type: ignore[arg-type]
    calls.store(context, "name", Ending())
    calls.store(context, "name", 2)
    assert calls.retrieve(context, "left") == 1
