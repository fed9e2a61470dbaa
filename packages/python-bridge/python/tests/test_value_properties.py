"""Whatever a value is, it arrives as what it was."""

from __future__ import annotations

import datetime
import json
import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from snakepit_bridge import Tensor
from snakepit_bridge._wire.frames import Deferred
from snakepit_bridge._wire.json_frames import JsonFrames, JsonInlet
from snakepit_bridge._wire.limits import Limits
from snakepit_bridge._wire.source import Source
from snakepit_bridge.tensor import ITEM_SIZES
from test_vectors import same

JSON = JsonFrames(Limits())

ZONES = st.timedeltas(
    min_value=datetime.timedelta(hours=-23, minutes=-59), max_value=datetime.timedelta(hours=23, minutes=59)
).map(datetime.timezone)
TENSORS = st.tuples(st.sampled_from(sorted(ITEM_SIZES)), st.lists(st.integers(0, 3), max_size=3)).flatmap(
    lambda layout: st.binary(min_size=_size(*layout), max_size=_size(*layout)).map(
        lambda data: Tensor(layout[0], layout[1], _bools(data) if layout[0] == "bool" else data)
    )
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(),
    st.binary(),
    st.datetimes(timezones=ZONES),
    TENSORS,
)
KEYS = st.one_of(st.text(), st.sampled_from(["$", "__proto__", "constructor", "", "value", "at"]))
LONG = st.one_of(
    st.lists(st.floats(), min_size=1, max_size=8),
    st.lists(st.integers(-(2**32), 2**32), min_size=1, max_size=8),
).map(lambda items: items * (1281 // len(items) + 1))
VALUES = st.recursive(
    st.one_of(SCALARS, LONG),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=12,
)


def _size(dtype: str, shape: list[int]) -> int:
    size = ITEM_SIZES[dtype]
    for side in shape:
        size *= side
    return size


def _bools(data: bytes) -> bytes:
    return bytes(byte & 1 for byte in data)


def there_and_back(value: Any) -> Any:
    frame = JSON.encode({"type": "result", "id": 1, "value": value}, "value", "result")
    with tempfile.TemporaryFile() as file:
        file.write(frame if isinstance(frame, bytes) else b"".join(frame))
        file.seek(0)
        arrived = JsonInlet(Source(file.fileno()), Limits()).read()["value"]
    return arrived.restore() if isinstance(arrived, Deferred) else arrived


@settings(deadline=None)
@given(VALUES)
def test_values_arrive_as_what_they_were(value: Any) -> None:
    """[VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] [JS-1] [JS-2] [JS-3] [JS-4] [JS-7]"""
    assert same(there_and_back(value), value)


@settings(deadline=None)
@given(VALUES)
def test_the_line_is_json_that_anybody_can_read(value: Any) -> None:
    """[JS-1] [VA-3] No NaN, no line break, and as many attachments as it says."""
    frame = JSON.encode({"type": "result", "id": 1, "value": value}, "value", "result")
    line, *attachments = [frame] if isinstance(frame, bytes) else frame
    text = bytes(line).decode()
    assert text.count("\n") == 1

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    fields = json.loads(text, parse_constant=refuse)
    assert fields.get("attach", []) == [len(part) for part in attachments]
