"""Tables to train on: features and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from snakepit_bridge.adapters.showcase.network import Floats, Integers

#: Data sets that scikit-learn ships, by their names here.
SHIPPED = ("digits", "iris", "wine", "breast_cancer")
_LABEL_COLUMNS = ("label", "target", "class", "y")


class Table(NamedTuple):
    """``rows`` of shape ``(n, features)``; ``labels`` are positions in ``classes``."""

    rows: Floats
    labels: Integers
    classes: Any


class Split(NamedTuple):
    train: Table
    validation: Table


def load_table(path: str) -> Table:
    """A data set by the name of one that is shipped, or from a CSV file, or from a folder of such files.

    In a CSV the labels are the column ``label``, ``target``, ``class`` or ``y``, or else the last one; all
    others are numbers. Rows that lack a value are left out.

    :raises ValueError: there is too little in it, or something that is no finite number.
    :raises FileNotFoundError: there is no such file.
    """
    if path in SHIPPED:
        from sklearn import datasets

        shipped = getattr(datasets, f"load_{path}")()
        rows, labels = shipped.data, shipped.target
    else:
        rows, labels = _read(Path(path).expanduser())
    classes, positions = np.unique(labels, return_inverse=True)
    if len(classes) < 2 or len(rows) < 4:
        found = f"{len(rows)} rows of {len(classes)} classes"
        raise ValueError(f"{path} has {found}; give at least 4 rows of 2 classes")
    return Table(rows.astype(np.float64), positions.reshape(-1).astype(np.int64), classes)


def split(table: Table, share: float, random: np.random.Generator) -> Split:
    """Sets this share of the rows, at least one, aside for validation; both parts are shuffled."""
    order = random.permutation(len(table.rows))
    aside = min(max(1, round(share * len(order))), len(order) - 1)
    validation, train = order[:aside], order[aside:]
    parts = (Table(table.rows[part], table.labels[part], table.classes) for part in (train, validation))
    return Split(*parts)


def _read(path: Path) -> tuple[Any, Any]:
    import pandas as pd

    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} is a folder without any .csv file")
    frame = pd.concat([pd.read_csv(file) for file in files], ignore_index=True).dropna()
    named = [name for name in frame.columns if str(name).strip().lower() in _LABEL_COLUMNS]
    label = named[0] if named else frame.columns[-1]
    features = frame.drop(columns=label)
    texts = [str(name) for name in features.columns if not pd.api.types.is_numeric_dtype(features[name])]
    if texts or features.empty:
        raise ValueError(f"{path} needs columns of numbers beside {label!r}; {', '.join(texts)} are not")
    endless = [str(name) for name in features.columns if not np.isfinite(features[name]).all()]
    if endless:
        raise ValueError(f"{path} has infinite numbers in {', '.join(endless)}; take these rows out")
    labels = frame[label]
    is_text = not pd.api.types.is_numeric_dtype(labels)
    return features.to_numpy(), labels.astype(str).to_numpy(dtype=np.str_) if is_text else labels.to_numpy()
