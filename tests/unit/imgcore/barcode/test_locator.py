"""Where bars are, and how they lie."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from imgcore.barcode.bars import BarField, find_bars
from imgcore.barcode.cells import cell_levels
from imgcore.barcode.locator import find_candidates
from imgcore.barcode.strips import sample_strips
from imgcore.types import Image
from tests.unit.imgcore.barcode.pictures import placed, random_bars


def fields(page: Image) -> list[BarField]:
    found = (find_bars(page, place) for place in find_candidates(cell_levels(page)))
    return sorted((bars for bars in found if bars), key=lambda bars: -bars.explained)


def overlap(one: Any, other: Any) -> float:
    """Intersection over union."""
    one = np.asarray(one, np.float32)
    other = np.asarray(other, np.float32)
    shared, _ = cv2.intersectConvexConvex(one, other)
    return float(shared / (cv2.contourArea(one) + cv2.contourArea(other) - shared))


def turned(bars: BarField, degrees: float) -> float:
    """Degrees between the field and a code turned so far, whichever way up."""
    return abs((np.degrees(bars.angle) - degrees + 90) % 180 - 90)


@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_bars_are_found_and_straightened_at_any_angle(degrees: int) -> None:
    page, corners = placed(random_bars(degrees), degrees)
    bars = max(fields(page), key=lambda bars: overlap(bars.corners, corners))
    assert overlap(bars.corners, corners) > 0.7
    assert turned(bars, degrees) < 0.5
    assert abs(bars.height - 70) < 6
    assert bars.explained > 0.95


@pytest.mark.parametrize("module", [1, 2, 6, 12])
def test_bars_are_found_however_wide_they_are(module: int) -> None:
    page, corners = placed(random_bars(module, 14, module, 100), 7)
    assert max(overlap(bars.corners, corners) for bars in fields(page)) > 0.5


def test_bars_are_found_in_noise() -> None:
    page, corners = placed(random_bars(5), 30)
    noisy = np.clip(page + np.random.default_rng(1).normal(0, 40, page.shape), 0, 255).astype(np.uint8)
    assert max(overlap(bars.corners, corners) for bars in fields(noisy)) > 0.7


@pytest.mark.parametrize("degrees", [60, 65, 115, 120])
def test_bars_are_told_from_lines_that_run_almost_as_they_do(degrees: int) -> None:
    page, corners = placed(random_bars(degrees), degrees)
    lined = page.copy()
    lined[::24] = 60
    around = cv2.fillConvexPoly(np.zeros_like(page), np.round(corners).astype(np.int32), (1,))
    label = cv2.dilate(around, np.ones((9, 9), np.uint8)) > 0
    lined[label] = page[label]
    assert max(overlap(bars.corners, corners) for bars in fields(lined)) > 0.7


def test_leaning_bars_are_straightened() -> None:
    page, corners = placed(random_bars(3), 10, shear=0.15)
    bars = max(fields(page), key=lambda bars: overlap(bars.corners, corners))
    strips = sample_strips(page, bars).levels
    # Out of step by the lean over most of the height, which is ten pixels, they would have little in common.
    assert np.corrcoef(strips[1], strips[-1])[0, 1] > 0.97


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (20, 20)])
def test_pictures_too_small_hold_nothing(shape: tuple[int, int]) -> None:
    assert find_candidates(cell_levels(np.zeros(shape, np.uint8))) == ()
