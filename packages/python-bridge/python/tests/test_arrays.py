"""NumPy's arrays on their way out and in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from snakepit_bridge import Tensor
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower
from snakepit_bridge.tensor import ITEM_SIZES
from test_values import reason, sent

np = pytest.importorskip("numpy")


def there_and_back(array: Any) -> Any:
    parts: list[Binary] = []
    tagged = lower(array, TaggedForm(), parts, 128)
    assert tagged["$"] == "tensor"
    attachments = [bytearray(part) for part in parts]
    return TaggedValue({**tagged, "shape": list(tagged["shape"])}, attachments, 128, True).restore()


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


BASE = np.arange(24, dtype="float32").reshape(2, 3, 4)
LAYOUTS = {
    "plain": BASE,
    "Fortran order": np.asfortranarray(BASE),
    "transposed": BASE.T,
    "strided": BASE[:, ::2, 1::2],
    "negative strides": BASE[::-1, :, ::-1],
    "broadcast": np.broadcast_to(np.float32(3), (4, 5)),
    "big-endian": BASE.astype(">f4"),
    "big-endian and strided": BASE.astype(">f4")[::-1, ::2],
    "read-only": _read_only(BASE.copy()),
    "unaligned": np.frombuffer(b"x" + BASE.tobytes(), dtype="u1")[1:].view("<f4"),
    "no elements": np.zeros((0, 3), dtype="float32"),
    "no elements, strided": np.zeros((3, 4, 0), dtype="float32")[::2],
    "no dimension": np.array(2.5, dtype="float32"),
    "32 dimensions": np.ones((1,) * 31 + (2,), dtype="float32"),
}


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts(array: Any) -> None:
    """[VA-6] Whatever it was, it arrives as an array in row-major order that can be written to."""
    back = there_and_back(array)
    assert type(back) is np.ndarray
    assert (back.dtype, back.shape) == (np.dtype("float32"), array.shape)
    assert np.array_equal(back, np.asarray(array))
    assert back.flags.c_contiguous
    assert back.flags.writeable
    assert back.flags.aligned
    assert back.dtype.isnative


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix() -> None:
    """[VA-6] It has two dimensions whatever is done to it."""
    back = there_and_back(np.asmatrix(BASE[0])[:, ::-1])
    assert type(back) is np.ndarray
    assert np.array_equal(back, BASE[0][:, ::-1])


@pytest.mark.parametrize("dtype", ITEM_SIZES)
@pytest.mark.parametrize("order", ["<", ">"])
def test_types_of_elements(dtype: str, order: str) -> None:
    """[VA-6]"""
    size = ITEM_SIZES[dtype]
    data = b"\1\0" * size if dtype == "bool" else bytes(range(1, 2 * size + 1))
    array = np.frombuffer(data, dtype=dtype).astype(np.dtype(dtype).newbyteorder(order))
    back = there_and_back(array)
    assert back.dtype == np.dtype(dtype)
    assert back.tobytes() == np.frombuffer(data, dtype=dtype).tobytes()


class Sighted(np.ndarray):  # type: ignore[misc,name-defined]
    """An array with a mask, of a kind that hides nothing."""

    mask = None


def test_only_numpys_own_masks_hide_numbers() -> None:
    """[VA-6]"""
    back = there_and_back(BASE.view(Sighted))
    assert type(back) is np.ndarray
    assert np.array_equal(back, BASE)


def test_what_came_in_base64_can_be_written_to() -> None:
    """[VA-6] [JS-5]"""
    tagged = {"$": "tensor", "dtype": "uint8", "shape": [1], "base64": "AQ=="}
    assert TaggedValue(tagged, [], 128, True).restore().flags.writeable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.float16("nan"), {"$": "float", "value": "NaN"}),
        (np.uint64(2**64 - 1), {"$": "bigint", "value": str(2**64 - 1)}),
        (np.bool_(False), False),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), {"$": "bytes", "at": 0}),
        (np.datetime64("2026-01-31T12:00:00.123456789"), "2026-01-31T12:00:00.123456789"),
        (np.datetime64("2026-01-31"), "2026-01-31"),
        (np.datetime64("NaT", "s"), None),
        (np.timedelta64(1500, "ms"), 1.5),
        (np.timedelta64("NaT", "s"), None),
        (np.array(["a", "bc"]), ["a", "bc"]),
        (np.array([b"a", b"bc"]), [{"$": "bytes", "at": 0}, {"$": "bytes", "at": 1}]),
        (np.array([[1, "a"], [None, 2**60]], dtype=object), [[1, "a"], [None, sent(2**60)]]),
        (
            np.array([["2026-01-31", "NaT"]], dtype="datetime64[ns]"),
            [["2026-01-31T00:00:00.000000000", None]],
        ),
        (np.array([1, 2], dtype="timedelta64[ms]"), [0.001, 0.002]),
        (np.array("2026-01-31", dtype="datetime64[D]"), "2026-01-31"),
        (np.array([(1, "a")], dtype=[("n", "i4"), ("s", "U1")]), [{"n": 1, "s": "a"}]),
        (np.array((1, 2.5), dtype=[("n", "i4"), ("f", "f8")]), {"n": 1, "f": 2.5}),
        (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    ],
    ids=repr,
)
def test_what_is_no_tensor(value: Any, expected: Any) -> None:
    """[VA-2] [VA-3] [VA-4]"""
    assert sent(value) == expected
    assert type(sent(value)) is type(expected)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize <= 8, reason="a longdouble is a double here")
def test_numbers_that_nothing_else_has() -> None:
    """[VA-6] [VA-8]"""
    assert reason({"x": np.longdouble(1)}) == "result.x: a value of type numpy.longdouble cannot be sent"
    assert reason(np.ones((1, 1), dtype=np.longdouble)).startswith(
        "result[0][0]: a value of type numpy.longd"
    )
    months = np.timedelta64(1, "M")
    assert "numpy.timedelta64 failed to convert itself" in reason({"x": months})


def test_a_date_within_an_array_of_objects() -> None:
    """[VA-5]"""
    when = datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)
    assert sent(np.array([when], dtype=object)) == [sent(when)]


def test_an_array_that_contains_itself() -> None:
    """[VA-8]"""
    array = np.empty(1, dtype=object)
    array[0] = array
    assert "nests too deep" in reason(array) or "cannot" in reason(array)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("bool", [True, False]),
        ("bool", [[0, 1], [np.True_, False]]),
        ("int8", [[1, -2], [3, 4]]),
        ("uint64", 2**64 - 1),
        ("float16", [[[0.5]]]),
        ("float32", []),
        ("float64", [[], []]),
        ("complex64", [[1, 2j]]),
        ("complex128", 1j),
    ],
)
def test_tensors_of_lists(dtype: str, values: Any) -> None:
    """[VA-6] The same as NumPy makes of them."""
    tensor, array = Tensor.from_list(values, dtype), np.array(values, dtype=dtype)
    assert (tensor.shape, bytes(tensor.data)) == (array.shape, array.tobytes())
    assert tensor.tolist() == array.tolist()
    assert np.array_equal(tensor.to_numpy(), array)


@pytest.mark.parametrize(
    ("values", "dtype", "text"),
    [
        ([1, [2]], "int8", "not all of it is int8"),
        ([[1], [2, 3]], "int8", "unequal lengths in dimension 1"),
        ([300], "int8", "not all of it is int8"),
        ([0.5], "int8", "not all of it is int8"),
        ([1e39], "float32", "not all of it is float32"),
        (["a"], "float64", "not all of it is float64"),
        ([1.5], "bool", "not all of it is bool"),
        ([True, None], "bool", "not all of it is bool"),
        ([2], "bool", "not all of it is bool"),
        ([None], "complex64", "not all of it is complex64"),
        ([1], "int7", "unknown dtype 'int7'"),
    ],
)
def test_lists_that_are_no_tensor(values: Any, dtype: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Tensor.from_list(values, dtype)
