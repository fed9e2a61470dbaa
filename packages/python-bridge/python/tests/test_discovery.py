"""Which tools an adapter has, what they declare, and how they are called."""

from __future__ import annotations

import collections.abc
import datetime
import enum
import sys
import typing
from typing import Any, Literal, Optional, Union

import pytest
import styles

from client import Host
from conftest import Launch
from snakepit_bridge import BaseAdapter, SessionContext, tool
from snakepit_bridge._worker.toolbox import Toolbox
from snakepit_bridge.discovery import discover
from snakepit_bridge.hints import wire_type
from snakepit_bridge.signatures import BadArgument, Signature


class Color(enum.Enum):
    RED = 1


class Options(typing.TypedDict):
    name: str


UserId = typing.NewType("UserId", int)


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, "integer"),
        (float, "number"),
        (bool, "boolean"),
        (str, "string"),
        (bytes, "bytes"),
        (datetime.datetime, "date"),
        (None, "null"),
        (list, "array"),
        (dict, "object"),
        (tuple, "array"),
        (Any, "any"),
        (object, "any"),
        (Color, "any"),
        ("Unknown", "any"),
        (list[int], {"array": "integer"}),
        (typing.List[str], {"array": "string"}),  # noqa: UP006
        (set[Any], "array"),
        (tuple[int, str], "array"),
        (collections.abc.Sequence[float], "any"),
        (collections.abc.MutableSequence[float], {"array": "number"}),
        (typing.Mapping[str, typing.Sequence[str]], "object"),
        (dict[str, float], {"object": "number"}),
        (typing.Mapping[str, Any], "object"),
        (Optional[int], {"anyOf": ["integer", "null"]}),
        (Union[bytes, str], {"anyOf": ["bytes", "string"]}),
        (Union[int, Color], "any"),
        (Literal["a", 1, None], {"literal": ["a", 1, None]}),
        (Literal[b"x"], "any"),
        (UserId, "integer"),
        (collections.abc.Callable[[], int], "any"),
    ],
    ids=str,
)
def test_hints_as_declared_types(hint: Any, expected: Any) -> None:
    assert wire_type(hint) == expected


@pytest.mark.skipif(sys.version_info < (3, 10), reason="came with 3.10")
def test_hints_of_newer_pythons() -> None:
    assert wire_type(eval("int | None")) == {"anyOf": ["integer", "null"]}
    assert wire_type(Options) == "object"


class Sample(BaseAdapter):
    @tool(description="Adds", required_variables=["x"])
    def add(self, a: int, b: float = 2.5, *rest: int, note: Optional[str] = None) -> float:
        return a + b

    @tool
    def described(self, name: str = None, values: Any = (1, 2), color: Any = Color.RED) -> None:  # type: ignore[assignment]  # noqa: RUF013
        """The first line.

        Nothing else.
        """

    @tool()
    def stream(self, ctx: SessionContext, size: int, /, **extra: Any) -> Any:
        yield ctx, size, extra

    @staticmethod
    @tool
    def static(value: int) -> int:
        return value

    def helper(self) -> None:
        raise AssertionError


def declared(adapter: object) -> dict[str, Any]:
    return {spec["name"]: spec for spec in Toolbox(adapter).declare() or []}


def test_declarations() -> None:
    tools = declared(Sample())
    assert set(tools) == {"add", "described", "stream", "static"}
    assert tools["add"] == {
        "name": "add",
        "description": "Adds",
        "streaming": False,
        "extra": False,
        "parameters": [
            {"name": "a", "type": "integer", "required": True},
            {"name": "b", "type": "number", "required": False, "default": 2.5},
            {"name": "note", "type": {"anyOf": ["string", "null"]}, "required": False, "default": None},
        ],
    }
    assert tools["described"]["description"] == "The first line."
    assert tools["described"]["parameters"] == [
        {"name": "name", "type": {"anyOf": ["string", "null"]}, "required": False, "default": None},
        {"name": "values", "type": "any", "required": False},
        {"name": "color", "type": "any", "required": False},
    ]
    assert tools["stream"]["streaming"]
    assert tools["stream"]["extra"]
    assert [spec["name"] for spec in tools["stream"]["parameters"]] == ["size"]


def test_binding() -> None:
    class Scope:
        context = SessionContext("s", {}, None)  # type: ignore[arg-type]

    signature = Signature(Sample().stream)
    scope: Any = Scope()
    positional, keywords = signature.bind({"size": 3, "x": 1}, scope)
    assert (positional[1], keywords) == (3, {"x": 1})
    assert positional[0] is Scope.context
    for bad, key in (({}, "a"), ({"a": 1, "c": 2}, "c")):
        with pytest.raises(BadArgument) as caught:
            Signature(Sample().add).bind(dict(bad), scope)
        assert caught.value.key == key


def test_marked_methods_hide_the_others() -> None:
    assert "helper" not in declared(Sample())


def test_too_many_tools() -> None:
    """[LI-4]"""
    many = type("Many", (), {f"tool{number}": lambda self: None for number in range(1025)})
    with pytest.raises(ValueError, match="1025 tools"):
        Toolbox(many())


def test_a_plain_class(launch: Launch) -> None:
    host = launch("styles:Plain")
    assert [spec["name"] for spec in host.hello["tools"]] == ["double", "whose"]
    assert host.run("double", {"value": 4}) == 8
    assert host.run("whose", {"prefix": "p-"}, session="s") == "p-s"


def test_commands(launch: Launch) -> None:
    host = launch("styles:Commands")
    assert [(spec["name"], spec["extra"]) for spec in host.hello["tools"]] == [
        ("store", True),
        ("count", True),
    ]
    assert host.run("store", {"model": "m", "other": 1}, session="s") == {"models": {"s": "m"}}
    assert host.run("store", {}, session="t") == {"models": {"s": "m", "t": None}}
    assert [chunk["value"] for chunk in host.chunks(host.stream("count"))] == [
        {"index": 0},
        {"index": 1},
        None,
    ]


def test_commands_do_not_hide_other_methods() -> None:
    tools = declared(styles.Mixed())
    assert {name: spec["extra"] for name, spec in tools.items()} == {
        "order": True,
        "a": False,
        "execute_two": False,
    }


def test_what_is_marked_or_dispatched_hides_plain_methods() -> None:
    assert set(declared(styles.Marked())) == {"marked", "order"}
    assert discover(styles.DispatcherWithCommands()).tools[0].name == "order"
    assert len(discover(styles.DispatcherWithCommands()).tools) == 1


def test_an_adapter_that_dispatches_itself(launch: Launch) -> None:
    host = launch("styles:Dispatcher")
    assert host.hello["tools"] is None
    assert host.run("anything", {"a": 1}, session="s") == {
        "tool": "anything",
        "arguments": {"a": 1},
        "session": "s",
    }
    assert host.error(host.call("unknown"))["type"] == "LookupError"


def test_an_adapter_that_does_both(launch: Launch) -> None:
    host = launch("styles:DispatcherWithTools")
    assert [spec["name"] for spec in host.hello["tools"]] == ["declared"]
    assert host.run("declared") == "declared"
    assert host.run("else", {"a": 1}) == ["else", {"a": 1}]


def test_hooks_before_each_call(launch: Launch) -> None:
    host = launch("styles:Hooks")
    host.run("seen", session="a")
    assert host.run("seen")["contexts"] == ["a", None]
    assert discover(styles.Hooks()).tools[0].name == "seen"


def test_hints_that_cannot_be_resolved(launch: Launch) -> None:
    host = launch("styles:Unresolvable")
    (spec,) = host.hello["tools"]
    assert [(item["name"], item["type"]) for item in spec["parameters"]] == [
        ("value", "any"),
        ("count", "integer"),
    ]
    assert host.run("work", {"value": "v"}) == ["v", 1, True]


def test_arguments_arrive_as_what_they_were(host: Host) -> None:
    """[VA-1] [VA-2] [VA-3]"""
    for value, text in (
        (5, "builtins.int 5"),
        ({"$": "bigint", "value": str(2**70)}, f"builtins.int {2**70}"),
        (5.5, "builtins.float 5.5"),
        ({"$": "float", "value": "-0"}, "builtins.float -0.0"),
        ({"$": "map", "value": {"$": 1}}, "builtins.dict {'$': 1}"),
    ):
        assert host.run("typed", {"value": value}) == text
