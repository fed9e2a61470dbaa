"""Real pictures: two photographs, and drawn ones whose values are known."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

Image: Any = pytest.importorskip("PIL.Image")
np: Any = pytest.importorskip("numpy")

from snakepit_bridge.adapters.showcase.images import describe, open_image, perceptual_hash  # noqa: E402


def distance(one: str, other: str) -> int:
    return bin(int(one, 16) ^ int(other, 16)).count("1")


def test_known_colours(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    image = Image.new("RGB", (4, 2), (255, 0, 16))
    image.paste((0, 0, 0), (0, 0, 2, 2))
    image.save(path)
    facts = describe(str(path), with_pixels=True)
    assert {name: facts[name] for name in ("image", "width", "height", "mode", "format")} == {
        "image": str(path),
        "width": 4,
        "height": 2,
        "mode": "RGB",
        "format": "PNG",
    }
    assert facts["mean_color"] == [127.5, 0.0, 8.0]
    assert facts["histogram"]["red"] == [4, *[0] * 14, 4]
    assert facts["histogram"]["green"] == [8, *[0] * 15]
    assert facts["histogram"]["blue"] == [4, 4, *[0] * 14]
    assert facts["tensor"].shape == (2, 4, 3) and facts["tensor"].dtype == np.uint8
    assert facts["tensor"][0, 3].tolist() == [255, 0, 16]
    assert "tensor" not in describe(str(path))


def test_photographs_that_look_alike() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    folder = Path(datasets.__file__).parent / "images"
    china, flower = open_image(str(folder / "china.jpg")), open_image(str(folder / "flower.jpg"))
    small = china.resize((200, 133)).convert("L")
    assert distance(perceptual_hash(china), perceptual_hash(small)) <= 6
    assert distance(perceptual_hash(china), perceptual_hash(flower)) >= 16
    facts = describe(str(folder / "china.jpg"))
    assert (facts["width"], facts["height"], facts["format"]) == (640, 427, "JPEG")
    assert all(sum(counts) == 640 * 427 for counts in facts["histogram"].values())


def test_bytes_and_the_way_the_camera_was_held() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    Image.new("RGB", (4, 2)).save(buffer, "JPEG", exif=exif)
    facts = describe(buffer.getvalue())
    assert (facts["image"], facts["width"], facts["height"]) == (None, 2, 4)


def test_mistakes(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match="is no image that can be read"):
        describe(str(tmp_path / "text.png"))
    with pytest.raises(FileNotFoundError):
        describe(str(tmp_path / "nothing.png"))
