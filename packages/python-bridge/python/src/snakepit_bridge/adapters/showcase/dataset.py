"""Works through a CSV file of any size with the memory of one chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import pandas as pd

OPERATIONS = ("clean", "transform", "aggregate")
MAX_CHUNK_ROWS = 10_000_000
#: What stands for a missing value. The word None does not: in many tables it is an answer.
_MISSING: dict[str, Any] = {
    "keep_default_na": False,
    "na_values": ["", "NA", "N/A", "NaN", "nan", "NULL", "null"],
}
#: What may stand around the digits of a number in a text: currencies, separators of thousands, percent.
_DECORATION = r"[\s,$€£¥%_]"


def count_rows(path: str) -> int:
    """Rows of a CSV file below its header, as pandas counts them: no blank lines, line breaks in quotes."""
    rows, quoted = 0, False
    with Path(path).expanduser().open("rb") as file:
        for line in file:
            if quoted or line.strip():
                quoted ^= line.count(b'"') % 2 == 1
                rows += not quoted
    return max(rows - 1, 0)


class Summary:
    """Count, mean, standard deviation (of a sample), minimum and maximum of a column that comes in parts."""

    def __init__(self) -> None:
        self.count = 0
        self._mean = self._squares = 0.0
        self._min, self._max = math.inf, -math.inf

    def add(self, values: Any) -> None:
        """A part of the column, as a series of numbers; missing ones are left out."""
        values = values.dropna()
        size = len(values)
        if not size:
            return
        mean = float(values.mean())
        shift, total = mean - self._mean, self.count + size
        # Joins the moments of both parts: sums of squares alone would lose all digits for large numbers.
        self._squares += float(((values - mean) ** 2).sum()) + shift**2 * self.count * size / total
        self._mean += shift * size / total
        self.count = total
        self._min, self._max = min(self._min, float(values.min())), max(self._max, float(values.max()))

    def result(self) -> dict[str, Any]:
        std = math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0
        return {"count": self.count, "mean": self._mean, "std": std, "min": self._min, "max": self._max}


class Pipeline:
    """Applies operations to the chunks of one table, in the order given.

    ``clean`` strips texts, and drops rows that lack a value or repeat another one of their chunk.
    ``transform`` makes numbers of texts such as ``$1,200.50`` or ``45%``, in columns whose first chunk has
    nothing else; what is no number later is missing. ``aggregate`` summarizes each column of numbers.

    :raises ValueError: there is no such operation.
    """

    def __init__(self, operations: Sequence[str] = OPERATIONS) -> None:
        unknown = [name for name in operations if name not in OPERATIONS]
        if unknown:
            raise ValueError(f"unknown operation {unknown[0]!r}; there are {', '.join(OPERATIONS)}")
        self._operations = [getattr(self, f"_{name}") for name in operations]
        self._numeric: Optional[list[Any]] = None
        self._summaries: dict[str, Summary] = {}
        self.processed = 0

    def run(self, frame: Any) -> Any:
        """The chunk as it is after all operations."""
        for operation in self._operations:
            frame = operation(frame)
        self.processed += len(frame)
        return frame

    def aggregates(self) -> dict[str, Any]:
        return {name: summary.result() for name, summary in self._summaries.items() if summary.count}

    def _clean(self, frame: Any) -> Any:
        stripped = frame.copy()
        for column in _texts(frame):
            text = frame[column].str.strip()
            stripped[column] = text.mask(text == "")
        return stripped.dropna().drop_duplicates()

    def _transform(self, frame: Any) -> Any:
        texts = _texts(frame)
        if self._numeric is None:
            self._numeric = [name for name in texts if _holds_numbers(frame[name])]
        return frame.assign(**{name: _as_numbers(frame[name]) for name in texts if name in self._numeric})

    def _aggregate(self, frame: Any) -> Any:
        for name in frame.select_dtypes("number").columns:
            self._summaries.setdefault(str(name), Summary()).add(frame[name])
        return frame


def process(path: str, chunk_size: int, operations: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Gives a report after each chunk, and one at the end.

    The former are ``processed_rows, total_rows, progress_percent`` (0 to 100) and ``memory_usage_mb`` (of the
    chunk, in MiB). The latter is ``final_stats``: ``total_rows``; ``processed``, rows that came through;
    ``errors``, lines with too many fields; ``skipped``, all that did not come through; ``aggregates``.

    :raises ValueError: a parameter, or the file, is none that can be used.
    """
    pipeline = Pipeline(operations)
    if not 1 <= chunk_size <= MAX_CHUNK_ROWS:
        raise ValueError(f"chunk_size is {chunk_size}; give 1 to {MAX_CHUNK_ROWS} rows")
    total, read = count_rows(path), 0
    with pd.read_csv(
        Path(path).expanduser(), chunksize=chunk_size, on_bad_lines="skip", **_MISSING
    ) as chunks:
        for frame in chunks:
            read += len(frame)
            pipeline.run(frame)
            yield {
                "processed_rows": read,
                "total_rows": total,
                "progress_percent": min(100.0, 100 * read / max(total, 1)),
                "memory_usage_mb": float(frame.memory_usage(deep=True).sum()) / 2**20,
            }
    total = max(total, read)
    final = {
        "total_rows": total,
        "processed": pipeline.processed,
        "errors": total - read,
        "skipped": total - pipeline.processed,
        "aggregates": pipeline.aggregates(),
    }
    yield {"final_stats": final}


def _texts(frame: Any) -> list[Any]:
    return [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name].dropna())]


def _as_numbers(column: Any) -> Any:
    return pd.to_numeric(column.str.replace(_DECORATION, "", regex=True), errors="coerce")


def _holds_numbers(column: Any) -> bool:
    present = column.dropna()
    return bool(len(present)) and bool(_as_numbers(present).notna().all())
