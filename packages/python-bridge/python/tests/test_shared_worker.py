"""A real worker that shares memory with its host."""

from __future__ import annotations

import array
import sys
from pathlib import Path

import pytest

from client import Frame
from conftest import LaunchShared
from fork_host import ForkHost
from shared_host import MIB, Memory, SharedHost, entry, floats, send_shared, tagged, warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files in memory")


@pytest.fixture
def host(shared_host: SharedHost) -> SharedHost:
    return shared_host


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
    """Three quarters of the segments may be held; more would leave none to send with."""
    pytest.importorskip("numpy")
    data = floats(128 * 1024)
    ids = [host.share(data)[0] for _ in range(7)]
    for id in ids:
        value = tagged("tensor", dtype="float64", shape=[128 * 1024])
        host.result(send_shared(host, "keep", id, len(data), value))
    host.await_release(ids[6])
    host.ping()
    assert not [frame for frame in host.unread if frame["type"] == "release"]
    host.run("let_go")
    for id in ids[:6]:
        host.await_release(id)


def test_an_attachment_that_nobody_looks_at_is_released(host: SharedHost) -> None:
    """[SM-6]"""
    id, _memory = host.share(bytes(MIB))
    assert host.error(send_shared(host, "no_such_tool", id, MIB))["code"] == "unknown_tool"
    host.await_release(id)


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
