"""Bytes and tensors on their way out and in."""

from __future__ import annotations

import array
from typing import Any

import pytest

from snakepit_bridge import Tensor
from snakepit_bridge._wire import restoring
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower


@pytest.mark.parametrize("value", [b"ab", bytearray(b"ab"), memoryview(b"ab"), memoryview(b"xaxb")[1::2]])
def test_bytes(value: Any) -> None:
    """[VA-4]"""
    parts: list[Binary] = []
    assert lower([value, value], TaggedForm(), parts, 128) == [
        {"$": "bytes", "at": 0},
        {"$": "bytes", "at": 1},
    ]
    assert [bytes(part) for part in parts] == [b"ab", b"ab"]


def test_a_memoryview_of_numbers_is_its_bytes() -> None:
    """[VA-4] Sizes are counted in bytes, not in elements."""
    parts: list[Binary] = []
    lower(memoryview(array.array("d", range(100_000))), TaggedForm(), parts, 128)
    assert len(parts[0]) == 800_000


def test_tensors_without_numpy() -> None:
    """[VA-6]"""
    parts: list[Binary] = []
    tagged = lower(Tensor("int16", (2,), b"\1\0\2\0"), TaggedForm(), parts, 128)
    assert tagged == {"$": "tensor", "dtype": "int16", "shape": (2,), "at": 0}
    assert [bytes(part) for part in parts] == [b"\1\0\2\0"]
    bad: list[tuple[str, Any]] = [
        ("int16", (3,)),
        ("int15", (2,)),
        ("int16", (-2, -1)),
        ("int16", (2.0,)),
        ("int16", ("2",)),
        ("int16", 2),
    ]
    for dtype, shape in bad:
        with pytest.raises(ValueError, match=r"fill|unknown|negative|integers"):
            Tensor(dtype, shape, b"\1\0\2\0")


@pytest.mark.parametrize(
    "data",
    [
        memoryview(array.array("h", [1, 2])),
        memoryview(array.array("h", [1, 0, 2, 0]))[::2],
        memoryview(b"\1\0\2\0").cast("B", (2, 2)),
    ],
)
def test_the_data_of_a_tensor_is_counted_in_bytes(data: Any) -> None:
    """[VA-6]"""
    tensor = Tensor("int16", (2,), data)
    assert (tensor.tolist(), repr(tensor)) == ([1, 2], "Tensor('int16', (2,), 4 bytes)")
    parts: list[Binary] = []
    lower(tensor, TaggedForm(), parts, 128)
    assert [bytes(part) for part in parts] == [b"\1\0\2\0"]
    with pytest.raises(ValueError, match="4 bytes do not fill"):
        Tensor("int8", (2,), data)


def test_sides_are_plain_integers() -> None:
    """[VA-6]"""

    class Side(int):
        pass

    sides = Tensor("int8", (Side(1), True), b"\1").shape
    assert [type(side) for side in sides] == [int, int]


def test_a_worker_without_numpy_gets_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    """[VA-6]"""
    monkeypatch.setattr(restoring, "_has_numpy", lambda: False)
    tagged = {"$": "tensor", "dtype": "float32", "shape": [2, 1], "at": 0}
    arrived = TaggedValue([tagged], [bytearray(b"\0\0\0?\0\0\200?")], 128, True).restore()
    assert arrived == [Tensor.from_list([[0.5], [1]], "float32")]
    assert arrived[0].tolist() == [[0.5], [1.0]]
    arrived[0].data[3] = 0xBF
    assert arrived[0].tolist() == [[-0.5], [1.0]]
