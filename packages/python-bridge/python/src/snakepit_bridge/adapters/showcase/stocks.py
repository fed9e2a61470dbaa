"""What indicators say about prices as they come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Optional

from snakepit_bridge.adapters.showcase.indicators import Macd, MacdValue, Rsi, Sma
from snakepit_bridge.adapters.showcase.prices import Price

INDICATORS = ("RSI", "MACD", "SMA_20", "SMA_50")
#: RSI below and above which a share counts as sold or bought too much; volume as a multiple of its mean.
THRESHOLDS = {"rsi_oversold": 30.0, "rsi_overbought": 70.0, "volume_spike": 2.0}
_VOLUME_PERIOD = 20
_Known = Optional[float]


class StockAnalyzer:
    """Follows one symbol.

    :param indicators: of RSI, MACD, SMA_20 and SMA_50; the fields of others stay None.
    :param thresholds: replace those of ``THRESHOLDS``.
    :raises ValueError: there is no such indicator or threshold.
    """

    def __init__(
        self, indicators: Collection[str] = INDICATORS, thresholds: Optional[Mapping[str, float]] = None
    ) -> None:
        _check("indicator", indicators, INDICATORS)
        _check("threshold", thresholds or (), tuple(THRESHOLDS))
        self._wanted = frozenset(indicators)
        self._thresholds = {**THRESHOLDS, **(thresholds or {})}
        self._rsi, self._macd = Rsi(), Macd()
        self._sma_20, self._sma_50 = Sma(20), Sma(50)
        self._volume = Sma(_VOLUME_PERIOD)
        self._mean_volume: Optional[float] = None
        self._histogram: Optional[float] = None

    def update(self, price: Price) -> dict[str, Any]:
        """``symbol, date, price, volume``, the indicators ``rsi, macd, macd_signal, macd_histogram, sma_20,
        sma_50`` (None until there are enough prices), ``trading_signal`` and ``alerts``.
        """
        rsi, macd, sma_20, sma_50 = self._indicators(price.price)
        alerts = [*self._rsi_alerts(rsi), *self._volume_alerts(price.volume)]
        signal = self._signal(alerts, macd, sma_20, sma_50)
        self._histogram = macd.histogram
        return {
            **price._asdict(),
            "rsi": rsi,
            "macd": macd.macd,
            "macd_signal": macd.signal,
            "macd_histogram": macd.histogram,
            "sma_20": sma_20,
            "sma_50": sma_50,
            "trading_signal": signal,
            "alerts": alerts,
        }

    def _indicators(self, price: float) -> tuple[_Known, MacdValue, _Known, _Known]:
        def wanted(name: str, indicator: Any, absent: Any = None) -> Any:
            return indicator.update(price) if name in self._wanted else absent

        return (
            wanted("RSI", self._rsi),
            wanted("MACD", self._macd, MacdValue()),
            wanted("SMA_20", self._sma_20),
            wanted("SMA_50", self._sma_50),
        )

    def _rsi_alerts(self, rsi: Optional[float]) -> list[str]:
        if rsi is None:
            return []
        if rsi < self._thresholds["rsi_oversold"]:
            return ["rsi_oversold"]
        return ["rsi_overbought"] if rsi > self._thresholds["rsi_overbought"] else []

    def _volume_alerts(self, volume: Optional[float]) -> list[str]:
        """Compares with the mean of the volumes before this one."""
        if volume is None:
            return []
        mean, self._mean_volume = self._mean_volume, self._volume.update(volume)
        return ["volume_spike"] if mean and volume >= mean * self._thresholds["volume_spike"] else []

    def _signal(
        self, alerts: Sequence[str], macd: MacdValue, sma_20: Optional[float], sma_50: Optional[float]
    ) -> str:
        """RSI decides; where it is quiet, MACD that crosses its signal line in the direction of the trend."""
        if "rsi_oversold" in alerts:
            return "BUY"
        if "rsi_overbought" in alerts:
            return "SELL"
        before, now = self._histogram, macd.histogram
        if before is None or now is None:
            return "HOLD"
        trend = 0.0 if sma_20 is None or sma_50 is None else sma_20 - sma_50
        if before <= 0 < now and trend >= 0:
            return "BUY"
        return "SELL" if before >= 0 > now and trend <= 0 else "HOLD"


def _check(kind: str, names: Collection[str], known: Sequence[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"unknown {kind} {', '.join(unknown)}; there are {', '.join(known)}")
