"""A tool streams as well when it returns an iterator instead of being one."""

from __future__ import annotations

import pytest

from client import Host
from conftest import Launch

TOOLS = ["from_sync", "async_from_sync", "from_async", "async_from_async"]


@pytest.fixture
def host(launch: Launch) -> Host:
    return launch("returned:Returned")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_returned_iterator_is_the_stream(host: Host, tool: str) -> None:
    """[ST-1] [ST-2]"""
    chunks = host.chunks(host.stream(tool, {"n": 3}))
    assert [chunk["value"] for chunk in chunks] == [0, 1, 2, None]
    assert chunks[-1]["meta"]["synthetic_final"] == "true"
    assert host.run("recall") == ["closed"]


@pytest.mark.parametrize("tool", TOOLS)
def test_it_must_be_called_as_a_stream(host: Host, tool: str) -> None:
    """[CA-5]"""
    error = host.error(host.call(tool, {"n": 3}))
    assert error["code"] == "invalid_parameter"
    assert f"{tool} streams its result" in error["message"]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("credit", [1, 1_000_000], ids=["suspended", "running"])
def test_a_cancel_closes_it(host: Host, tool: str, credit: int) -> None:
    """[CN-2]"""
    stream = host.stream(tool, {"n": 1_000_000_000}, credit=credit)
    host.next_of(stream)
    host.cancel(stream)
    assert host.error(stream)["code"] == "cancelled"
    assert host.run("recall") == ["closed"]
