"""A real worker that shares memory with its host."""

from __future__ import annotations

import array
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from client import Frame
from fork_host import ForkHost
from shared_host import MIB, Memory, SharedHost

LaunchShared = Callable[..., SharedHost]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")


@pytest.fixture
def launch_shared() -> Iterator[LaunchShared]:
    """Starts workers that are offered shared memory."""
    started: list[SharedHost] = []

    def start(**options: Any) -> SharedHost:
        started.append(SharedHost("sharing:Sharing", **options))
        return started[-1]

    yield start
    for host in started:
        host.close()


@pytest.fixture
def host(launch_shared: LaunchShared) -> SharedHost:
    """Both sides have agreed."""
    host = launch_shared()
    host.agree()
    return host


def tagged(kind: str, at: int = 0, **fields: Any) -> Frame:
    return {"$": kind, "at": at, **fields}


def floats(count: int) -> bytes:
    return array.array("d", range(count)).tobytes()


def send_shared(host: SharedHost, tool: str, id: int, size: int, value: Any = None, **args: Any) -> int:
    """A call whose argument lies in a segment."""
    value = tagged("bytes") if value is None else value
    return host.call(tool, {"value": value, **args}, attach=[{"bytes": size, "segment": id}])


def warm(host: SharedHost, size: int) -> None:
    """The worker has a segment for an answer of so many bytes."""
    host.run("zeros", {"size": size})
    host.ping()


def entry(host: SharedHost, id: int) -> Any:
    """What the answer of a call says of its attachment, and that this is all zeros."""
    frame = host.next_of(id)
    assert set(frame["attachments"][0]) == {0}
    return frame["attach"][0]


def test_both_sides_prove_that_they_can_open_what_the_other_owns(host: SharedHost) -> None:
    """[SM-1] [SM-2]"""
    assert host.run("memory") == {"descriptors": 0, "mappings": 0}


def test_a_wrong_nonce_leaves_one_direction(launch_shared: LaunchShared) -> None:
    """[SM-2]"""
    host = launch_shared(greet={"nonce": "0" * 32})
    host.release(0)
    warm(host, 2 * MIB)
    assert entry(host, host.call("zeros", {"size": 2 * MIB})) == {"bytes": 2 * MIB, "segment": 1}
    host.drain()
    assert not [f for f in host.unread if f["type"] == "release"]


def test_without_an_answer_everything_stays_on_the_channel(launch_shared: LaunchShared) -> None:
    """[SM-1] [SM-8]"""
    host = launch_shared(welcome={"sharedMemory": None})
    assert host.run("memory") == {"descriptors": 0, "mappings": 0}
    for _ in range(2):
        assert entry(host, host.call("zeros", {"size": 2 * MIB})) == 2 * MIB
    host.release(0)
    assert host.wait() == 1
    assert "not agreed" in host.text


def test_nothing_is_offered_to_a_host_that_does_not_ask(launch_shared: LaunchShared) -> None:
    """[SM-1]"""
    host = launch_shared(env={"SNAKEPIT_SHARED_MEMORY": ""})
    assert "sharedMemory" not in host.hello


@pytest.mark.parametrize("field", [{"pid": 0}, {"fd": -1}, {"nonce": "short"}, {"pid": True}, {"fd": None}])
def test_a_malformed_probe_is_a_protocol_error(launch_shared: LaunchShared, field: Frame) -> None:
    host = launch_shared(greet=field)
    assert host.wait() == 1
    assert "malformed sharedMemory" in host.text


def test_what_is_no_file_in_memory_is_not_read(launch_shared: LaunchShared) -> None:
    host = launch_shared(greet={"fd": 0})
    host.ping()
    assert not host.unread


def test_bytes_come_and_go_through_segments(host: SharedHost) -> None:
    """[SM-5] [SM-6]"""
    data = bytes(range(256)) * (3 * MIB // 256)
    id, _memory = host.share(data)
    first = host.next_of(send_shared(host, "echo", id, len(data)))
    assert (first["attach"], first["attachments"]) == ([len(data)], [data])
    host.await_release(id)
    host.ping()
    second = host.next_of(send_shared(host, "echo", id, len(data)))
    assert (second["attach"], second["attachments"]) == ([{"bytes": len(data), "segment": 1}], [data])


def test_what_is_small_stays_on_the_channel(host: SharedHost) -> None:
    """[SM-5]"""
    host.run("blocks", {"sizes": [2 * MIB]})
    host.ping()
    frame = host.next_of(host.call("blocks", {"sizes": [1000, 2 * MIB, MIB - 1]}))
    assert frame["attach"] == [1000, {"bytes": 2 * MIB, "segment": 1}, MIB - 1]
    assert [(set(part), len(part)) for part in frame["attachments"]] == [
        ({1}, 1000),
        ({2}, 2 * MIB),
        ({3}, MIB - 1),
    ]


def test_a_tensor_stays_where_it_is_until_its_last_view_is_gone(host: SharedHost) -> None:
    """[SM-6]"""
    pytest.importorskip("numpy")
    data = floats(256 * 1024)
    id, memory = host.share(data)
    value = tagged("tensor", dtype="float64", shape=[1024, 256])
    assert host.result(send_shared(host, "keep", id, len(data), value, rows=1)) == "ndarray"
    host.run("keep", {"value": 1})
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "release"]
    memory.map[:8] = array.array("d", [-1.0]).tobytes()
    host.run("let_go")
    host.await_release(id)


def test_a_tensor_may_be_written_to(host: SharedHost) -> None:
    pytest.importorskip("numpy")
    data = floats(256 * 1024)
    id, memory = host.share(data)
    value = tagged("tensor", dtype="float64", shape=[256 * 1024])
    host.result(send_shared(host, "keep", id, len(data), value))
    host.run("write", {"at": 0, "number": 7})
    assert array.array("d", memory.map[:16]).tolist() == [7.0, 1.0]


def test_the_garbage_collector_may_release(host: SharedHost) -> None:
    """[SM-6]"""
    pytest.importorskip("numpy")
    data = floats(128 * 1024)
    id, _memory = host.share(data)
    value = tagged("tensor", dtype="float64", shape=[128 * 1024])
    host.result(send_shared(host, "keep_in_cycle", id, len(data), value))
    host.run("collect")
    host.await_release(id)


def test_of_too_many_tensors_some_are_copied(host: SharedHost) -> None:
    """Half of the segments may be held; more would leave none to send with."""
    pytest.importorskip("numpy")
    data = floats(128 * 1024)
    ids = [host.share(data)[0] for _ in range(5)]
    for id in ids:
        value = tagged("tensor", dtype="float64", shape=[128 * 1024])
        host.result(send_shared(host, "keep", id, len(data), value))
    host.await_release(ids[4])
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "release"]
    host.run("let_go")
    for id in ids[:4]:
        host.await_release(id)


def test_an_attachment_that_nobody_looks_at_is_released(host: SharedHost) -> None:
    """[SM-6]"""
    id, _memory = host.share(bytes(MIB))
    assert host.error(send_shared(host, "no_such_tool", id, MIB))["code"] == "unknown_tool"
    host.await_release(id)


def test_when_all_segments_are_in_use_the_channel_takes_over(host: SharedHost) -> None:
    """[SM-9]"""
    host.keeping = True
    for count in range(9):
        warm(host, MIB)
        assert len(host.opened) == min(count + 1, 8)
        host.run("zeros", {"size": MIB})
    assert len(host.kept) == 8
    assert entry(host, host.call("zeros", {"size": MIB})) == MIB
    host.release(host.kept.pop())
    assert entry(host, host.call("zeros", {"size": MIB}))["bytes"] == MIB


def test_segments_that_are_too_small_make_room(host: SharedHost) -> None:
    """[SM-7]"""
    host.keeping = True
    while len(host.kept) < 8:
        host.run("zeros", {"size": MIB})
        host.ping()
    idle = host.kept.pop()
    host.release(idle)
    warm(host, 20 * MIB)
    forgotten = host.next(lambda frame: frame["type"] == "forget")
    assert forgotten["segment"] == idle
    announced = [frame for frame in host.unread if frame["type"] == "segment"]
    assert announced[-1]["capacity"] == 32 * MIB
    assert entry(host, host.call("zeros", {"size": 20 * MIB}))["segment"] == announced[-1]["segment"]


def test_chunks_are_copied_before_their_tool_goes_on(host: SharedHost) -> None:
    """[SM-3]"""
    warm(host, 2 * MIB)
    chunks = host.chunks(host.stream("pieces", {"size": 2 * MIB, "count": 4}, credit=10_000))
    assert [set(chunk["attachments"][0]) for chunk in chunks[:-1]] == [{0}, {1}, {2}, {3}]
    assert any(isinstance(chunk["attach"][0], dict) for chunk in chunks[:-1])


def test_credit_counts_what_lies_in_segments(host: SharedHost) -> None:
    """[SM-5]"""
    warm(host, 2 * MIB)
    id = host.stream("pieces", {"size": 2 * MIB, "count": 2}, credit=1)
    host.next_of(id)
    host.ping()
    assert not [frame for frame in host.unread if frame.get("id") == id]
    host.credit(id, 512)
    host.ping()
    assert not [frame for frame in host.unread if frame.get("id") == id]
    host.credit(id, 1)
    assert host.next_of(id)["seq"] == 1


def test_a_segment_whose_frame_cannot_be_sent_is_free_again(host: SharedHost) -> None:
    warm(host, MIB)
    for _ in range(10):
        assert host.error(host.call("broken", {"size": MIB}))["code"] == "not_serializable"
    assert entry(host, host.call("zeros", {"size": MIB})) == {"bytes": MIB, "segment": 1}


def test_forget_unmaps(host: SharedHost) -> None:
    """[SM-7]"""
    id, _memory = host.share(bytes(MIB))
    assert host.run("memory")["mappings"] == 1
    host.send({"type": "forget", "segment": id})
    assert host.run("memory") == {"descriptors": 0, "mappings": 0}


def test_a_segment_that_cannot_be_opened_is_not_answered(host: SharedHost) -> None:
    """[SM-4] [SM-7]"""
    memory = Memory(MIB)
    host.announce(1, memory, fd=4000)
    host.announce(2, memory, capacity=2 * MIB)
    host.announce(3, memory, capacity=1024 * MIB)
    host.send({"type": "forget", "segment": 1})
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "release"]
    memory.close()


@pytest.mark.parametrize(
    "attach",
    [
        {"bytes": MIB + 1, "segment": 1},
        {"bytes": -1, "segment": 1},
        {"bytes": 1.0, "segment": 1},
        {"bytes": 1, "segment": 2},
        {"bytes": 1, "segment": 0},
        {"bytes": 1, "segment": None},
        {"bytes": 1, "segment": True},
        {"bytes": 1},
        {"segment": 1},
        {"bytes": 2 * 1024 * MIB, "segment": 1},
        "1",
    ],
)
def test_malformed_entries_are_protocol_errors(host: SharedHost, attach: Any) -> None:
    """[SM-8]"""
    host.share(bytes(MIB))
    host.call("echo", {"value": tagged("bytes")}, attach=[attach])
    assert host.wait() == 1
    assert "protocol error" in host.text


@pytest.mark.parametrize(
    "frames",
    [
        [{"type": "release", "segment": 0}],
        [{"type": "release", "segment": 1}],
        [{"type": "release"}],
        [{"type": "release", "segment": -1}],
        [{"type": "forget", "segment": 0}],
        [{"type": "segment", "segment": 0, "fd": 1, "capacity": 1}],
        [{"type": "segment", "segment": 2, "fd": -1, "capacity": 1}],
        [{"type": "segment", "segment": 1, "fd": 1, "capacity": 1}],
    ],
)
def test_frames_out_of_place_are_protocol_errors(host: SharedHost, frames: list[Frame]) -> None:
    """[SM-8]"""
    host.share(bytes(MIB))
    host.send(*frames)
    assert host.wait() == 1
    assert "protocol error" in host.text


def test_a_segment_in_use_cannot_be_used_or_forgotten(launch_shared: LaunchShared) -> None:
    """[SM-8]"""
    use = {"type": "call", "id": 1, "tool": "echo", "args": {"value": 1}}
    twice = {**use, "attach": [{"bytes": 1, "segment": 1}, {"bytes": 1, "segment": 1}]}
    hold = {**use, "tool": "keep", "args": {"value": tagged("tensor", dtype="uint8", shape=[MIB])}}
    held = {**hold, "attach": [{"bytes": MIB, "segment": 1}]}
    for frames in ([twice], [held, {**held, "id": 2}], [held, {"type": "forget", "segment": 1}]):
        host = launch_shared()
        host.agree()
        host.share(bytes(MIB))
        for frame in frames:
            host.send(frame)
        assert host.wait() == 1
        assert "segment 1" in host.text


def test_a_forked_child_has_nothing_of_it(host: SharedHost) -> None:
    """[SM-10]"""
    host.share(bytes(MIB))
    warm(host, MIB)
    warm(host, MIB)
    assert host.run("memory") == {"descriptors": 2, "mappings": 2}
    assert host.run("memory_of_child") == {"descriptors": 0, "mappings": 0}
    assert host.run("memory") == {"descriptors": 2, "mappings": 2}


def test_a_forked_worker_has_a_probe_of_its_own() -> None:
    """[SM-10]"""
    server = ForkHost()
    try:
        server.start()
        env = {"SNAKEPIT_OFFER": '["json"]', "SNAKEPIT_SHARED_MEMORY": "1"}
        workers = [server.fork(env=env) for _ in range(2)]
        probes = [worker.greet()["sharedMemory"] for worker in workers]
        assert [probe["pid"] for probe in probes] == [worker.pid for worker in workers]
        assert probes[0]["nonce"] != probes[1]["nonce"]
        assert [worker.call("echo", value=1) for worker in workers] == [1, 1]
    finally:
        server.close()


def test_the_probe_holds_its_nonce(launch_shared: LaunchShared) -> None:
    """[SM-1]"""
    host = launch_shared()
    probe = host.hello["sharedMemory"]
    assert probe["pid"] == host.process.pid
    assert Path(f"/proc/{probe['pid']}/fd/{probe['fd']}").read_text() == probe["nonce"]


def test_what_was_sent_outlives_the_worker(host: SharedHost) -> None:
    """[SM-10]"""
    host.keeping = True
    warm(host, MIB)
    host.run("zeros", {"size": MIB})
    assert host.drain() == 0
    assert host.opened[1][:MIB] == bytes(MIB)


def test_tools_in_threads_share_memory_too(launch_shared: LaunchShared) -> None:
    host = launch_shared(env={"SNAKEPIT_PROFILE": "thread", "SNAKEPIT_THREADS": "4"})
    host.agree()
    warm(host, MIB)
    calls = [host.call("zeros", {"size": MIB}) for _ in range(20)]
    frames = [host.next_of(id) for id in calls]
    assert all(frame["attachments"] == [bytes(MIB)] for frame in frames)
    assert any(isinstance(frame["attach"][0], dict) for frame in frames)
