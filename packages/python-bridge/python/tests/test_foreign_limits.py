"""What NumPy and the interpreter limit, and the protocol does not, travels over every encoding alike."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from snakepit_bridge import Tensor
from snakepit_bridge._wire.errors import ProtocolError, Unrepresentable
from snakepit_bridge._wire.frames import Binary
from snakepit_bridge._wire.literals import read_integer, write_integer
from snakepit_bridge._wire.tagged import TaggedForm, TaggedValue
from snakepit_bridge._wire.values import lower
from test_msgpack import sent as over_msgpack


def over_json(value: Any) -> Any:
    parts: list[Binary] = []
    tagged = lower(value, TaggedForm(), parts, 128)
    if "shape" in tagged:
        tagged["shape"] = list(tagged["shape"])
    return TaggedValue(tagged, [bytearray(part) for part in parts], 128, True).restore()


ENCODINGS = [pytest.param(over_json, id="json"), pytest.param(over_msgpack, id="msgpack")]


@contextlib.contextmanager
def limit_of_digits(limit: int) -> Iterator[None]:
    """Interpreters that are too old have no limit to set."""
    get = getattr(sys, "get_int_max_str_digits", lambda: 0)
    set_limit = getattr(sys, "set_int_max_str_digits", lambda limit: None)
    before = get()
    set_limit(limit)
    try:
        yield
    finally:
        set_limit(before)


@pytest.mark.parametrize("over", ENCODINGS)
@pytest.mark.parametrize(
    "shape",
    [(1,) * 65, (2**50, 2**50, 0), (2**63, 0)],
    ids=["65 dimensions", "two huge sides", "a side of 64 bits"],
)
def test_a_tensor_that_numpy_cannot_hold(over: Callable[[Any], Any], shape: tuple[int, ...]) -> None:
    """[VA-6]"""
    tensor = Tensor("int8", shape, b"" if 0 in shape else b"\7")
    assert over(tensor) == tensor


@pytest.mark.parametrize("over", ENCODINGS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "number",
    [10**999, 10**1000 - 1, 10**640 + 10**39, 10**4299, 10**4300 - 1],
    ids=["1000 digits", "1000 nines", "zeros within", "4300 digits", "4300 nines"],
)
def test_integers_beyond_the_interpreters_limit(over: Callable[[Any], Any], sign: int, number: int) -> None:
    """[VA-2]"""
    with limit_of_digits(640):
        assert over(sign * number) == sign * number


@pytest.mark.parametrize("limit", [640, 0])
@pytest.mark.parametrize("sign", [1, -1])
def test_how_many_digits_travel_is_no_setting(limit: int, sign: int) -> None:
    """[VA-2]"""
    with limit_of_digits(limit):
        with pytest.raises(Unrepresentable, match="an integer of more than 4300 digits"):
            write_integer(sign * 10**4300)
        with pytest.raises(ProtocolError, match="a bigint of more than 4300 digits"):
            read_integer("-" * (sign < 0) + "1" + "0" * 4300)
