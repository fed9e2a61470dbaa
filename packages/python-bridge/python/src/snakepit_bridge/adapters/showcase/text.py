"""Sentiment and keywords of a text."""

from __future__ import annotations

import functools
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from snakepit_bridge.adapters.showcase.text_counts import count, readability, sentences_of

#: From here on VADER's authors call a compound score positive or negative.
_CLEAR = 0.05
_MAX_KEYWORDS = 10


@functools.lru_cache(maxsize=1)
def _analyzer() -> Any:
    return SentimentIntensityAnalyzer()


def sentiment(text: str) -> dict[str, Any]:
    """By VADER's English lexicon: ``compound`` from -1 to 1, the shares ``positive``, ``neutral`` and
    ``negative``, and as ``label`` one of these three words.
    """
    scores = _analyzer().polarity_scores(text)
    compound = scores["compound"]
    label = "positive" if compound >= _CLEAR else "negative" if compound <= -_CLEAR else "neutral"
    return {
        "label": label,
        "compound": compound,
        "positive": scores["pos"],
        "neutral": scores["neu"],
        "negative": scores["neg"],
    }


def keywords(text: str, limit: int = _MAX_KEYWORDS) -> list[dict[str, Any]]:
    """The terms with the highest TF-IDF, summed over sentences, best first; English stop words left out."""
    sentences = sentences_of(text)
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    try:
        weights = vectorizer.fit_transform(sentences)
    except ValueError:
        # Nothing but stop words.
        return []
    terms, scores = vectorizer.get_feature_names_out().tolist(), weights.sum(axis=0).tolist()[0]
    ranked = sorted(zip(terms, scores), key=lambda pair: (-pair[1], pair[0]))
    return [{"term": term, "score": score} for term, score in ranked[:limit]]


def analyze(text: str) -> dict[str, Any]:
    """``sentiment``, ``keywords``, ``readability`` (None without words) and ``counts`` of a text."""
    return {
        "sentiment": sentiment(text),
        "keywords": keywords(text),
        "readability": readability(text),
        "counts": count(text),
    }
