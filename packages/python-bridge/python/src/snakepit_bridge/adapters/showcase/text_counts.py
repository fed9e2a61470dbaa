"""What can be counted in a text of any language, and how easily English is read."""

from __future__ import annotations

import re
from typing import Any, Optional

_WORD = re.compile("[^\\W_]+(?:['\u2019-][^\\W_]+)*")
#: In European writing with what closes around it; in Chinese and Japanese writing no space follows.
_SENTENCE_END = re.compile("([.!?\u2026][\"'\u201d\u2019)\\]]*(?=\\s)|[\u3002\uff01\uff1f])")
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_VOWELS = re.compile(r"[aeiouy]+")


def words_of(text: str) -> list[str]:
    """Words as they stand: letters and digits of any script, with inner apostrophes and hyphens."""
    return _WORD.findall(text)


def sentences_of(text: str) -> list[str]:
    """Sentences by their punctuation; a text without any is one sentence, a blank one none."""
    parts = _PARAGRAPH_END.split(_SENTENCE_END.sub("\\1\n\n", text))
    return [part.strip() for part in parts if words_of(part)]


def count(text: str) -> dict[str, Any]:
    """Characters, words, sentences, paragraphs, and lengths in characters and words."""
    words, sentences = words_of(text), sentences_of(text)
    return {
        "characters": len(text),
        "words": len(words),
        "unique_words": len({word.casefold() for word in words}),
        "sentences": len(sentences),
        "paragraphs": sum(1 for part in _PARAGRAPH_END.split(text) if part.strip()),
        "average_word_length": sum(map(len, words)) / len(words) if words else 0.0,
        "average_sentence_length": len(words) / len(sentences) if sentences else 0.0,
    }


def syllables(word: str) -> int:
    """Of an English word, by its groups of vowels; at least one."""
    lowered = word.lower()
    groups = len(_VOWELS.findall(lowered))
    silent = lowered.endswith("e") and not lowered.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def readability(text: str) -> Optional[dict[str, float]]:
    """Flesch reading ease (100 is very easy, 0 very hard) and the Flesch-Kincaid school grade.

    None for a text without words. Both are made for English.
    """
    words, sentences = words_of(text), sentences_of(text)
    if not words:
        return None
    per_sentence = len(words) / len(sentences)
    per_word = sum(map(syllables, words)) / len(words)
    return {
        "flesch_reading_ease": 206.835 - 1.015 * per_sentence - 84.6 * per_word,
        "flesch_kincaid_grade": 0.39 * per_sentence + 11.8 * per_word - 15.59,
    }
