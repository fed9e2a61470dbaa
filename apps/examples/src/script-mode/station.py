"""A weather station's table, with a scratch file that must not be left behind."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from pathlib import Path

from snakepit_bridge import BaseAdapter, tool


class Station(BaseAdapter):
    def initialize(self) -> None:
        """Runs once, before the worker is ready."""
        descriptor, name = tempfile.mkstemp(prefix="station-")
        os.close(descriptor)
        self.scratch = Path(name)

    def cleanup(self) -> None:
        """Runs when the worker is told to end."""
        self.scratch.unlink()

    @tool
    def where(self) -> str:
        return str(self.scratch)

    @tool
    def days_by_weather(self, table: str, year: int) -> dict[str, int]:
        with Path(table).open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["date"].startswith(str(year))]
        return dict(Counter(row["weather"] for row in rows))
