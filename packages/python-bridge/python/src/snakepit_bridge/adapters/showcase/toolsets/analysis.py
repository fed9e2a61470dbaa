"""Tools that analyze texts and pictures."""

from __future__ import annotations

import logging
from typing import Any, Optional, Union

from snakepit_bridge.adapters.showcase.extra import extra
from snakepit_bridge.tools import tool

_log = logging.getLogger(__name__)
_HASHING = "hashing"


class AnalysisTools:
    """Their libraries are imported when the first of them is called."""

    @tool
    def ml_analyze_text(self, text: str) -> dict[str, Any]:
        """Sentiment, keywords, readability and counts of a text.

        :returns: ``sentiment {label, compound, positive, neutral, negative}``, ``keywords [{term, score}]``,
            ``readability {flesch_reading_ease, flesch_kincaid_grade}`` (None without words), and ``counts``.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.text import analyze
        return analyze(text)

    @tool
    def generate_embeddings(
        self, texts: list[str], dimensions: int = 384, model: Optional[str] = None
    ) -> Any:
        """Embed texts, by hashed words and parts of words: similar texts have vectors of a small angle.

        :param model: there is one, ``hashing``. For any other name it is used as well; the log warns.
        :returns: a float32 tensor of shape ``(len(texts), dimensions)``, rows of length 1.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.embeddings import embed
        if model not in (None, _HASHING):
            _log.warning("generate_embeddings does not load the model %r; it used %r", model, _HASHING)
        return embed(texts, dimensions)

    @tool
    def process_images(self, images: list[Union[str, bytes]], return_tensors: bool = False) -> dict[str, Any]:
        """Describe pictures.

        :param images: paths, or the bytes of image files.
        :param return_tensors: give the pixels, too: ``tensor``, uint8 of shape ``(height, width, 3)``.
        :returns: ``processed``, their number, and ``results``: for each ``image`` (its path), ``width``,
            ``height``, ``mode``, ``format``, ``mean_color``, ``histogram`` and ``perceptual_hash``.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.images import describe
        if not images:
            raise ValueError("images is empty; give at least one path")
        return {"processed": len(images), "results": [describe(image, return_tensors) for image in images]}
