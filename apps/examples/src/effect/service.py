"""A service that is not quite up yet, and one that never ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator

log = logging.getLogger("service")


class Service:
    def __init__(self) -> None:
        self._attempts = 0

    def lookup(self, key: str) -> dict[str, object]:
        self._attempts += 1
        if self._attempts < 3:
            raise ConnectionError(f"attempt {self._attempts}: still warming up")
        return {"key": key, "attempts": self._attempts}

    def ticks(self) -> Iterator[int]:
        number = 0
        try:
            while True:
                yield number
                number += 1
        finally:
            log.info("the ticking stopped")
