"""American flights, their delays and distances. Each method below can be called from TypeScript."""

from __future__ import annotations

import csv
import json
import logging
from collections import Counter
from collections.abc import Generator, Iterator
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext, tool

log = logging.getLogger("flights")

Flight = dict[str, Any]


class Flights(BaseAdapter):
    """One instance lives in each worker, as long as the worker lives."""

    def __init__(self) -> None:
        self.selected: dict[str | None, list[int]] = {}

    @tool(description="Delays by hour of departure; tells how far it is meanwhile")
    def delays_by_hour(self, table: str) -> Generator[dict[str, int], None, list[dict[str, float]]]:
        total = Path(table).stat().st_size
        flights, delays = [0] * 24, [0] * 24
        done = 0
        try:
            for done, rows in pieces(Path(table)):
                for row in rows:
                    hour = int(row["time"])
                    flights[hour] += 1
                    delays[hour] += row["delay"]
                yield {"bytes": done, "total": total, "flights": sum(flights)}
        finally:
            if done < total:
                log.info("stopped at %d %% of the table", done * 100 // total)
        return [{"flights": count, "delay": delay / count} for count, delay in zip(flights, delays)]

    @tool(description="Mean delay of the flights of at least `shortest` and less than `longest` miles")
    def delay_between(self, table: str, shortest: int, longest: int) -> dict[str, Any]:
        delays = [row["delay"] for row in whole(table) if shortest <= row["distance"] < longest]
        return {"delay": fmean(delays), "flights": len(delays)}

    @tool(description="Selects the flights of one hour, for the session")
    def select_hour(self, ctx: SessionContext, table: str, hour: int) -> int:
        selected = sorted(row["delay"] for row in whole(table) if int(row["time"]) == hour)
        self.selected[ctx.session_id] = selected
        return len(selected)

    @tool(description="The delay that this many percent of the session's flights do not exceed")
    def percentile(self, ctx: SessionContext, percent: int) -> int:
        selected = self.selected[ctx.session_id]
        return selected[(len(selected) - 1) * percent // 100]

    @tool(description="The airports with the most departures; the host knows their names")
    def busiest(self, ctx: SessionContext, routes: str, count: int) -> list[dict[str, Any]]:
        departures: Counter[str] = Counter()
        with Path(routes).open(newline="") as file:
            for row in csv.DictReader(file):
                departures[row["origin"]] += int(row["count"])
        return [
            {"name": ctx.call_host_tool("airport_name", code=code), "departures": number}
            for code, number in departures.most_common(count)
        ]


@lru_cache(maxsize=1)
def whole(table: str) -> list[Flight]:
    """Read once in each worker: that is what a long-lived worker is good for."""
    rows: list[Flight] = json.loads(Path(table).read_bytes())
    return rows


def pieces(table: Path) -> Iterator[tuple[int, list[Flight]]]:
    """The records of a JSON array, about 256 KiB at a time, with the number of bytes read so far."""
    done, rest = 0, b""
    with table.open("rb") as file:
        while block := file.read(256 * 1024):
            done += len(block)
            records, _, rest = (rest + block).rpartition(b"}")
            yield done, json.loads(b"[" + records.lstrip(b"[,") + b"}]")
