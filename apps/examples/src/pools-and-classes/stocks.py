"""Two plain classes: no base class, no decorators. Their public methods are the tools."""

from __future__ import annotations

import csv
from pathlib import Path

from snakepit_bridge import SessionContext


class Quotes:
    """Answers quickly."""

    def __init__(self) -> None:
        self._prices: dict[str, dict[str, float]] = {}

    def load(self, table: str) -> list[str]:
        with Path(table).open(newline="") as file:
            for row in csv.DictReader(file):
                self._prices.setdefault(row["symbol"], {})[row["date"]] = float(row["price"])
        return sorted(self._prices)

    def price(self, symbol: str, date: str) -> float:
        return self._prices[symbol][date]


class Research(Quotes):
    """Takes its time."""

    def best_holding(self, ctx: SessionContext, symbol: str, months: int) -> dict[str, object]:
        """The months that would have made the most of a holding of this length."""
        days = list(self._prices[symbol].items())
        gains = [(sold[1] / bought[1], bought[0], sold[0]) for bought, sold in zip(days, days[months:])]
        factor, bought, sold = max(gains)
        ctx.call_host_tool("confirm", question=f"Publish {symbol}?")
        return {"symbol": symbol, "bought": bought, "sold": sold, "factor": factor}
