"""Chunks that leave together."""

from __future__ import annotations

import random
from typing import Any

import pytest

from client import WELCOME, Host
from conftest import Launch


@pytest.fixture
def assorted(launch: Launch) -> Host:
    return launch("assorted:Assorted")


def lines(host: Host, stream: int) -> list[dict[str, Any]]:
    """The frames of a stream as they came."""
    frames: list[dict[str, Any]] = []
    while not (frames and frames[-1].get("final")):
        frames.append(host.read_frame())
        assert frames[-1]["id"] == stream
    return frames


def test_small_chunks_come_together_and_the_first_alone(assorted: Host) -> None:
    """[ST-6]"""
    frames = lines(assorted, assorted.stream("counted", {"n": 1000}, credit=2000))
    together = [frame for frame in frames if frame["type"] == "chunks"]
    assert together[0]["values"] == [0]
    assert [value for frame in together for value in frame["values"]] == list(range(1000))
    assert len(together) < 500
    assert frames[-1]["seq"] == 1000


def test_together_they_keep_to_the_limit_of_a_frame(launch: Launch) -> None:
    """[LI-1] [ST-6]"""
    host = launch("assorted:Assorted", welcome={"limits": {**WELCOME["limits"], "maxFrameBytes": 1024}})
    frames = lines(host, host.stream("counted", {"n": 1000}, credit=2000))
    assert max(frame["#size"] for frame in frames) <= 1024
    assert [value for frame in frames[:-1] for value in frame["values"]] == list(range(1000))


def test_each_chunk_is_as_it_was_when_it_was_yielded(assorted: Host) -> None:
    chunks = assorted.chunks(assorted.stream("changing", {"n": 50}))
    assert [chunk["value"] for chunk in chunks[:-1]] == [{"step": n} for n in range(50)]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_their_kinds_they_come_in_order(assorted: Host, seed: int) -> None:
    """[ST-1] [ST-6]"""
    kinds = ["number", "map", "big", "bytes", "large", "deep", "meta"]
    order = random.Random(seed).choices(kinds, k=200)
    chunks = assorted.chunks(assorted.stream("assorted", {"order": order}, credit=10_000))
    assert [chunk["seq"] for chunk in chunks] == list(range(201))
    for kind, chunk in zip(order, chunks):
        assert kind_of(chunk) == kind


def kind_of(chunk: dict[str, Any]) -> str:
    value = chunk["value"]
    if value == 7:
        return "meta" if chunk.get("meta") == {"of": "meta"} else "number"
    if isinstance(value, dict):
        return {"bigint": "big", "bytes": "bytes", None: "map"}[value.get("$")]
    return "large" if isinstance(value, str) else "deep"


def test_a_chunk_with_others_costs_one_unit(assorted: Host) -> None:
    """[CR-1] [ST-6]"""
    stream = assorted.stream("counted", {"n": 100}, credit=10)
    assert [assorted.next_of(stream)["value"] for _ in range(10)] == list(range(10))
    assorted.ping()
    assert not [frame for frame in assorted.unread if frame["type"] == "chunk"]
    assorted.cancel(stream)
    assert assorted.error(stream)["code"] == "cancelled"


def test_those_before_an_error_arrive(assorted: Host) -> None:
    """[ST-5]"""
    stream = assorted.stream("failing", {"n": 30})
    assert [assorted.next_of(stream)["value"] for _ in range(30)] == list(range(30))
    assert assorted.next_of(stream)["error"]["message"] == "enough"
