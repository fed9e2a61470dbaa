"""Several updates of variables that are one."""

from __future__ import annotations

import pytest

from conftest import Launch
from session_host import SessionHost


@pytest.fixture
def session(launch: Launch) -> SessionHost:
    session = SessionHost(launch("batching:Batching"))
    for name in ("x", "y", "z"):
        session.put(name, 0)
    return session


def test_a_batch_is_one_update(session: SessionHost) -> None:
    for name in ("x", "y", "z"):
        session.put(name, 0)
    assert session.run("batch") == [11, 20, 11, 0]
    updates = [frame["args"] for frame in session.asked if frame["tool"].endswith("update")]
    assert updates == [{"updates": {"x": 11, "y": 20}}]


def test_nothing_of_a_batch_is_sent_when_its_body_raises(session: SessionHost) -> None:
    session.put("x", 0)
    session.put("z", 0)
    assert session.run("batch", {"fail": True}) == "nothing"
    assert session.names() == ["variables.get"]


def test_a_batch_in_a_coroutine(session: SessionHost) -> None:
    session.put("x", 0)
    session.put("y", 0)
    assert session.run("batch_async") == [10, 20]
    assert session.names() == ["variables.update", "variables.get", "variables.get"]


def test_a_nested_call_takes_no_part_in_the_batch_around_it(session: SessionHost) -> None:
    session.put("x", 0)

    def between(asked: dict[str, object]) -> None:
        session.run("write", {"value": 5}, parent=asked["id"])
        assert session.value("x") == 5

    session.tools["between"] = between
    session.run("batch_around")
    assert session.value("x") == 1


def test_outside_of_a_session(session: SessionHost) -> None:
    assert session.error("batch", session=None)["type"] == "NoSessionError"
    assert session.asked == []


def test_what_outlives_a_batch_writes_at_once(session: SessionHost) -> None:
    assert session.run("outlive", {"around": False}) == [7, 8]
    assert session.names().count("variables.update") == 2


def test_what_outlives_a_batch_adds_to_the_one_around_it(session: SessionHost) -> None:
    assert session.run("outlive", {"around": True}) == [7, 8]
    assert session.names().count("variables.update") == 1


def test_a_batch_that_has_ended_takes_nothing(session: SessionHost) -> None:
    assert "has ended" in session.error("use_ended")["message"]


def test_a_generator_ends_its_batch_inside_of_a_later_one(session: SessionHost) -> None:
    assert session.run("beside_generator") == [1, 3]
    assert (session.names().count("variables.update"), session.value("y")) == (3, 3)


def test_a_generator_that_is_left_ends_its_batch_elsewhere(session: SessionHost) -> None:
    assert session.run("leave_generator") == [0, 2]
    log = session.host.next(lambda frame: frame["type"] == "log")
    assert log["message"] == "a generator was left inside of a batch: updates of 'x' are dropped"


def test_what_is_registered_anew_counts_more_than_what_waits(session: SessionHost) -> None:
    assert session.run("replace") == 5
    assert session.run("replace_in_vain") == 1


def test_what_is_deleted_is_not_updated(session: SessionHost) -> None:
    assert session.run("remove") == [False, 2]
