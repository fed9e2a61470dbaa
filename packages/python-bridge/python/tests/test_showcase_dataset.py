"""Large tables, chunk by chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pd: Any = pytest.importorskip("pandas")

from snakepit_bridge.adapters.showcase.dataset import OPERATIONS, Summary, count_rows, process  # noqa: E402

SALES = """name,price,amount
 ada ,"$1,200.50",1
ada,"$1,200.50",1
bob,80.25,2
cid,,3

dan,10,4
too,many,fields,here
"eve
two lines",5%,6
"""


@pytest.fixture
def sales(tmp_path: Path) -> str:
    path = tmp_path / "sales.csv"
    path.write_text(SALES)
    return str(path)


def test_rows_are_counted_as_pandas_counts_them(sales: str) -> None:
    assert count_rows(sales) == 7
    assert len(pd.read_csv(sales, on_bad_lines="skip")) == 6


def test_all_operations(sales: str) -> None:
    *progress, end = process(sales, 2, OPERATIONS)
    assert [chunk["processed_rows"] for chunk in progress] == [2, 4, 6]
    assert all(chunk["total_rows"] == 7 and chunk["memory_usage_mb"] > 0 for chunk in progress)
    assert progress[-1]["progress_percent"] == pytest.approx(100 * 6 / 7)
    stats = end["final_stats"]
    # Of 7 rows one has too many fields, one repeats another, one lacks a value.
    assert {name: stats[name] for name in ("total_rows", "processed", "errors", "skipped")} == {
        "total_rows": 7,
        "processed": 4,
        "errors": 1,
        "skipped": 3,
    }
    prices = pd.Series([1200.5, 80.25, 10, 5])
    assert stats["aggregates"]["price"] == pytest.approx(
        {"count": 4, "mean": prices.mean(), "std": prices.std(), "min": 5, "max": 1200.5}
    )


def test_each_operation_alone(sales: str) -> None:
    def stats(*operations: str) -> Any:
        return list(process(sales, 100, operations))[-1]["final_stats"]

    assert stats("clean")["processed"] == 4 and stats("clean")["aggregates"] == {}
    assert stats("transform")["processed"] == 6
    assert set(stats("aggregate")["aggregates"]) == {"amount"}
    assert set(stats("transform", "aggregate")["aggregates"]) == {"amount", "price"}
    assert stats()["processed"] == 6


def test_parts_add_up() -> None:
    values = pd.Series([1e9 + number for number in range(1000)])
    summary = Summary()
    for start in range(0, 1000, 7):
        summary.add(values[start : start + 7])
    assert summary.result() == pytest.approx(
        {"count": 1000, "mean": values.mean(), "std": values.std(), "min": 1e9, "max": 1e9 + 999}
    )


def test_mistakes(sales: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown operation 'sort'; there are clean, transform, aggregate"):
        next(process(sales, 10, ["sort"]))
    with pytest.raises(ValueError, match="chunk_size is 0"):
        next(process(sales, 0, OPERATIONS))
    with pytest.raises(FileNotFoundError):
        next(process(str(tmp_path / "nothing.csv"), 10, OPERATIONS))
