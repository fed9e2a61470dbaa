"""Variables of a session, from ordinary code and from coroutines."""

from __future__ import annotations

import sys

import pytest

from conftest import Launch
from session_host import SessionHost

BOTH = ["", "_async"]
WITHOUT_NUMPY = """
import runpy, sys
sys.modules["numpy"] = None
del sys.argv[1]
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def session(launch: Launch) -> SessionHost:
    return SessionHost(launch("remembering:Remembering"))


@pytest.mark.parametrize("style", BOTH)
def test_every_way_to_write_and_to_read(session: SessionHost, style: str) -> None:
    assert session.run(f"everything{style}") == {
        "a": 3,
        "both": {"a": 3, "b": "new"},
        "has": True,
        "listed": [["a", "integer", 3], ["b", "string", "new"]],
        "deleted": [True, False],
        "left": [],
    }
    registered = session.asked[0]["args"]
    assert registered == {"name": "a", "type": "integer", "value": 1, "constraints": {"min": 0}}
    assert all(asked["session"] == "s" for asked in session.asked)


def test_a_write_that_nobody_awaits_is_done_when_the_tool_returns(session: SessionHost) -> None:
    session.put("x", 1)
    assert session.run("forget_to_await") == "done"
    assert session.value("x") == 5


def test_a_failure_that_nobody_awaits_is_logged(session: SessionHost) -> None:
    assert session.run("forget_to_await", {"name": "missing"}) == "done"
    log = session.host.next(lambda frame: frame["type"] == "log")
    assert log["level"] == "warn"
    assert "UnknownVariable" in log["message"]


def test_awaitables_can_be_gathered(session: SessionHost) -> None:
    session.put("x", 0)
    session.put("y", 0)
    assert session.run("gather") == [1, 2]


def test_a_new_item_has_the_type_of_its_value(session: SessionHost) -> None:
    message = session.run("kinds")
    types = [variable["type"] for variable in session.variables.values()]
    assert types == ["boolean", "integer", "float", "string", "list", "list", "map"]
    assert "register_variable" in message
    assert "none" not in session.variables


def test_embeddings_travel_as_bytes_and_read_as_lists(session: SessionHost) -> None:
    assert session.run("put", {"name": "e", "type": "embedding", "value": [1, 2.5]}) == ["list", [1.0, 2.5]]
    sent = session.asked[0]["args"]["value"]
    assert (sent["$"], sent["dtype"], sent["shape"]) == ("tensor", "float64", [2])
    batch = [[1.0, 2.0], [3.0, 4.0]]
    assert session.run("put", {"name": "b", "type": "embedding", "value": batch}) == ["list", batch]
    assert session.asked[2]["args"]["value"]["shape"] == [2, 2]


def test_a_tensor_reads_as_an_array(session: SessionHost) -> None:
    kind, value = session.run("put", {"name": "t", "type": "tensor", "value": [[1, 2]]})
    assert kind == "ndarray"
    assert (value["$"], value["shape"]) == ("tensor", [1, 2])


def test_a_tensor_without_numpy(launch: Launch) -> None:
    session = SessionHost(launch("remembering:Remembering", python=[sys.executable, "-c", WITHOUT_NUMPY]))
    kind, value = session.run("put", {"name": "t", "type": "tensor", "value": [[1, 2]]})
    assert (kind, value["shape"]) == ("Tensor", [1, 2])


def test_arrays_are_taken_as_they_are(session: SessionHost) -> None:
    assert session.run("put_arrays") == [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], 15.0, "float32"]
    assert session.variables["scalar"]["type"] == "float"
    assert session.variables["inferred"]["type"] == "tensor"


def test_an_update_of_a_known_type_travels_as_bytes(session: SessionHost) -> None:
    session.put("rows", [[0.0]], "embedding")
    session.run("update_learned")
    updates = [frame["args"]["updates"]["rows"] for frame in session.asked if "updates" in frame["args"]]
    assert updates[0] == [[1.0, 2.0]]
    assert updates[1]["$"] == "tensor"


@pytest.mark.parametrize(
    ("what", "kind", "text"),
    [
        ("missing", "KeyError", "UnknownVariable: there is no variable missing"),
        ("update", "KeyError", "UnknownVariable: there is no variable missing"),
        ("choice", "ValueError", "c is none of its choices"),
        ("ragged", "ValueError", "'r': lists of unequal lengths"),
        ("text", "ValueError", "'r': not all of it is float64"),
    ],
)
def test_errors_are_of_their_own_types(session: SessionHost, what: str, kind: str, text: str) -> None:
    caught, message = session.run("caught", {"what": what})
    assert caught == kind
    assert text in message


def test_outside_of_a_session(session: SessionHost) -> None:
    for tool in ("everything", "everything_async", "programs"):
        error = session.error(tool, session=None)
        assert error["type"] == "NoSessionError"
        assert "outside of any" in error["message"]
    assert session.asked == []
    assert session.run("global_program", session=None) == 1


@pytest.mark.parametrize("style", BOTH)
def test_programs(session: SessionHost, style: str) -> None:
    expected = [{"n": 1}, {"n": 2}, ["p"], ["p"], True, False, []] if style == "" else [{"n": 1}, True, []]
    assert session.run(f"programs{style}") == expected


def test_an_unknown_program(session: SessionHost) -> None:
    session.tools["snakepit.programs.store"] = lambda _asked: None
    assert session.error("programs")["type"] == "UnknownProgramError"


def test_required_variables(session: SessionHost) -> None:
    session.put("x", 1)
    error = session.error("requires")
    assert (error["code"], error["type"]) == ("tool_error", "UnknownVariable")
    assert "requires the session variables 'x', 'y'" in error["message"]
    session.put("y", 2)
    session.asked.clear()
    assert session.run("requires") == [1, 2]
    assert session.asked[0]["args"] == {"names": ["x", "y"], "values": False}
    assert session.names() == ["variables.get"] * 3
    assert session.run("requires_async") == "ran"
    assert session.error("requires", session=None)["type"] == "NoSession"


@pytest.mark.parametrize("style", BOTH)
def test_bound_attributes_follow_their_variables(session: SessionHost, style: str) -> None:
    assert session.error(f"sync{style}")["type"] == "UnknownVariableError"
    session.put("limit", 3)
    session.put("heat", 0.5, "float")
    assert session.run(f"sync{style}") == [{"limit": 3, "model.temperature": 0.5}, 3, 0.5]
    assert session.run("unbind") == [True, False, {"model.temperature": "heat"}]


def test_the_methods_of_the_mixin_are_no_tools(session: SessionHost) -> None:
    names = {tool["name"] for tool in session.host.hello["tools"]}
    assert "sync" in names
    assert not names & {"bind_variable", "sync_variables", "unbind_variable", "bound_variables"}


def test_whether_a_variable_is_there_takes_no_value(session: SessionHost) -> None:
    session.put("x", 1)
    assert session.run("has") == [True, False, 1, True]
    asked = [frame["args"] for frame in session.asked]
    assert asked[:2] == [{"names": ["x"], "values": False}, {"names": ["missing"], "values": False}]
    assert asked[2:] == [{"names": ["x"]}]


def test_a_type_is_forgotten_when_it_may_have_changed(session: SessionHost) -> None:
    session.put("rows", [[0.0]], "embedding")
    session.tools["between"] = lambda _asked: session.put("rows", [], "list")
    session.run("update_around")
    updates = [frame["args"]["updates"]["rows"] for frame in session.asked if "updates" in frame["args"]]
    assert [type(update) for update in updates] == [dict, dict, list]
