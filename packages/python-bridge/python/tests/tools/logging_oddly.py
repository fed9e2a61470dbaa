"""Tools that log what is hard to pass on."""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger("odd")


class Unreadable:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class LoggingOddly:
    def misformat(self) -> None:
        log.warning("%d", "no")

    def misformat_parts(self) -> None:
        log.error("%s of %s", "a part", Unreadable())

    def misformat_all(self) -> None:
        log.error(Unreadable(), {"key": 1})

    def misname(self) -> None:
        logging.getLogger("half \ud800").warning("named")

    def name_at_length(self) -> None:
        logging.getLogger("n" * 100_000).warning("m" * 100_000)

    def name_nothing(self) -> None:
        fields: dict[str, Any] = {"name": None, "msg": "nameless", "levelno": logging.WARNING}
        logging.getLogger().handle(logging.makeLogRecord(fields))

    def flood(self, records: int) -> None:
        for number in range(records):
            log.info("record %d", number)

    def flood_and_fail(self, records: int) -> None:
        self.flood(records)
        log.error("what matters")
