"""Which libraries several threads may use at once."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Library(NamedTuple):
    """What is known of a library."""

    name: str
    #: The names of its top-level packages.
    packages: tuple[str, ...]
    safe: bool
    advice: str


_LIBRARIES = (
    Library("NumPy", ("numpy",), True, "Share arrays that are only read; guard those you write to."),
    Library("PyTorch", ("torch",), True, "Share models for inference; torch.set_num_threads(1)."),
    Library("TensorFlow", ("tensorflow",), True, "Share models for inference; build them in one thread."),
    Library("scikit-learn", ("sklearn",), True, "Share what is fitted; fit in one thread."),
    Library("XGBoost", ("xgboost",), True, "Prediction may be shared; train with one Booster per thread."),
    Library("Transformers", ("transformers",), True, "Share models; use one tokenizer per thread."),
    Library("Requests", ("requests",), True, "Use one Session per thread."),
    Library("Polars", ("polars",), True, "Brings threads of its own; data frames are immutable."),
    Library("pandas", ("pandas",), False, "Use a lock, a copy per thread, or processes."),
    Library("Matplotlib", ("matplotlib", "pylab"), False, "Use the Agg backend, and a lock for figures."),
    Library("sqlite3", ("sqlite3", "_sqlite3"), False, "Use one connection per thread."),
)
_BY_NAME = {name.lower(): library for library in _LIBRARIES for name in (library.name, *library.packages)}


def find_library(name: str) -> Optional[Library]:
    """By its own name or that of one of its modules; None: nothing is known."""
    return _BY_NAME.get(name.lower()) or _BY_NAME.get(name.lower().partition(".")[0])
