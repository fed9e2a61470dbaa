"""Tools of the host as streams."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from client import Host
from conftest import Launch
from host_streams import cancelled, chunks, finish, grants, outcome, run_stream

ALL = ["all", "all_async", "all_in_thread", "all_in_foreign_loop", "handed_on"]


@pytest.fixture
def host(launch: Launch) -> Host:
    return launch("hosting:Hosting")


class TestStreams:
    @pytest.mark.parametrize("tool", [*ALL, "through", "through_async"])
    def test_items_arrive_in_order_from_everywhere(self, host: Host, tool: str) -> None:
        """[ST-2]"""
        call, asked = run_stream(host, tool)
        assert asked["stream"] is True
        chunks(host, asked, 1, {"$": "bigint", "value": "9007199254740993"}, None)
        finish(host, asked, 3)
        assert outcome(host, call, tool) == [1, {"$": "bigint", "value": "9007199254740993"}, None]

    @pytest.mark.parametrize("tool", ["all", "all_async"])
    def test_a_final_value_is_an_item_too(self, host: Host, tool: str) -> None:
        """[ST-2] [ST-3]"""
        for value, synthetic, items in [
            ("end", True, [1, "end"]),
            (None, False, [1, None]),
            (None, True, [1]),
        ]:
            call, asked = run_stream(host, tool)
            chunks(host, asked, 1)
            finish(host, asked, 1, value, synthetic)
            assert host.result(call) == items

    @pytest.mark.parametrize("tool", ["all", "all_async"])
    def test_a_plain_result_ends_a_stream(self, host: Host, tool: str) -> None:
        call, asked = run_stream(host, tool)
        host.answer(asked, [1])
        assert host.result(call) == [[1]]

    def test_a_unary_call_takes_a_final_chunk_for_its_result(self, host: Host) -> None:
        """[CA-1]"""
        call = host.call("by_attribute", {"id": 1})
        asked = host.host_call("lookup")
        chunks(host, asked, "passed over")
        finish(host, asked, 1, "taken")
        assert host.result(call) == "taken"

    def test_two_at_a_time(self, host: Host) -> None:
        call = host.call("both")
        left = host.host_call("left")
        chunks(host, left, 1, 2)
        right = host.host_call("right")
        chunks(host, right, "a", "b")
        finish(host, left, 2)
        assert host.result(call) == [[1, "a"], [2, "b"]]
        cancelled(host, right)

    def test_two_at_a_time_in_tasks(self, host: Host) -> None:
        call = host.call("both_async")
        left, right = host.host_call("left"), host.host_call("right")
        chunks(host, right, "a")
        chunks(host, left, 1)
        finish(host, right, 1)
        finish(host, left, 1)
        assert host.result(call) == [[1], ["a"]]

    def test_an_error_ends_it_after_the_items_before(self, host: Host) -> None:
        """[ST-5]"""
        call, asked = run_stream(host, "caught")
        chunks(host, asked, 1, 2)
        host.send(
            {"type": "error", "id": asked["id"], "error": {"code": "tool_error", "type": "E", "message": ""}}
        )
        assert host.result(call) == [[1, 2], "tool_error", []]

    def test_a_gap_is_a_protocol_error(self, host: Host) -> None:
        """[ST-1]"""
        _, asked = run_stream(host, "all")
        chunks(host, asked, 1)
        chunks(host, asked, 3, start=2)
        host.expect_end()
        host.wait()
        assert "chunk 2" in host.text

    def test_a_chunk_that_means_nothing_is_handed_on_as_it_came(self, host: Host) -> None:
        """[JS-6]"""
        call, asked = run_stream(host, "all")
        strange = {"list": [{"$": "date", "value": "2026-01-31T12:00:00Z"}, {"$": "mystery"}]}
        deep: Any = []
        for _ in range(400):
            deep = [deep]
        chunks(host, asked, strange, deep, 3)
        finish(host, asked, 3, {"$": "mystery"})
        *raw, plain, last = host.result(call)
        texts = [json.loads(base64.b64decode(item["raw_data_base64"])) for item in (*raw, last)]
        assert texts == [strange, deep, {"$": "mystery"}]
        assert plain == 3

    @pytest.mark.parametrize("tool", ["all", "all_async"])
    def test_nested_calls_are_served_while_it_waits(self, host: Host, tool: str) -> None:
        """[NE-2]"""
        call, asked = run_stream(host, tool)
        assert host.run("echo", {"value": 1}, parent=asked["id"]) == 1
        chunks(host, asked, "x")
        assert host.run("async_echo", {"value": 2}, parent=asked["id"]) == 2
        finish(host, asked, 1)
        assert host.result(call) == ["x"]

    def test_nested_calls_are_served_where_the_stream_went(self, host: Host) -> None:
        """[NE-2]"""
        call, asked = run_stream(host, "in_two_threads")
        nested = host.call("echo", {"value": 1}, parent=asked["id"])
        chunks(host, asked, "x")
        assert host.result(nested) == 1
        assert host.run("echo", {"value": 2}, parent=asked["id"]) == 2
        finish(host, asked, 1, "y")
        assert host.result(call) == ["x", "y"]

    def test_another_call_may_be_made_in_between(self, host: Host) -> None:
        call, asked = run_stream(host, "pause")
        chunks(host, asked, 1, 2)
        gate = host.host_call("gate")
        assert host.run("echo", {"value": 3}, parent=asked["id"]) == 3
        host.answer(gate, "open")
        finish(host, asked, 2)
        assert host.result(call) == [1, "open", 2]


class TestCredit:
    def test_credit_is_granted_by_halves_as_items_are_consumed(self, host: Host) -> None:
        """[CR-3]"""
        for count, expected in [(511, []), (512, [512]), (1023, [512]), (1024, [512, 512])]:
            call = host.call("take", {"count": count})
            asked = host.host_call("rows")
            chunks(host, asked, *range(1024))
            gate = host.host_call("gate")
            assert grants(host, asked) == expected
            host.answer(gate, None)
            finish(host, asked, 1024)
            assert host.result(call) == list(range(1024))

    def test_a_large_chunk_costs_more(self, host: Host) -> None:
        """[CR-1] [CR-3]"""
        call = host.call("take", {"count": 1})
        asked = host.host_call("rows")
        head = f'{{"type":"chunk","id":{asked["id"]},"seq":0,"value":"'
        line = head.ljust(512 * 4096 - 1, "x") + '"}'
        assert len(line) == 512 * 4096 + 1
        host.send_bytes(line.encode() + b"\n")
        gate = host.host_call("gate")
        assert grants(host, asked) == [513]
        host.answer(gate, None)
        finish(host, asked, 1)
        assert len(host.result(call)) == 1

    def test_attachments_cost_too(self, host: Host) -> None:
        """[CR-1]"""
        call = host.call("take", {"count": 1})
        asked = host.host_call("rows")
        size = 640 * 4096
        value = {"$": "bytes", "at": 0}
        frame = {"type": "chunk", "id": asked["id"], "seq": 0, "value": value, "attach": [size]}
        host.send(frame, tail=bytes(size))
        gate = host.host_call("gate")
        assert grants(host, asked) == [641]
        host.cancel(call)
        host.answer(gate, None)
        assert host.error(call)["code"] == "cancelled"


class TestLeaving:
    @pytest.mark.parametrize(
        ("tool", "result"), [("leave", 1), ("close", [1, []]), ("close_async", [1, []]), ("keep_open", 1)]
    )
    def test_a_stream_that_is_left_is_cancelled(self, host: Host, tool: str, result: Any) -> None:
        """[NE-4]"""
        call, asked = run_stream(host, tool)
        chunks(host, asked, 1, 2)
        cancelled(host, asked)
        assert host.result(call) == result
        chunks(host, asked, 3, start=2)
        assert host.run("echo", {"value": 1}) == 1

    @pytest.mark.parametrize("tool", ["leave_async", "collected"])
    def test_while_its_tool_goes_on(self, host: Host, tool: str) -> None:
        call, asked = run_stream(host, tool)
        chunks(host, asked, 1)
        cancelled(host, asked)
        host.answer(host.host_call("gate"), 1)
        assert host.result(call) == 1

    def test_a_stream_that_nobody_began_is_never_called(self, host: Host) -> None:
        assert host.run("never") is None
        assert [frame for frame in host.unread if frame["type"] == "call"] == []

    def test_calls_nested_in_a_closed_stream_are_refused(self, host: Host) -> None:
        """[NE-4]"""
        call, asked = run_stream(host, "close")
        chunks(host, asked, 1)
        cancelled(host, asked)
        nested = host.call("echo", {"value": 1}, parent=asked["id"])
        assert host.error(nested)["code"] == "not_started"
        assert host.result(call) == [1, []]

    @pytest.mark.parametrize(
        "tool", [*ALL[:2], "all_in_thread", "all_in_foreign_loop", "through", "through_async"]
    )
    def test_cancel_reaches_whoever_waits_for_an_item(self, host: Host, tool: str) -> None:
        """[CN-2] [NE-4]"""
        call, asked = run_stream(host, tool)
        chunks(host, asked, 1)
        if tool.startswith("through"):
            host.next_of(call)
        host.cancel(call)
        cancelled(host, asked)
        if tool != "all_in_thread":
            assert host.error(call)["code"] == "cancelled"
        assert host.run("echo", {"value": 1}) == 1

    def test_a_stream_does_not_outlive_its_call(self, host: Host) -> None:
        call, asked = run_stream(host, "keep_open")
        chunks(host, asked, 1)
        assert host.result(call) == 1
        assert host.run("use_kept").startswith("CallCancelled")
