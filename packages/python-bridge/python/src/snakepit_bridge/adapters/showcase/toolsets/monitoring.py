"""Tools that work through files, and tell what they find as they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from snakepit_bridge.adapters.showcase.extra import extra
from snakepit_bridge.adapters.showcase.follower import Follower
from snakepit_bridge.adapters.showcase.logs import LogAnalyzer, watch
from snakepit_bridge.adapters.showcase.prices import FORMAT, read_prices
from snakepit_bridge.adapters.showcase.stocks import INDICATORS, StockAnalyzer
from snakepit_bridge.streaming import StreamChunk
from snakepit_bridge.tools import tool


class MonitoringTools:
    """Streams that stop, and close their files, when nobody listens any more."""

    @tool(supports_streaming=True)
    def process_large_dataset(
        self, file_path: str, chunk_size: int = 10_000, operations: Optional[list[str]] = None
    ) -> Iterator[Any]:
        """Clean, transform and aggregate a CSV file of any size; one chunk of it is in memory at a time.

        :param chunk_size: rows.
        :param operations: of ``clean`` (strips texts; drops rows that lack a value or repeat another one of
            their chunk), ``transform`` (makes numbers of texts such as ``$1,200.50``) and ``aggregate``
            (count, mean, std, min and max of the columns of numbers), in this order. Default: all.
        :returns: chunks ``processed_rows, total_rows, progress_percent`` (0 to 100), ``memory_usage_mb``; at
            last ``final_stats {total_rows, processed, skipped, errors, aggregates}``.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.dataset import OPERATIONS, process
        for chunk in process(file_path, chunk_size, OPERATIONS if operations is None else operations):
            yield StreamChunk(chunk, is_final="final_stats" in chunk)

    @tool(supports_streaming=True)
    def tail_and_analyze(
        self,
        log_path: str,
        patterns: list[str],
        context_lines: int = 3,
        idle_timeout_s: Optional[float] = None,
        max_matches: Optional[int] = None,
        from_start: bool = True,
    ) -> Iterator[Any]:
        """Follow a log file while it grows, is rotated or truncated, until the stream is cancelled.

        :param patterns: regular expressions; a line gives one chunk for each that it has.
        :param context_lines: how many lines before a match are given with it, at most 1,000.
        :param idle_timeout_s: end after so many seconds without a new line. Default: never.
        :param max_matches: end after so many chunks. Default: never.
        :param from_start: whether lines that are there already count, too.
        :returns: chunks ``line_number, log_line, pattern_matched, severity`` (FATAL, ERROR, WARN, INFO),
            ``timestamp`` (as written, or None), ``context``; at last ``reason, lines, matches, message``.
        """
        for name, limit in (("idle_timeout_s", idle_timeout_s), ("max_matches", max_matches)):
            if limit is not None and not limit > 0:
                raise ValueError(f"{name} is {limit}; give more than 0, or leave it out")
        analyzer = LogAnalyzer(patterns, context_lines)
        follower = Follower(log_path, from_start)
        try:
            for chunk in watch(follower, analyzer, idle_timeout_s, max_matches):
                last = "reason" in chunk
                yield (
                    StreamChunk({**chunk, "message": "Log analysis complete"}, is_final=True)
                    if last
                    else chunk
                )
        finally:
            follower.close()

    @tool(supports_streaming=True)
    def realtime_stock_analysis(
        self,
        symbols: list[str],
        indicators: Optional[list[str]] = None,
        alert_thresholds: Optional[dict[str, float]] = None,
        prices_path: Optional[str] = None,
    ) -> Iterator[Any]:
        """Play prices in the order of their dates, and tell what technical indicators make of each.

        Unlike the call in Snakepit's guides, which names no source of prices, it cannot do without
        ``prices_path``: it is connected to no exchange, and makes no prices up.

        :param indicators: of RSI (Wilder, 14), MACD (12, 26, 9), SMA_20 and SMA_50. Default: all.
        :param alert_thresholds: ``rsi_oversold`` 30, ``rsi_overbought`` 70, ``volume_spike`` 2.0 (times the
            mean of the 20 volumes before).
        :param prices_path: a CSV with the columns symbol, date, price[, volume] or Date, Open, High, Low,
            Close, Volume; or a folder of files SYMBOL.csv.
        :returns: chunks ``symbol, date, price, volume, rsi, macd, macd_signal, macd_histogram, sma_20,
            sma_50`` (None until there are enough prices), ``trading_signal`` (BUY, SELL, HOLD), ``alerts``;
            at last ``symbols, prices, alerts, message``.
        """
        if prices_path is None:
            raise ValueError(f"prices_path is missing; give the path of {FORMAT}")
        wanted = INDICATORS if indicators is None else indicators
        analyzers = {symbol: StockAnalyzer(wanted, alert_thresholds) for symbol in symbols}
        prices, alerts = read_prices(prices_path, symbols), 0
        for price in prices:
            chunk = analyzers[price.symbol].update(price)
            alerts += len(chunk["alerts"])
            yield chunk
        summary = {"symbols": list(analyzers), "prices": len(prices), "alerts": alerts}
        yield StreamChunk({**summary, "message": "Market session ended"}, is_final=True)
