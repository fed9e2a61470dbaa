"""Recognizes handwritten digits, or whatever a saved network was trained for."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from PIL import Image

from snakepit_bridge.adapters.showcase.extra import extra
from snakepit_bridge.adapters.showcase.images import open_image
from snakepit_bridge.adapters.showcase.network import Floats, Network

_SIDE = 8
#: The brightest pixel of the digits that the model has learned from.
_BRIGHTEST = 16


@functools.lru_cache(maxsize=1)
def digits_model() -> Network:
    """A logistic regression over the 1,797 handwritten digits that scikit-learn ships; trained once."""
    # Half a second of imports that a model of one's own does not need.
    with extra():
        from sklearn.datasets import load_digits
        from sklearn.linear_model import LogisticRegression

    digits = load_digits()
    learned = LogisticRegression(max_iter=1000).fit(digits.data / _BRIGHTEST, digits.target)
    parameters = np.concatenate([learned.coef_.T.reshape(-1), learned.intercept_])
    features, classes = _SIDE * _SIDE, learned.classes_
    mean, scale = np.zeros(features), np.full(features, float(_BRIGHTEST))
    return Network((features, len(classes)), parameters, classes, mean, scale)


def as_row(item: Any, features: int) -> Floats:
    """What a model reads of an item, as one row.

    An item is a vector of ``features`` numbers; or for a model of 64 features an 8 by 8 array of 0 to 16 (ink
    is bright), a larger array of pixels 0 to 255, grey or RGB, or the path or bytes of an image file.

    :raises ValueError: it is none of these.
    :raises FileNotFoundError: there is no such file.
    """
    if isinstance(item, (str, bytes)):
        return _shrunk(open_image(item), features)
    try:
        array = np.asarray(item, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("an item is a path, the bytes of an image, or an array of numbers") from None
    if not np.isfinite(array).all():
        raise ValueError("an item holds a number that is not finite")
    if array.size == features and array.shape in ((features,), (_SIDE, _SIDE)):
        return array.reshape(1, -1)
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3):
        return _shrunk(Image.fromarray(np.clip(array, 0, 255).astype(np.uint8)), features)
    raise ValueError(f"an array of shape {array.shape}; give {features} numbers, or pixels")


def predict(model: Network, item: Any) -> tuple[Any, float]:
    """The likeliest class, and its probability."""
    probabilities = model.probabilities(as_row(item, model.sizes[0]))[0]
    best = int(probabilities.argmax())
    return model.classes[best].item(), float(probabilities[best])


def _shrunk(image: Image.Image, features: int) -> Floats:
    if features != _SIDE * _SIDE:
        raise ValueError(f"this model takes {features} numbers for an item, not pictures")
    grey = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    row: Floats = np.array(grey, dtype=np.float64).reshape(1, -1) * (_BRIGHTEST / 255)
    return row
