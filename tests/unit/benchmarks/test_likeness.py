"""The measures of the benchmarks say what their papers define."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.binarization_metrics import score
from benchmarks.quality.pages import ms_ssim
from imgcore.types import Image


def flat(level: int) -> Image:
    return np.full((256, 320), level, np.uint8)


def test_the_same_picture_is_wholly_alike() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (256, 320), np.uint8)
    assert ms_ssim(noise, noise) == pytest.approx(1)


def test_brightness_counts_on_the_coarsest_scale_only() -> None:
    small = (0.01 * 255) ** 2
    luminance = (2 * 100 * 160 + small) / (100**2 + 160**2 + small)
    assert ms_ssim(flat(100), flat(160)) == pytest.approx(luminance**0.1333)


def test_structure_counts_on_every_scale() -> None:
    random = np.random.default_rng(1)
    first, second = (random.integers(0, 256, (256, 320), np.uint8) for _ in range(2))
    assert ms_ssim(first, second) < 0.1


@pytest.mark.long
def test_a_wrong_pixel_in_a_hundred_is_twenty_decibels() -> None:
    marked = np.zeros((40, 50), bool)
    marked[10:20, 10:40] = True
    found = marked.copy()
    found[10, 10:30] = False
    scores = score(found, marked)
    assert scores.psnr == pytest.approx(20)
    assert scores.f == pytest.approx(100 * 2 * 280 / (280 + 300))
    # Nothing of the strokes' middle is missing.
    assert scores.pseudo_f == pytest.approx(100)
