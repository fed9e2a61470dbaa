"""Bytes and tensors on their way out and in."""

from __future__ import annotations

from typing import Any

import pytest

from snakepit_bridge import Tensor
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower


def sent(value: Any) -> Any:
    """The JSON that stands for a value; binary data is left aside."""
    return lower(value, TaggedForm(), [], 128)


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
    import array

    parts: list[Binary] = []
    lower(memoryview(array.array("d", range(100_000))), TaggedForm(), parts, 128)
    assert len(parts[0]) == 800_000


def test_tensors_without_numpy() -> None:
    """[VA-6]"""
    parts: list[Binary] = []
    tagged = lower(Tensor("int16", (2,), b"\1\0\2\0"), TaggedForm(), parts, 128)
    assert tagged == {"$": "tensor", "dtype": "int16", "shape": (2,), "at": 0}
    assert [bytes(part) for part in parts] == [b"\1\0\2\0"]
    for bad in (("int16", (3,)), ("int15", (2,)), ("int16", (-2, -1))):
        with pytest.raises(ValueError, match=r"fill|unknown|negative"):
            Tensor(bad[0], bad[1], b"\1\0\2\0")


def test_arrays_of_numpy() -> None:
    """[VA-6]"""
    np = pytest.importorskip("numpy")
    for array in (
        np.arange(6, dtype=">f8").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype="float64").reshape(2, 3)),
        np.arange(12, dtype="float64")[::2].reshape(2, 3),
    ):
        parts: list[Binary] = []
        tagged = lower({"a": array}, TaggedForm(), parts, 128)["a"]
        assert tagged == {"$": "tensor", "dtype": "float64", "shape": (2, 3), "at": 0}
        assert bytes(parts[0]) == array.astype("<f8").tobytes()
        back = TaggedValue({**tagged, "shape": [2, 3]}, [bytearray(parts[0])], 128, True).restore()
        assert (back == array).all()
        assert back.dtype == np.dtype("float64")
    assert sent(np.float64(1.5)) == 1.5
    assert sent(np.int64(2**60)) == {"$": "bigint", "value": str(2**60)}
    assert sent(np.bool_(True)) is True
    assert sent(np.array(["a", "b"])) == ["a", "b"]
    assert sent(np.datetime64("2026-01-31T12:00:00")) == "2026-01-31T12:00:00"
    assert sent(np.complex128(1j))["dtype"] == "complex128"
    assert sent(np.zeros((3, 0)))["shape"] == (3, 0)
    assert sent(np.array(5.0))["shape"] == ()
