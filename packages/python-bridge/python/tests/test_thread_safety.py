"""Adapters whose tools run in several threads at once, and the checker that watches them."""

from __future__ import annotations

import gc
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest

from snakepit_bridge.adapters.threaded_showcase import ThreadedShowcaseAdapter
from snakepit_bridge.base_adapter_threaded import (
    ThreadSafeAdapter,
    ThreadSafetyError,
    require_thread_safe,
    thread_safe_method,
    tool,
)
from snakepit_bridge.discovery import discover
from snakepit_bridge.thread_safety_checker import ThreadSafetyChecker

PATIENCE = 30.0


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Runs the same at once in several threads; what one raises is raised here."""
    barrier = threading.Barrier(count, timeout=PATIENCE)

    def run() -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run) for _ in range(count)]]


class Slots(ThreadSafeAdapter):
    """Does not call ``super().__init__()``."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0

    @tool
    @thread_safe_method
    def enter(self) -> None:
        with self.acquire_lock("slots"), self.acquire_lock("slots"):
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.inside -= 1

    @thread_safe_method
    def fail(self) -> None:
        raise ValueError


def test_a_lock_lets_one_thread_in_and_that_one_again() -> None:
    adapter = Slots()
    in_threads(8, lambda: [adapter.enter() for _ in range(200)])
    assert adapter.most == 1
    entered = threading.Event()

    def enter() -> None:
        adapter.enter()
        entered.set()

    with adapter.acquire_lock("slots"):
        other = threading.Thread(target=enter)
        other.start()
        with adapter.acquire_lock("another"):
            assert not entered.is_set()
    other.join(PATIENCE)
    assert entered.is_set()


def test_locks_of_names_that_are_not_in_use_are_forgotten() -> None:
    adapter = Slots()
    for number in range(1_000):
        with adapter.acquire_lock(f"user-{number}"):
            pass
    gc.collect()
    assert len(adapter._locks) <= 1


def test_what_a_thread_keeps_no_other_one_sees() -> None:
    adapter = Slots()
    adapter.set_thread_local("model", "mine")
    adapter.set_thread_local("cache", {})
    assert in_threads(2, lambda: adapter.get_thread_local("model", "none")) == ["none", "none"]
    adapter.clear_thread_local("cache")
    assert (adapter.get_thread_local("model"), adapter.get_thread_local("cache")) == ("mine", None)
    adapter.clear_thread_local()
    assert adapter.get_thread_local("model") is None


def test_statistics() -> None:
    adapter = Slots()
    in_threads(3, adapter.enter)
    with pytest.raises(ValueError):
        adapter.fail()
    assert adapter.get_stats() == {
        "thread_safe": True,
        "total_calls": 4,
        "active_calls": 0,
        "calls": {"enter": 3, "fail": 1},
        "threads": 4,
    }


def test_nothing_of_the_base_class_is_a_tool() -> None:
    class Unmarked(ThreadSafeAdapter):
        def work(self) -> None: ...

    assert [tool.name for tool in discover(Slots()).tools] == ["enter"]
    assert [tool.name for tool in discover(Unmarked()).tools] == ["work"]


def test_what_must_be_thread_safe_says_so() -> None:
    class Careless:
        @require_thread_safe
        def work(self) -> str:
            return "done"

    class Careful(Careless):
        __thread_safe__ = True

    assert Careful().work() == "done"
    with pytest.raises(ThreadSafetyError, match="Careless does not say"):
        Careless().work()
    assert require_thread_safe(Careful) is Careful
    with pytest.raises(ThreadSafetyError, match="Careless does not say"):
        require_thread_safe(Careless)


class Watched:
    """Two threads meet inside of ``use``, unless a lock keeps them apart."""

    def __init__(self, checker: ThreadSafetyChecker) -> None:
        self.checker = checker
        self.lock = threading.Lock()
        self.first_is_in = threading.Event()
        self.second_has_tried = threading.Event()

    def stay(self) -> None:
        with self.checker.check_method_access("use"):
            self.first_is_in.set()
            self.second_has_tried.wait(PATIENCE)

    def visit(self) -> None:
        self.first_is_in.wait(PATIENCE)
        try:
            with self.checker.check_method_access("use"):
                pass
        finally:
            self.second_has_tried.set()

    def meet(self) -> None:
        first = threading.Thread(target=self.stay)
        first.start()
        try:
            self.visit()
        finally:
            first.join(PATIENCE)

    def use_often(self) -> None:
        for _ in range(100):
            self.use_locked()

    def use_locked(self) -> None:
        with self.lock, self.checker.check_method_access("use"):
            pass


def test_concurrent_access_is_found(caplog: pytest.LogCaptureFixture) -> None:
    checker = ThreadSafetyChecker(enabled=True)
    with caplog.at_level(logging.WARNING):
        Watched(checker).meet()
        Watched(checker).meet()
    report = checker.get_report()
    assert report["methods"]["use"]["accesses"] == 4
    assert report["methods"]["use"]["concurrent"] == 2
    assert [violation["name"] for violation in report["violations"]] == ["use", "use"]
    assert report["violations"][0]["kind"] == "method"
    # It is said once.
    assert [record.message for record in caplog.records] == [
        "use is used by 2 threads at once, without a lock around it"
    ]


def test_strict_mode_stops_the_second_thread_and_no_other() -> None:
    checker = ThreadSafetyChecker(enabled=True, strict_mode=True)
    watched = Watched(checker)
    with pytest.raises(ThreadSafetyError, match="use is used by 2 threads"):
        watched.meet()
    watched.use_locked()


def test_what_a_lock_guards_is_no_violation() -> None:
    checker = ThreadSafetyChecker(strict_mode=True)
    watched = Watched(checker)
    in_threads(4, watched.use_often)
    assert checker.get_report()["violations"] == []
    assert checker.get_report()["methods"]["use"]["accesses"] == 400


def test_a_thread_may_be_in_a_method_twice() -> None:
    checker = ThreadSafetyChecker(strict_mode=True)
    with checker.check_method_access("outer"), checker.check_method_access("outer"):
        pass
    checker.check_method_access("outer")
    assert checker.get_report()["methods"]["outer"] == {"accesses": 3, "threads": 1, "concurrent": 0}


def test_switched_off_it_sees_nothing() -> None:
    checker = ThreadSafetyChecker(enabled=False, strict_mode=True)
    Watched(checker).meet()
    assert checker.check_library_safety("pandas") is False
    report = checker.get_report()
    assert (report["methods"], report["violations"], report["libraries"]) == ({}, [], {})


@pytest.mark.parametrize(
    "name",
    [
        "NumPy",
        "PyTorch",
        "torch",
        "TensorFlow",
        "scikit-learn",
        "sklearn",
        "sklearn.svm",
        "XGBoost",
        "Transformers",
        "requests",
        "Polars",
    ],
)
def test_libraries_that_are_safe(name: str) -> None:
    assert ThreadSafetyChecker(strict_mode=True).check_library_safety(name) is True


@pytest.mark.parametrize("name", ["pandas", "Matplotlib", "matplotlib.pyplot", "sqlite3"])
def test_libraries_that_are_not(name: str, caplog: pytest.LogCaptureFixture) -> None:
    checker = ThreadSafetyChecker()
    with caplog.at_level(logging.WARNING):
        assert [checker.check_library_safety(name) for _ in range(3)] == [False] * 3
    assert len(caplog.records) == 1
    (entry,) = checker.get_report()["libraries"].values()
    assert not entry["safe"] and entry["advice"] in caplog.records[0].message
    with pytest.raises(ThreadSafetyError, match="is not thread-safe"):
        ThreadSafetyChecker(strict_mode=True).check_library_safety(name)


def test_a_library_nobody_knows() -> None:
    checker = ThreadSafetyChecker(strict_mode=True)
    assert checker.check_library_safety("my_library") is None
    assert checker.get_report()["libraries"] == {}


def test_records_are_bounded() -> None:
    checker = ThreadSafetyChecker()
    for number in range(1_500):
        checker.check_method_access(f"method{number}")
    report = checker.get_report()
    assert (len(report["methods"]), report["dropped"]) == (1_000, 500)


def test_the_threaded_showcase() -> None:
    adapter = ThreadedShowcaseAdapter()
    assert adapter.score("Good and bad")["score"] == 0.0
    assert in_threads(4, lambda: adapter.cached_root(9.0)) == [{"result": 3.0, "cached": False}] * 4
    assert [adapter.cached_root(4.0)["cached"] for _ in range(2)] == [False, True]
    in_threads(4, lambda: [adapter.count("calls") for _ in range(250)])
    assert adapter.count("calls", by=0) == {"name": "calls", "total": 1_000}
    assert adapter.usage()["total_calls"] == 1 + 4 + 2 + 1_001
    names = ["score", "cached_root", "count", "usage"]
    assert [tool.name for tool in discover(adapter).tools] == names
