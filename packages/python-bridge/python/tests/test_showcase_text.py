"""Texts: counts, sentiment, keywords and embeddings."""

from __future__ import annotations

import pytest

from snakepit_bridge.adapters.showcase.text_counts import (
    count,
    readability,
    sentences_of,
    syllables,
    words_of,
)


def test_words_and_sentences() -> None:
    assert words_of("It's a well-known fact: 3 cats_dogs!") == [
        "It's",
        "a",
        "well-known",
        "fact",
        "3",
        "cats",
        "dogs",
    ]
    assert words_of("Grüße aus Köln, Привет мир") == ["Grüße", "aus", "Köln", "Привет", "мир"]
    assert sentences_of("One. Two? “Three!” Four\n\nFive") == ["One.", "Two?", "“Three!”", "Four", "Five"]
    assert len(sentences_of("\u4f60\u597d\u3002\u518d\u89c1\u3002")) == 2
    assert sentences_of(" \n ... ") == []


def test_counts() -> None:
    assert count("The cat. The dog sat.\n\nEnd") == {
        "characters": 26,
        "words": 6,
        "unique_words": 5,
        "sentences": 3,
        "paragraphs": 2,
        "average_word_length": 3.0,
        "average_sentence_length": 2.0,
    }
    assert count("")["words"] == 0 and count("")["average_word_length"] == 0.0


def test_readability() -> None:
    assert [syllables(word) for word in ("cat", "table", "make", "banana", "tree", "rhythm")] == [
        1,
        2,
        1,
        3,
        1,
        1,
    ]
    # 6 words of one syllable in one sentence.
    found = readability("The cat sat on the mat.")
    assert found is not None
    assert found["flesch_reading_ease"] == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert found["flesch_kincaid_grade"] == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert readability("...") is None


def test_sentiment_and_keywords() -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("vaderSentiment")
    from snakepit_bridge.adapters.showcase.text import analyze, keywords, sentiment

    assert sentiment("I love this, it is wonderful!")["label"] == "positive"
    assert sentiment("A terrible, horrible failure.")["label"] == "negative"
    assert sentiment("The table has four legs.")["label"] == "neutral"
    found = keywords("The engine is loud. An engine needs oil. The engine and the wheel.")
    assert found[0]["term"] == "engine"
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    assert "the" not in {each["term"] for each in found}
    assert keywords("the of and") == keywords("") == []
    assert set(analyze("Fine.")) == {"sentiment", "keywords", "readability", "counts"}


def test_embeddings() -> None:
    np = pytest.importorskip("numpy")
    pytest.importorskip("sklearn")
    from snakepit_bridge.adapters.showcase.embeddings import embed

    texts = [
        "The cat sat on the mat",
        "A cat is sitting on a mat",
        "Stock prices fell sharply today",
        "Share prices are falling today",
        "",
    ]
    rows = embed(texts)
    assert rows.shape == (5, 384) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 1, 0], abs=1e-6)
    assert (rows == embed(texts)).all()
    cosines = rows @ rows.T
    assert min(cosines[0, 1], cosines[2, 3]) > 0.3
    assert max(cosines[0, 2], cosines[0, 3], cosines[1, 2], cosines[1, 3]) < 0.2
    assert embed(["one"], 7).shape == (1, 7)
    for wrong, dimensions in ([], 384), (["x"], 0), (["x"], 10**6):
        with pytest.raises(ValueError, match="give"):
            embed(wrong, dimensions)
