"""Vectors for texts, by hashing: nothing is trained or downloaded, and a text always has the same vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

MAX_DIMENSIONS = 65_536
#: Words say more about the meaning, parts of words find inflections and misspellings.
_WORD_SHARE, _PART_SHARE = 0.7, 0.3


def embed(texts: Sequence[str], dimensions: int = 384) -> npt.NDArray[np.float32]:
    """One row of length 1 for each text: shape ``(len(texts), dimensions)``, float32.

    Words and their parts of 3 to 5 letters are hashed, with signs, straight into the dimensions, which keeps
    the angles between texts on average; more dimensions, less noise. A text without a word is a row of zeros.

    :raises ValueError: no texts, or dimensions that are not between 1 and 65,536.
    """
    if not texts:
        raise ValueError("texts is empty; give at least one")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise ValueError(f"dimensions is {dimensions}; give 1 to {MAX_DIMENSIONS}")
    words = HashingVectorizer(n_features=dimensions, stop_words="english", norm="l2")
    parts = HashingVectorizer(n_features=dimensions, analyzer="char_wb", ngram_range=(3, 5), norm="l2")
    mixed = _WORD_SHARE * words.transform(texts) + _PART_SHARE * parts.transform(texts)
    rows: npt.NDArray[np.float32] = normalize(mixed).toarray().astype(np.float32)
    return rows
