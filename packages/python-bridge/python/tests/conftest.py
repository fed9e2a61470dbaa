"""Every worker a test starts is gone when the test ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import pytest

from client import Host, WorkerProcess
from shared_host import SharedHost

Launch = Callable[..., Host]
LaunchSilent = Callable[..., WorkerProcess]
LaunchShared = Callable[..., SharedHost]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts workers that are ready."""
    started: list[Host] = []

    def start(*arguments: Any, **options: Any) -> Host:
        started.append(Host(*arguments, **options))
        return started[-1]

    yield start
    for worker in started:
        worker.close()


@pytest.fixture
def launch_silent() -> Iterator[LaunchSilent]:
    """Starts workers to which nothing has been said."""
    started: list[WorkerProcess] = []

    def start(*arguments: Any, **options: Any) -> WorkerProcess:
        started.append(WorkerProcess(*arguments, **options))
        return started[-1]

    yield start
    for worker in started:
        worker.close()


@pytest.fixture
def host(launch: Launch) -> Host:
    """A worker with the tools of ``tools/tools.py``."""
    return launch()


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
def shared_host(launch_shared: LaunchShared) -> SharedHost:
    """A worker that shares memory: both sides have agreed."""
    host = launch_shared()
    host.agree()
    return host
