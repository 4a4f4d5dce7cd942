"""Outlines are drawn in green, where they are, on a copy."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.overlay import GREEN, draw_line, draw_outlines, draw_rect
from imgcore.settings import Rect
from imgcore.types import Image, Outline


def is_green(pixel: Image) -> bool:
    """Lines of one pixel are smoothed: not all of the green is on one."""
    return pixel[1] > 200 and not pixel[[0, 2]].any()


SQUARE = np.array([(20, 20), (80, 20), (80, 60), (20, 60)], np.float32)


@pytest.mark.parametrize("shape", [(100, 120), (100, 120, 3)])
def test_the_line_is_green_on_the_corners_and_nowhere_else(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 90, np.uint8)
    drawn = draw_outlines(picture, [Outline(SQUARE, 1.0)], thickness=2)
    assert drawn.shape == (100, 120, 3)
    for x, y in SQUARE.astype(int):
        assert tuple(drawn[y, x]) == GREEN
    changed = np.argwhere((drawn != 90).any(axis=2))
    assert changed.min(axis=0).tolist() >= [17, 17]
    assert changed.max(axis=0).tolist() <= [63, 83]
    assert (drawn[25:55, 25:75] == 90).all()
    assert (picture == 90).all()


def test_no_outline_leaves_a_copy() -> None:
    picture = np.full((10, 10, 3), 7, np.uint8)
    drawn = draw_outlines(picture, [])
    np.testing.assert_array_equal(drawn, picture)
    assert not np.shares_memory(drawn, picture)


def test_a_rectangle_is_drawn_on_its_outermost_pixels() -> None:
    drawn = draw_rect(np.zeros((50, 50, 3), np.uint8), Rect(10, 5, 40, 30), thickness=1)
    assert all(is_green(drawn[row, col]) for row, col in ((5, 20), (29, 20), (15, 10), (15, 39)))


def test_an_open_line_stays_open() -> None:
    drawn = draw_line(np.zeros((50, 50, 3), np.uint8), SQUARE[:3] / 2, thickness=1)
    assert is_green(drawn[10, 25])
    assert not drawn[30, 12:38].any()


@pytest.mark.parametrize("far", [1e4, 1e9, -1e9])
def test_corners_far_outside_do_no_harm(far: float) -> None:
    corners = SQUARE + np.array([far, 0], np.float32) * np.array([[0], [1], [1], [0]], np.float32)
    assert draw_outlines(np.zeros((100, 120), np.uint8), [Outline(corners, 1.0)]).shape == (100, 120, 3)
