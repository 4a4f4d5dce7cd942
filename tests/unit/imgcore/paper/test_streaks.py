"""Streaks of a dirty glass: lines from the first row to the last, and no print."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.paper.streaks import find_streaks
from imgcore.types import Image
from tests.unit.imgcore.sheets import Sheet

DOTS = 150


@pytest.fixture(scope="module")
def page() -> Image:
    """Paper with print."""
    image = Sheet(DOTS).scanned()
    rng = np.random.default_rng(3)
    for row in range(150, image.shape[0] - 150, 30):
        for column in range(120, image.shape[1] - 120, 14):
            if rng.random() < 0.7:
                image[row : row + 12, column : column + 8] = 40
    return image


@pytest.mark.parametrize("level", [-60, -25, 9])
@pytest.mark.parametrize("width", [1, 3])
def test_a_streak_is_found_where_it_is(page: Image, level: int, width: int) -> None:
    column = 431
    dirty = page.astype(np.int16)
    dirty[:, column : column + width] += level
    found = find_streaks(np.clip(dirty, 0, 255).astype(np.uint8))
    # A light streak on white paper is seen on grey paper alone.
    assert len(found) == (level < 0)
    assert all(abs(place * page.shape[1] - column - width / 2) < 2 for place in found)


def test_print_is_no_streak(page: Image) -> None:
    assert find_streaks(page) == ()
    framed = page.copy()
    framed[60:-60, 200:203] = 0
    assert find_streaks(framed) == (), "a frame ends before the edges of the sheet"
    ruled = page.copy()
    ruled[:, 200:203] = (90, 90, 230)
    assert find_streaks(ruled) == (), "a ruled margin is coloured"
    lying = page.copy()
    lying[:, 900:] = 60
    assert find_streaks(lying) == (), "beyond the sheet lies the scanner's ground"


def test_a_strip_is_too_small() -> None:
    assert find_streaks(np.full((20, 500, 3), 200, np.uint8)) == ()
