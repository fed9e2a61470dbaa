"""Facts about pictures, and their pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Union

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

#: A path, or the bytes of an image file.
Source = Union[str, bytes]
#: How many levels of brightness share a bin of the histogram.
_BIN = 16
_HASH_SIDE = 8


def open_image(source: Source) -> Image.Image:
    """Reads the whole picture and turns it the way its camera was held.

    :raises ValueError: it is no picture.
    :raises FileNotFoundError: there is no such file.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else Path(source).expanduser()
    try:
        with Image.open(file) as image:
            turned = ImageOps.exif_transpose(image)
            turned.format = image.format
            turned.load()
            return turned
    except UnidentifiedImageError:
        name = "the bytes given" if isinstance(source, bytes) else repr(source)
        raise ValueError(f"{name} is no image that can be read; give a PNG or JPEG file") from None


def pixels(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Red, green and blue, each 0 to 255: shape ``(height, width, 3)``."""
    return np.array(image.convert("RGB"), dtype=np.uint8)


def histogram(rgb: npt.NDArray[np.uint8]) -> dict[str, list[int]]:
    """For each colour the number of pixels in 16 equal ranges of brightness, dark first."""
    colours = ("red", "green", "blue")
    return {
        colour: np.bincount(rgb[:, :, index].reshape(-1) // _BIN, minlength=256 // _BIN).tolist()
        for index, colour in enumerate(colours)
    }


def perceptual_hash(image: Image.Image) -> str:
    """16 hex digits that differ in few bits for pictures that look alike.

    Each bit says whether one cell of an 8 by 8 grid is darker than its right neighbour.
    """
    small = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.LANCZOS)
    grey = np.array(small, dtype=np.int16)
    return np.packbits(grey[:, :-1] < grey[:, 1:]).tobytes().hex()


def describe(source: Source, with_pixels: bool = False) -> dict[str, Any]:
    """What is known of one picture; with its pixels as ``tensor``, uint8 of shape ``(height, width, 3)``.

    ``mean_color`` and ``histogram`` are of red, green and blue, 0 to 255.
    """
    image = open_image(source)
    rgb = pixels(image)
    facts = {
        "image": source if isinstance(source, str) else None,
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
        "format": image.format,
        "mean_color": rgb.reshape(-1, 3).mean(axis=0).tolist(),
        "histogram": histogram(rgb),
        "perceptual_hash": perceptual_hash(image),
    }
    return {**facts, "tensor": rgb} if with_pixels else facts
