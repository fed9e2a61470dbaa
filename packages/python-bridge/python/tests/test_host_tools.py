"""Tools of the host as functions."""

from __future__ import annotations

import pytest

from client import Host
from conftest import Launch

TOOLS = [
    {"name": "a", "description": "A", "streaming": True, "parameters": [], "session": False},
    {"name": "b", "description": "", "streaming": False, "parameters": [], "session": True},
]


@pytest.fixture
def host(launch: Launch) -> Host:
    return launch("hosting:Hosting")


def answer_list(host: Host, times: int) -> None:
    for _ in range(times):
        host.answer(host.host_call("snakepit.tools.list"), TOOLS)


class TestProxies:
    @pytest.mark.parametrize(("tool", "wrap"), [("by_attribute", False), ("by_attribute_async", True)])
    def test_a_tool_is_called_like_a_function(self, host: Host, tool: str, wrap: bool) -> None:
        call = host.call(tool, {"id": 3}, session="s")
        asked = host.host_call("lookup")
        assert asked["args"] == {"id": 3}
        assert asked["session"] == "s"
        assert asked["parent"] == call
        assert "stream" not in asked
        host.answer(asked, "found")
        assert host.result(call) == ({"answer": "found"} if wrap else "found")

    def test_names_that_are_no_identifiers_and_arguments_of_any_name(self, host: Host) -> None:
        call = host.call("by_name")
        asked = host.host_call("a.b")
        assert asked["args"] == {"self": 1, "name": 2, "host": 3}
        host.answer(asked, None)
        assert host.result(call) is None

    def test_what_there_is_can_be_listed(self, host: Host) -> None:
        call = host.call("listed")
        answer_list(host, 4)
        assert host.result(call) == [["a", "b"], ["a", "b"], True, False]

    def test_also_in_a_coroutine_without_await(self, host: Host) -> None:
        call = host.call("listed_async")
        answer_list(host, 3)
        assert host.result(call) == [{tool["name"]: tool for tool in TOOLS}, True, ["a", "b"]]

    def test_private_names_are_no_tools(self, host: Host) -> None:
        assert host.run("no_tool") == [False, "<host tool 'lookup'>"]


class TestRefusals:
    def test_for_in_a_coroutine(self, host: Host) -> None:
        error = host.error(host.call("blocking_loop"))
        assert error["type"] == "RuntimeError"
        assert "async for" in error["message"]

    def test_an_argument_that_cannot_travel(self, host: Host) -> None:
        """[VA-8]"""
        error = host.error(host.call("unsendable"))
        assert error["type"] == "NotSerializableError"
        assert "args.rows[0].when" in error["message"]


@pytest.mark.parametrize("inner", ["ask", "ask_async", "ask_streaming"])
@pytest.mark.parametrize("middle", ["ask", "ask_async", "ask_streaming"])
@pytest.mark.parametrize("outer", ["ask", "ask_async", "ask_streaming"])
def test_callbacks_of_every_kind_within_each_other(
    launch: Launch, outer: str, middle: str, inner: str
) -> None:
    """[NE-2]"""
    host = launch("hosting:Nested")
    calls, asked = [host.call(outer, {"tool": "0"})], [host.host_call("0")]
    for level, tool in enumerate([middle, inner], 1):
        calls.append(host.call(tool, {"tool": str(level)}, parent=asked[-1]["id"]))
        asked.append(host.host_call(str(level)))
    for call, question, tool in zip(reversed(calls), reversed(asked), (inner, middle, outer)):
        host.answer(question, "x")
        assert host.result(call) == {"answer": ["x"] if tool == "ask_streaming" else "x"}
