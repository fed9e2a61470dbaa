"""Indicators against values worked out by hand, and against a second implementation in pandas."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from snakepit_bridge.adapters.showcase.indicators import Ema, Macd, Rsi, Sma
from snakepit_bridge.adapters.showcase.prices import Price, read_prices
from snakepit_bridge.adapters.showcase.stocks import StockAnalyzer


def run(update: Callable[[float], Any], prices: list[float]) -> list[Any]:
    return [update(price) for price in prices]


def close(values: list[Optional[float]]) -> list[Any]:
    return [value if value is None else pytest.approx(value, rel=1e-9) for value in values]


def walk(count: int = 300) -> list[float]:
    generator = random.Random(7)
    prices = [100.0]
    while len(prices) < count:
        prices.append(prices[-1] * (1 + generator.gauss(0, 0.02)))
    return prices


def test_by_hand() -> None:
    assert run(Sma(3).update, [2, 4, 6, 11]) == close([None, None, 4, 7])
    assert run(Ema(3).update, [2, 4, 6, 8, 5]) == close([None, None, 4, 6, 5.5])
    # Changes +1, -1, +2: mean gain and loss 0.5, then (0.5 + 2) / 2 and 0.5 / 2.
    assert run(Rsi(2).update, [10, 11, 10, 12]) == close([None, None, 50, 100 * 1.25 / 1.5])
    macd = run(Macd(2, 3, 2).update, [1, 2, 4, 8, 16])
    assert [value.macd for value in macd] == close([None, None, 5 / 6, 11 / 9, 239 / 108])
    assert [value.signal for value in macd] == close([None, None, None, 37 / 36, 589 / 324])
    assert macd[-1].histogram == pytest.approx(239 / 108 - 589 / 324)


def test_rsi_at_its_ends() -> None:
    rising, falling = [float(price) for price in range(1, 20)], [float(price) for price in range(20, 1, -1)]
    assert run(Rsi().update, rising)[-1] == 100
    assert run(Rsi().update, falling)[-1] == 0
    assert run(Rsi().update, [5.0] * 20)[-1] == 50
    assert run(Rsi().update, rising)[:14] == [None] * 14


def test_as_pandas_computes_them() -> None:
    pandas = pytest.importorskip("pandas")
    prices = walk()
    series = pandas.Series(prices)

    def seeded(values: Any, period: int, **weight: float) -> Any:
        """An exponential mean that begins with the mean of the first ``period`` values."""
        known = values.dropna()
        start = known.iloc[period - 1 :].copy()
        start.iloc[0] = known.iloc[:period].mean()
        return start.ewm(adjust=False, **weight).mean().reindex(values.index)

    change = series.diff()
    gain = seeded(change.clip(lower=0).where(change.notna()), 14, alpha=1 / 14)
    loss = seeded((-change).clip(lower=0).where(change.notna()), 14, alpha=1 / 14)
    rsi = 100 - 100 / (1 + gain / loss)
    macd = seeded(series, 12, span=12) - seeded(series, 26, span=26)
    signal = seeded(macd, 9, span=9)

    def same(mine: list[Optional[float]], other: Any) -> None:
        assert mine == close([None if number != number else number for number in other.tolist()])

    same(run(Rsi().update, prices), rsi)
    same(run(Sma(20).update, prices), series.rolling(20).mean())
    same([value.macd for value in run(Macd().update, prices)], macd)
    same([value.signal for value in run(Macd().update, prices)], signal)
    same([value.histogram for value in run(Macd().update, prices)], macd - signal)


def last(prices: list[float], volumes: Optional[list[float]] = None, **options: Any) -> dict[str, Any]:
    analyzer = StockAnalyzer(**options)
    for number, price in enumerate(prices):
        volume = None if volumes is None else volumes[number]
        result = analyzer.update(Price("ACME", "2026-01-02", price, volume))
    return result


def test_signals_and_alerts() -> None:
    fall, rise = [100.0 - number for number in range(20)], [100.0 + number for number in range(20)]
    assert last(fall)["trading_signal"] == "BUY" and last(fall)["alerts"] == ["rsi_oversold"]
    assert last(rise)["trading_signal"] == "SELL" and last(rise)["alerts"] == ["rsi_overbought"]
    assert last([5.0] * 60)["trading_signal"] == "HOLD"
    tamed = last(rise, thresholds={"rsi_overbought": 100})
    assert tamed["trading_signal"] == "HOLD" and tamed["alerts"] == []
    quiet, loud = [10.0] * 20 + [19.0], [10.0] * 20 + [20.0]
    assert last([5.0] * 21, quiet)["alerts"] == []
    assert last([5.0] * 21, loud)["alerts"] == ["volume_spike"]


def test_a_crossing_of_macd_counts_while_rsi_is_quiet() -> None:
    turn = [100.0 - number for number in range(60)] + [41.0 + 2 * number for number in range(12)]
    calm = {"rsi_oversold": 0, "rsi_overbought": 100}
    down = StockAnalyzer(thresholds=calm)
    assert not any(down.update(Price("A", "", price, None))["trading_signal"] == "BUY" for price in turn), (
        "it crosses against the trend"
    )
    free = StockAnalyzer(["RSI", "MACD"], calm)
    assert [free.update(Price("A", "", price, None))["trading_signal"] for price in turn].count("BUY") == 1


def test_only_what_was_asked_for() -> None:
    result = last(walk(60), indicators=["SMA_20"])
    assert result["sma_20"] is not None
    assert result["rsi"] is result["macd"] is result["sma_50"] is None
    with pytest.raises(ValueError, match="unknown indicator EMA; there are RSI, MACD"):
        StockAnalyzer(["EMA"])
    with pytest.raises(ValueError, match="unknown threshold rsi"):
        StockAnalyzer(thresholds={"rsi": 1})


def test_files(tmp_path: Path) -> None:
    combined = tmp_path / "prices.csv"
    combined.write_text("symbol,date,price,volume\nB,2026-01-03,3,\nA,2026-01-02,2,10\nC,2026-01-01,9,1\n")
    assert read_prices(str(combined), ["A", "B"]) == [
        Price("A", "2026-01-02", 2.0, 10.0),
        Price("B", "2026-01-03", 3.0, None),
    ]
    combined.write_text("symbol,date,price\nA,Feb 1 2000,2\nA,Jan 1 2000,1\nA,3/1/2000,3\n")
    assert [price.price for price in read_prices(str(combined), ["A"])] == [1.0, 2.0, 3.0]
    (tmp_path / "A.csv").write_text("Date,Open,High,Low,Close,Volume\n2026-01-02T10:00:00Z,1,3,1,2.5,100\n")
    expected = [Price("A", "2026-01-02T10:00:00Z", 2.5, 100.0)]
    assert read_prices(str(tmp_path / "A.csv"), ["A"]) == read_prices(str(tmp_path), ["A"]) == expected
    assert read_prices(str(tmp_path), ["A", "A"]) == expected


@pytest.mark.parametrize(
    ("text", "symbols", "message"),
    [
        ("a,b\n1,2\n", ["A"], "give a CSV with the columns"),
        ("date,price\n2026-01-02,1\n", ["A", "B"], "no column symbol"),
        ("symbol,date,price\nA,2026-01-02,1\n", ["A", "B"], "no price of B"),
        ("symbol,date,price\nA,2026-01-02,x\n", ["A"], "line 2: could not convert"),
        ("symbol,date,price\nA,yesterday,1\n", ["A"], "line 2: 'yesterday' is no date"),
        ("symbol,date,price\nA,2026-01-02,nan\n", ["A"], "line 2: nan is no price"),
        ("symbol,date,price,volume\nA,2026-01-02,1,nan\n", ["A"], "line 2: nan is no volume"),
        ("symbol,date,price,volume\nA,2026-01-02,1,-5\n", ["A"], "line 2: -5.0 is no volume"),
        ("symbol,date,price,volume\nA,2026-01-02,1,inf\n", ["A"], "line 2: inf is no volume"),
        ("", ["A"], "give a CSV"),
        ("symbol,date,price\n", [], "symbols is empty"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, symbols: list[str], message: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_prices(str(path), symbols)
