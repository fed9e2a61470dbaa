"""Work that waits, and work that computes: the first likes threads, the second likes processes."""

from __future__ import annotations

import os
import threading
import time


class Fetching:
    """Waits as one waits for a network; says which thread of which process did it."""

    __thread_safe__ = True

    def fetch(self, page: int, seconds: float) -> dict[str, object]:
        time.sleep(seconds)
        return {"page": page, "thread": threading.current_thread().name, "pid": os.getpid()}


class Counting:
    """Computes, and leaks a little, as real libraries do."""

    def __init__(self) -> None:
        self.leaked: list[bytes] = []

    def count_primes(self, below: int) -> dict[str, int]:
        self.leaked.append(bytes(100_000))
        sieve = bytearray([1]) * below
        sieve[:2] = bytes(2)
        for n in range(2, int(below**0.5) + 1):
            if sieve[n]:
                sieve[n * n :: n] = bytes(len(range(n * n, below, n)))
        return {"primes": sum(sieve), "pid": os.getpid()}
