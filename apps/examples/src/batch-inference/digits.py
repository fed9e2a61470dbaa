"""The showcase, and the handwritten digits that scikit-learn ships."""

from __future__ import annotations

from typing import Any

from sklearn.datasets import load_digits

from snakepit_bridge import tool
from snakepit_bridge.adapters.showcase import ShowcaseAdapter


class Digits(ShowcaseAdapter):
    @tool
    def samples(self, count: int) -> dict[str, Any]:
        """Pictures of 8 by 8 pixels, 0 (paper) to 16 (ink), and what their writers had meant."""
        digits = load_digits()
        return {"pictures": digits.images[-count:], "labels": digits.target[-count:].tolist()}
