"""What pythonia imports."""

import os
import signal
from collections.abc import Iterator
from typing import TypeVar

Value = TypeVar("Value")

signal.signal(signal.SIGINT, signal.SIG_IGN)


def echo(value: Value) -> Value:
    return value


def count(n: int) -> Iterator[int]:
    yield from range(n)


def pid() -> int:
    return os.getpid()
