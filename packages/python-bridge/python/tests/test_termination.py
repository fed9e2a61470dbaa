"""SIGTERM is heard even where the main thread misses it: it came just before a system call began."""

from __future__ import annotations

import signal

import pytest

from conftest import Launch


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs signal masks")
def test_an_idle_worker_that_was_not_interrupted_ends_all_the_same(launch: Launch) -> None:
    host = launch("masking:Masking")
    host.run("mask")
    host.ping()
    host.process.send_signal(signal.SIGTERM)
    host.expect_end()
    assert host.wait() == 0
    assert "cleaned up" in host.text
