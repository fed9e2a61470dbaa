"""Technical indicators that take one price at a time. Each is None until it has seen enough prices."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, Optional


class Sma:
    """The mean of the last ``period`` prices."""

    def __init__(self, period: int) -> None:
        self._window: deque[float] = deque(maxlen=period)

    def update(self, price: float) -> Optional[float]:
        self._window.append(price)
        # Summed anew each time: a running sum would gather rounding errors for ever.
        full = len(self._window) == self._window.maxlen
        return sum(self._window) / len(self._window) if full else None


class Ema:
    """The exponential mean with weight ``2 / (period + 1)``, begun with the mean of ``period`` prices."""

    def __init__(self, period: int) -> None:
        self._weight = 2 / (period + 1)
        self._start = Sma(period)
        self._value: Optional[float] = None

    def update(self, price: float) -> Optional[float]:
        if self._value is None:
            self._value = self._start.update(price)
        else:
            self._value += (price - self._value) * self._weight
        return self._value


class Rsi:
    """Wilder's relative strength index, 0 to 100.

    Gains and losses are smoothed as Wilder did it: first their mean over ``period`` changes, then
    ``(previous * (period - 1) + change) / period``. Prices that never move give 50.
    """

    def __init__(self, period: int = 14) -> None:
        self._period = period
        self._previous: Optional[float] = None
        self._changes = 0
        self._gain = self._loss = 0.0

    def update(self, price: float) -> Optional[float]:
        previous, self._previous = self._previous, price
        if previous is None:
            return None
        self._smooth(max(price - previous, 0.0), max(previous - price, 0.0))
        if self._changes < self._period:
            return None
        total = self._gain + self._loss
        return 100 * self._gain / total if total else 50.0

    def _smooth(self, gain: float, loss: float) -> None:
        self._changes = min(self._changes + 1, self._period)
        # While there are fewer changes than `period` this is their plain mean.
        self._gain += (gain - self._gain) / self._changes
        self._loss += (loss - self._loss) / self._changes


class MacdValue(NamedTuple):
    """``macd`` is known earlier than its ``signal`` line; ``histogram`` is their difference."""

    macd: Optional[float] = None
    signal: Optional[float] = None
    histogram: Optional[float] = None


class Macd:
    """Fast less slow exponential mean, and the exponential mean of that as signal line."""

    def __init__(self, fast: int = 12, slow: int = 26, signal: int = 9) -> None:
        self._fast, self._slow, self._signal = Ema(fast), Ema(slow), Ema(signal)

    def update(self, price: float) -> MacdValue:
        fast, slow = self._fast.update(price), self._slow.update(price)
        if fast is None or slow is None:
            return MacdValue()
        macd = fast - slow
        signal = self._signal.update(macd)
        return MacdValue(macd, signal, None if signal is None else macd - signal)
