"""What a call and a chunk cost a worker, counted instead of timed.

The counts are the same in every run, and on every Python but for a call or two a stream, so no bound has room
for one more function a call. When a test fails, something is done now that was not done before: find it, and
take it out. Raise a bound only for what is worth it, and say in the change what that is. Lower one whenever
less is done, to the next whole or half above what is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from client import SOURCES

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="without a journal, answers are written one by one"
)


class Work(NamedTuple):
    """Calls of Python and of C functions per call or chunk; writes and reads for all of them together."""

    python: float
    c: float
    writes: int
    reads: int = 1


#: A call by itself, one of 32 that come together, a chunk of a stream of a thousand tiny ones, and of one of
#: 640 that have 1 KiB: the first leaves at once, the others 64 KiB at a time.
BOUNDS: dict[str, dict[str, Work]] = {
    "json": {
        "lone": Work(37, 43, writes=1),
        "batch": Work(24, 30, writes=1),
        "stream": Work(7.5, 13.5, writes=2),
        "stream-1kb": Work(7.5, 13.5, writes=12),
    },
    "json-stdlib": {
        "lone": Work(39, 43, writes=1),
        "batch": Work(25, 31, writes=1),
        "stream": Work(8.5, 13.5, writes=2),
        "stream-1kb": Work(8.5, 13.5, writes=12),
    },
    "msgpack": {
        "lone": Work(38, 46, writes=1),
        "batch": Work(28.5, 37.5, writes=1),
        "stream": Work(8.5, 14.5, writes=2),
        "stream-1kb": Work(8.5, 15, writes=12),
    },
}
#: What the encoding is made of.
LIBRARIES = {"json": "orjson", "json-stdlib": "json", "msgpack": "msgpack"}


def measure(encoding: str, scenario: str) -> Work:
    name, _, codec = encoding.partition("-")
    output = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("counted_worker.py")), name, scenario],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "SNAKEPIT_JSON": codec},
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    return Work(**json.loads(output))


@pytest.mark.parametrize("scenario", ["lone", "batch", "stream", "stream-1kb"])
@pytest.mark.parametrize("encoding", BOUNDS)
def test_no_more_work_than_before(encoding: str, scenario: str) -> None:
    pytest.importorskip(LIBRARIES[encoding])
    measured, bound = measure(encoding, scenario), BOUNDS[encoding][scenario]
    beyond = [
        f"{name}: {now:g}, the bound is {most:g}"
        for name, now, most in zip(Work._fields, measured, bound)
        if now > most
    ]
    assert not beyond, f"{encoding}, {scenario}: {'; '.join(beyond)}"
