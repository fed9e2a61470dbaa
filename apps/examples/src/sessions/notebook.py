"""One notebook for each session: what is put down in one call is there in the next."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from statistics import fmean

from snakepit_bridge import BaseAdapter, tool


class Notebook(BaseAdapter):
    #: An instance for each session, from its first call to its end.
    lifecycle = "session"

    def __init__(self) -> None:
        self.masses: list[int] = []

    @tool
    def select(self, table: str, species: str) -> int:
        """Keeps the body masses of one species of penguins, and says how many there are."""
        rows = json.loads(Path(table).read_text(encoding="utf-8"))
        found = [row["Body Mass (g)"] for row in rows if row["Species"] == species]
        self.masses = [mass for mass in found if mass is not None]
        return len(self.masses)

    @tool
    def mean_mass(self) -> float:
        """In grams."""
        return fmean(self.masses)

    @tool
    def process(self) -> int:
        return os.getpid()

    @tool
    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
