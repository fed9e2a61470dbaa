"""Prices from CSV files."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Optional

FORMAT = "a CSV with the columns symbol, date, price[, volume] or Date, Open, High, Low, Close, Volume"

#: Of dates beside ISO 8601.
_FORMS = ("%b %d %Y", "%B %d %Y", "%m/%d/%Y")


class Price(NamedTuple):
    """``date`` as written in the file; ``volume`` in shares, or None."""

    symbol: str
    date: str
    price: float
    volume: Optional[float]


def read_prices(path: str, symbols: Collection[str]) -> list[Price]:
    """The prices of these symbols, oldest first.

    :param path: a CSV with the columns symbol, date, price[, volume]; or with Date, Open, High, Low, Close,
        Volume as exchanges give it, for one symbol alone; or a folder of CSV files named after their symbols.
    :raises ValueError: a column is missing, a value is none, or there is no price of a symbol.
    :raises OSError: a file cannot be read.
    """
    symbols = list(dict.fromkeys(symbols))
    if not symbols:
        raise ValueError("symbols is empty; give at least one")
    place = Path(path).expanduser()
    files: list[tuple[Path, Collection[str]]] = [(place, symbols)]
    if place.is_dir():
        files = [(place / f"{symbol}.csv", [symbol]) for symbol in symbols]
    prices = [price for file, wanted in files for price in _read_file(file, wanted)]
    missing = sorted(set(symbols) - {price.symbol for price in prices})
    if missing:
        raise ValueError(f"{path} has no price of {', '.join(missing)}")
    return sorted(prices, key=lambda price: _moment(price.date))


def _read_file(path: Path, symbols: Collection[str]) -> Iterator[Price]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
        wanted = _check_columns(path, rows.fieldnames, symbols)
        for row in rows:
            symbol = row.get("symbol") or wanted
            if symbol in symbols:
                try:
                    yield _price(symbol, row)
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{path}, line {rows.line_num}: {error}") from None


def _check_columns(path: Path, columns: Collection[str], symbols: Collection[str]) -> str:
    """The symbol of rows that do not name theirs; empty when all do."""
    if "date" not in columns or not {"price", "close"} & set(columns):
        raise ValueError(f"{path} has the columns {', '.join(columns)}; give {FORMAT}")
    if "symbol" in columns:
        return ""
    if len(symbols) > 1:
        raise ValueError(f"{path} has no column symbol; give one symbol, or a folder of files SYMBOL.csv")
    return next(iter(symbols))


def _price(symbol: str, row: Mapping[str, str]) -> Price:
    price = _amount("price", row.get("price") or row.get("close") or "")
    volume = row.get("volume")
    _moment(row["date"])
    return Price(symbol, row["date"], price, _amount("volume", volume) if volume else None)


def _amount(kind: str, text: str) -> float:
    amount = float(text)
    if not 0 <= amount < float("inf"):
        raise ValueError(f"{amount} is no {kind}")
    return amount


def _moment(date: str) -> datetime.datetime:
    """For comparing: dates without a zone are taken as UTC."""
    text = date.strip().replace("Z", "+00:00")
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        moment = _written_out(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def _written_out(date: str) -> datetime.datetime:
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.datetime.strptime(date, form)
    raise ValueError(f"{date!r} is no date; write 2010-03-01, Mar 1 2010 or 3/1/2010")
