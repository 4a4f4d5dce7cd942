"""Insets: where they lie, how large they are, and that they take the colours of their picture."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.output.finish import AS_MADE, ColourMode, OutputSettings, finish
from imgcore.output.inset import Inset, draw_inset
from imgcore.output.watermark import is_bilevel
from imgcore.types import Image

WHITE = 255
RED = (40, 40, 200)


def page(rows: int = 900, cols: int = 1200, channels: int = 3) -> Image:
    return np.full((rows, cols, channels) if channels > 1 else (rows, cols), WHITE, np.uint8)


def second(rows: int = 480, cols: int = 640) -> Image:
    return np.full((rows, cols, 3), RED, np.uint8)


def box(before: Image, after: Image) -> tuple[int, int, int, int]:
    """Left, top, width and height of what has changed."""
    changed = (before != after).reshape(*before.shape[:2], -1).any(axis=2)
    rows, cols = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    return int(cols[0]), int(rows[0]), int(np.ptp(cols)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize("corner", range(4))
def test_it_lies_in_its_corner_with_a_margin(corner: int) -> None:
    image = page()
    left, top, width, height = box(image, draw_inset(image, Inset(second(), corner, 25)))
    right = 1200 - left - width
    bottom = 900 - top - height
    assert ({top, bottom}, {left, right}) >= ({18}, {18})
    assert (left < right, top < bottom) == (corner in (0, 2), corner in (0, 1))
    assert abs(width - 300) <= 4
    assert abs(width / height - 4 / 3) < 0.02


@pytest.mark.parametrize("share", [5, 25, 50])
def test_its_width_is_a_share_of_the_pictures(share: float) -> None:
    image = page()
    _, _, width, _ = box(image, draw_inset(image, Inset(second(), 3, share)))
    assert abs(width - 12 * share) <= 4


def test_a_tall_one_is_at_most_half_as_high_as_the_picture() -> None:
    image = page(400, 1600)
    _, _, width, height = box(image, draw_inset(image, Inset(second(640, 480), 3, 50)))
    assert abs(height - 200) <= 3
    assert abs(width / height - 3 / 4) < 0.02


def test_the_picture_given_stays_as_it_was() -> None:
    image = page()
    draw_inset(image, Inset(second(), 3, 25))
    assert (image == WHITE).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("rows", [480, 64])
def test_it_is_in_the_colours_of_its_picture(channels: int, rows: int) -> None:
    image = np.full_like(page(channels=channels), 200)
    for given in (second(rows, rows * 4 // 3), second(rows, rows * 4 // 3)[:, :, 0].copy()):
        made = draw_inset(image, Inset(given, 3, 25))
        assert made.shape == image.shape
        assert made.dtype == np.uint8
    middle = draw_inset(image, Inset(second(), 3, 25))[770, 1030]
    assert np.array_equal(middle, RED if channels == 3 else 88)


def test_pure_black_and_white_stays_so() -> None:
    grey = np.tile(np.linspace(0, 255, 640).astype(np.uint8), (480, 1))
    made = draw_inset(page(channels=1), Inset(grey, 3, 50))
    assert is_bilevel(made)
    # Dithered: its darkness is that of the picture, not of two halves.
    thirds = np.array_split(made[600:850, 600:1170], 3, axis=1)
    assert [round(float(part.mean()) / 64) for part in thirds] == [1, 2, 3]


def test_a_picture_of_a_pixel_takes_it() -> None:
    for size in ((1, 1), (1, 50), (50, 1)):
        assert draw_inset(page(*size), Inset(second(), 3, 25)).shape[:2] == size


@pytest.mark.parametrize("mode", ColourMode)
def test_finishing_draws_it_in_the_colours_that_are_asked_for(mode: ColourMode) -> None:
    image = page()
    image[:300] = 200
    settings = OutputSettings(colour_mode=mode)
    plain, made = (finish(image, settings, None, inset) for inset in (None, Inset(second(), 3, 25)))
    assert made.shape == plain.shape
    assert (made != plain).any()
    assert is_bilevel(made) == (mode is ColourMode.BLACK_WHITE)
    assert finish(image, AS_MADE, None) is image
