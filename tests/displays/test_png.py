"""Pixels packed as PNG come out as they went in."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from oncohort.displays.figures.png import png


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (40, 301)])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels(size: tuple[int, int], channels: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*size, channels), dtype=np.uint8)
    image = Image.open(io.BytesIO(png(pixels, 300)))
    image.verify()
    image = Image.open(io.BytesIO(png(pixels, 300)))
    assert image.mode == "RGB"
    assert image.size == size[::-1]
    assert [round(d) for d in image.info["dpi"]] == [300, 300]
    assert np.array_equal(np.asarray(image), pixels[:, :, :3])


def test_a_part_of_a_larger_picture() -> None:
    pixels = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)[::2, 1:5]
    image = Image.open(io.BytesIO(png(pixels, 72)))
    assert np.array_equal(np.asarray(image), pixels[:, :, :3])
