"""What is declared of tools that are annotated in every way is true, or ``any``."""

from __future__ import annotations

import sys
import typing
from typing import Any

import annotated
import numpy as np
import pytest

from conftest import Launch
from snakepit_bridge._worker.toolbox import Toolbox
from snakepit_bridge.hints import wire_type

NEW_UNIONS = sys.version_info >= (3, 10)


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return {spec["name"]: spec for spec in Toolbox(annotated.Annotated()).declare() or []}


def types_of(spec: Any) -> dict[str, Any]:
    return {parameter["name"]: parameter["type"] for parameter in spec["parameters"]}


@pytest.mark.parametrize(
    ("tool", "types"),
    [
        ("inherited", {"value": "any"}),
        ("overridden", {"value": "integer", "more": "integer"}),
        ("future", {"value": "integer", "limit": "number"}),
        ("type_checking", {"value": "any", "many": "any", "count": "integer"}),
        ("literal", {"mode": {"literal": ["a", 1, True, None]}, "flag": {"literal": [0, 1]}}),
        ("aliased", {"value": "integer"}),
        ("aliased_option", {}),
        ("annotated", {"value": "integer", "options": "object", "point": "any"}),
        ("rest", {"first": "integer", "only": "integer"}),
        ("positional", dict.fromkeys("abcd", "integer")),
        ("numbers", {"flag": "boolean", "whole": "integer", "real": "number", "vector": "any"}),
        ("array", {"matrix": "any", "scalar": "any"}),
        ("wrapped", {"value": "integer"}),
        ("hidden", {}),
        ("static", {"value": "integer"}),
        ("of_class", {"value": "integer"}),
        ("doubled", {"value": "integer", "more": "integer"}),
        ("named", {"user": "integer", "color": "any", "me": "any"}),
        (
            "optional",
            {
                "a": {"anyOf": ["integer", "null"]},
                "b": {"anyOf": ["integer", "null"]} if NEW_UNIONS else "any",
                "c": {"anyOf": ["integer", "string"]},
            },
        ),
    ],
)
def test_types(declared: dict[str, Any], tool: str, types: dict[str, Any]) -> None:
    assert types_of(declared[tool]) == types


def test_defaults(declared: dict[str, Any]) -> None:
    spec = declared["defaults"]
    assert types_of(spec) == {
        "a": {"anyOf": ["integer", "number"]},
        "b": "string",
        "c": "any",
        "d": "any",
        "e": "integer",
        "f": "string",
        "g": "number",
        "h": {"object": "integer"},
        "i": {"anyOf": [{"array": "integer"}, "null"]},
        "j": "any",
    }
    told = {item["name"]: item["default"] for item in spec["parameters"] if "default" in item}
    assert told == {"a": 1.5, "h": {}, "i": None}
    assert not any(item["required"] for item in spec["parameters"])


def test_what_else_is_declared(declared: dict[str, Any]) -> None:
    assert "broken" not in declared
    assert declared["overridden"]["description"] == "Overridden without a mark"
    assert [name for name, spec in declared.items() if spec["streaming"]] == ["wrapped"]
    assert {name for name, spec in declared.items() if spec["extra"]} == {"rest", "hidden"}
    assert types_of(declared["context"]) == {}


def test_hints_that_misbehave() -> None:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            raise RuntimeError

        def __hash__(cls) -> int:
            return hash(int)

    class Odd(metaclass=Meta):
        pass

    assert wire_type(Odd) == "any"
    assert wire_type(np.dtype("int64")) == "any"
    assert wire_type(typing.List) == "any"  # noqa: UP006
    assert wire_type(typing.TypeVar("T", bound=int)) == "any"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="came with 3.12")
def test_type_statements() -> None:
    names: dict[str, Any] = {}
    exec("type Id = int\ntype Tree = list[Tree]\ntype Pair[T] = list[T]", names)
    assert wire_type(names["Id"]) == "integer"
    assert wire_type(names["Pair"][int]) == "any"
    kind = wire_type(names["Tree"])
    while isinstance(kind, dict):
        kind = kind["array"]
    assert kind == "array"


def test_each_of_them_runs(launch: Launch) -> None:
    host = launch("annotated:Annotated")
    point = {"x": 1, "y": 2.5}
    cases: list[tuple[str, dict[str, Any], Any]] = [
        ("inherited", {"value": "v"}, "v"),
        ("overridden", {"value": 1}, 2),
        ("doubled", {"value": 1}, 3),
        ("future", {"value": 1}, [1, 1, "s"]),
        ("context", {}, [True, False]),
        ("aliased", {"value": 1}, [1, "s"]),
        ("aliased_option", {}, "s"),
        ("type_checking", {"value": "1.5", "many": [None], "count": True}, ["1.5", [None], True]),
        ("optional", {"a": None}, [None, None, 0]),
        ("literal", {"mode": True, "flag": 1}, [True, 1]),
        ("annotated", {"value": 1, "options": {}, "point": point}, [1, {}, point]),
        ("defaults", {}, [1.5, True, True, 3, {"$": "bigint", "value": str(2**70)}, True, {}, None, True]),
        ("rest", {"first": 1, "only": 2, "other": 3}, [1, [], 2, {"other": 3}]),
        ("positional", {"a": 1, "d": 5}, [1, 2, 3, 5]),
        ("named", {"user": 1, "color": "red"}, [1, "red", None]),
        (
            "numbers",
            {"flag": True, "whole": True, "real": 1, "vector": [1, 1.5]},
            ["bool", "bool", "int", "int", "float"],
        ),
        ("numbers", {"flag": True, "whole": 1, "real": 1, "vector": "a"}, ["bool", "int", "int", "str"]),
        ("hidden", {"value": 1}, 1),
        ("static", {"value": 1}, 1),
        ("of_class", {"value": 1}, ["Annotated", 1]),
    ]
    for tool, args, expected in cases:
        assert host.run(tool, args, session="s") == expected, tool
    assert [chunk["value"] for chunk in host.chunks(host.stream("wrapped", {"value": 1}))] == [1, None]
