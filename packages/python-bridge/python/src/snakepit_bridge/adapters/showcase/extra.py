"""The libraries that only some tools need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra() -> Iterator[None]:
    """Around the import of a theme whose libraries may be absent.

    :raises ModuleNotFoundError: naming the library, and how all of them are installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        advice = 'install what the showcase needs: pip install "snakepit-bridge[showcase]"'
        raise ModuleNotFoundError(f"{error.name} is missing; {advice}", name=error.name) from error
