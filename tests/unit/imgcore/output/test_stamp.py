"""Stamps: print below them shows through, and they lie where they were placed."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.ImageFont
import pytest

from imgcore.output.stamp import Stamp, draw_stamps, text_stamp
from imgcore.types import Image

RED = (0, 0, 200)
WHITE = 255


def paper(*shape: int) -> Image:
    return np.full(shape, WHITE, np.uint8)


def red_square() -> Image:
    """A stamp that is ink all over."""
    return np.full((40, 40, 3), RED, np.uint8)


def test_print_below_a_stamp_shows_through() -> None:
    page = paper(200, 300, 3)
    page[90:110] = 0
    stamped = draw_stamps(page, [Stamp(red_square(), 50, 60, 80, 80)])
    assert np.all(stamped[92:108, 52:128] == 0)
    assert np.all(stamped[65:85, 55:125] == RED)


def test_the_white_of_a_stamp_is_no_ink() -> None:
    page = np.random.default_rng(1).integers(0, 256, (100, 100, 3), np.uint8)
    assert np.array_equal(draw_stamps(page, [Stamp(paper(40, 40, 3), 10, 10, 60, 60, 12)]), page)


def test_the_page_that_was_given_stays_as_it_is() -> None:
    page = paper(100, 100, 3)
    draw_stamps(page, [Stamp(red_square(), 10, 10, 30, 30)])
    assert page.min() == WHITE


@pytest.mark.parametrize("angle", [0, 90, -90, 180])
def test_a_stamp_turns_around_its_middle(angle: float) -> None:
    mark = paper(40, 80, 3)
    mark[:, :40] = 0
    dark = draw_stamps(paper(200, 200, 3), [Stamp(mark, 60, 80, 80, 40, angle)])[:, :, 0] < 128
    rows, cols = np.nonzero(dark)
    # The dark half lies to the left; counter-clockwise it goes down, then right.
    middle = {0: (80, 100), 90: (100, 120), -90: (100, 80), 180: (120, 100)}[angle]
    assert (cols.mean(), rows.mean()) == pytest.approx(middle, abs=1)


def test_a_stamp_that_reaches_over_the_rim_is_cut() -> None:
    stamped = draw_stamps(paper(50, 50, 3), [Stamp(red_square(), -20, -20, 40, 40)])
    assert np.all(stamped[:18, :18] == RED) and np.all(stamped[22:, 22:] == WHITE)


def test_a_stamp_beyond_the_page_changes_nothing() -> None:
    assert draw_stamps(paper(50, 50, 3), [Stamp(red_square(), 200, 10, 40, 40)]).min() == WHITE


def test_a_grey_page_becomes_coloured_below_a_coloured_stamp() -> None:
    page = np.full((60, 60), 200, np.uint8)
    stamped = draw_stamps(page, [Stamp(red_square(), 0, 0, 30, 30)])
    assert stamped.shape == (60, 60, 3)
    assert draw_stamps(page, [Stamp(page[:20, :20], 0, 0, 30, 30)]).shape == (60, 60)


def test_a_page_of_black_and_white_stays_so() -> None:
    page = paper(60, 60)
    page[:, :3] = 0
    stamped = draw_stamps(page, [Stamp(red_square(), 20, 20, 30, 30, 15)])
    assert stamped.ndim == 2
    assert set(np.unique(stamped)) == {0, WHITE}
    assert stamped[35, 35] == 0


def test_a_text_has_its_frame_and_its_colour() -> None:
    picture = text_stamp("COPY\n2026", PIL.ImageFont.load_default, RED)
    rows, cols = picture.shape[:2]
    assert tuple(picture[rows // 2, 2]) == RED
    assert tuple(picture[0, 0]) == (WHITE,) * 3
    inner = picture[20:-20, 20:-20]
    ink = np.argwhere(inner.min(axis=2) < 128)
    # As far from the frame above as below, and on either side.
    above, left = ink.min(axis=0)
    below, right = np.array(inner.shape[:2]) - 1 - ink.max(axis=0)
    assert abs(int(above) - int(below)) <= 6 and abs(int(left) - int(right)) <= 6
    assert cols > rows


def test_a_large_picture_is_averaged_not_sampled() -> None:
    fine = np.where(np.arange(800) % 2, 0, WHITE).astype(np.uint8)[None].repeat(400, axis=0)
    stamped = draw_stamps(np.full((60, 120), 254, np.uint8), [Stamp(fine, 10, 10, 80, 40)])
    inside = cv2.erode(stamped[15:45, 15:85], None)
    assert 100 < inside.mean() < 150
