"""Session variables in coroutines: what blocks blocks nobody else, and a cancel strikes in its place."""

from __future__ import annotations

import pytest

from conftest import Launch
from session_host import SessionHost


@pytest.fixture
def session(launch: Launch) -> SessionHost:
    session = SessionHost(launch("awaiting:Awaiting"))
    session.put("x", 0)
    session.tools["snakepit.tools.list"] = lambda _asked: []
    return session


@pytest.mark.parametrize("how", ["read", "write", "update", "list"])
def test_a_nested_call_is_left_to_the_loop_while_a_coroutine_blocks(session: SessionHost, how: str) -> None:
    """[NE-2]"""
    host = session.host
    call = host.call("block_beside_callback", {"how": how}, session="s")
    callback = host.host_call("between")
    blocking = host.host_call()
    nested = host.call("wait_to_go_on", parent=callback["id"])
    host.ping()
    session.answer(blocking)
    assert host.result(nested) == "went on"
    host.answer(callback, "done")
    assert host.result(call) == "done"


def test_a_nested_call_is_left_to_the_loop_while_ordinary_code_blocks_it(session: SessionHost) -> None:
    host = session.host
    call = host.call("wait_for_both", session="s")
    callback = host.host_call("between")
    reading = host.call("read_nested", parent=callback["id"], session="s")
    blocking = host.host_call()
    waiting = host.call("wait_to_go_on", parent=callback["id"])
    host.ping()
    session.answer(blocking)
    assert host.result(reading) == 0
    assert host.result(waiting) == "went on"
    host.answer(callback, "done")
    assert host.result(call) == "done"


@pytest.mark.parametrize("how", ["items", "updates", "batches", "tasks"])
def test_a_cancel_lets_a_write_finish_and_strikes_the_tool_itself(session: SessionHost, how: str) -> None:
    host = session.host
    call = host.call("write_until_cancelled", {"how": how}, session="s")
    blocking = host.host_call()
    host.cancel(call)
    host.ping()
    session.answer(blocking)
    assert session.value("x") == 1
    assert session.finish(call)["error"]["code"] == "cancelled"
    assert session.run("what_was_caught") == "CancelledError"


def test_awaitables_can_be_tasks(session: SessionHost) -> None:
    assert session.run("as_tasks") == [0, 0, 5, "unknown", 6]
