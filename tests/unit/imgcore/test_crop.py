"""A crop shows the sheet straight from above, in its own proportions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.crop import completed, crop, crop_rect
from imgcore.settings import Rect
from imgcore.types import Image, ImageError, Points
from tests.fakes.paper import desk, laid, sheet, turned


def whole(picture: Image) -> Points:
    rows, cols = picture.shape[:2]
    return np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32) - np.float32(0.5)


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (1, 1), (1, 40, 3), (40, 1)])
def test_the_whole_picture_comes_back_pixel_by_pixel(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(crop(picture, whole(picture)), picture)


@given(st.integers(0, 30), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=40)
def test_an_upright_outline_copies_pixels(left: int, top: int, width: int, height: int) -> None:
    picture = np.arange(40 * 50, dtype=np.uint32).astype(np.uint8).reshape(40, 50)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    cut = crop(picture, (corners + np.array([left, top]) - 0.5).astype(np.float32))
    np.testing.assert_array_equal(cut, picture[top : top + height, left : left + width])


@pytest.mark.parametrize("degrees", [0.0, 3.0, -20.0, 60.0, 90.0, 180.0])
def test_a_turned_sheet_comes_back_upright(degrees: float) -> None:
    paper = sheet(200, 282)
    corners = turned(200, 282, (320, 240), degrees)
    cut = crop(laid(paper, corners, desk()), corners.astype(np.float32))
    assert abs(cut.shape[0] - 282) <= 1
    assert abs(cut.shape[1] - 200) <= 1
    assert np.abs(cut[:280, :198].astype(int) - paper[:280, :198]).mean() < 12


@given(st.floats(0.4, 2.5), st.floats(-35, 35), st.floats(-35, 35), st.floats(-180, 180))
@settings(max_examples=60)
def test_the_aspect_is_the_sheets_own_under_any_tilt(
    aspect: float, pitch: float, yaw: float, roll: float
) -> None:
    quad = seen(aspect, pitch, yaw, roll)
    rows, cols = crop(np.zeros((1000, 1400), np.uint8), quad).shape
    assert cols / rows == pytest.approx(aspect, rel=0.06)


def seen(aspect: float, pitch: float, yaw: float, roll: float) -> Points:
    """A rectangle as a camera with the usual lens sees it, in 1400 x 1000."""
    angles = np.radians([pitch, yaw, roll])
    (a, b, c) = np.cos(angles)
    (d, e, f) = np.sin(angles)
    turn = np.array([(c, -f, 0), (f, c, 0), (0, 0, 1)])
    turn = np.array([(b, 0, e), (0, 1, 0), (-e, 0, b)]) @ np.array([(1, 0, 0), (0, a, -d), (0, d, a)]) @ turn
    flat = np.array([(-aspect, -1, 0), (aspect, -1, 0), (aspect, 1, 0), (-aspect, 1, 0)]) / np.hypot(
        aspect, 1
    )
    space = flat @ turn.T + (0, 0, 4)
    focal = 0.9 * np.hypot(1400, 1000)
    points = space[:, :2] / space[:, 2:] * focal + (699.5, 499.5)
    return np.ascontiguousarray(points, np.float32)


def test_what_lies_outside_is_filled_as_asked() -> None:
    picture = np.full((40, 40, 3), 100, np.uint8)
    corners = np.array([(-20.3, 5), (30, 6), (30, 30), (-20, 31)], np.float32)
    assert (crop(picture, corners)[:, :5] == 100).all()


BAD = {
    "crossed": [(0, 0), (10, 10), (10, 0), (0, 10)],
    "counter-clockwise": [(0, 0), (0, 10), (10, 10), (10, 0)],
    "a line": [(0, 0), (5, 0), (10, 0), (15, 0)],
    "a point": [(3, 3)] * 4,
    "three": [(0, 0), (10, 0), (10, 10)],
    "not a number": [(0, 0), (10, 0), (float("nan"), 10), (0, 10)],
    "endless": [(0, 0), (float("inf"), 0), (10, 10), (0, 10)],
    "concave": [(0, 0), (10, 0), (2, 2), (0, 10)],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_outlines_are_refused(name: str) -> None:
    with pytest.raises(ImageError):
        crop(np.zeros((20, 20), np.uint8), np.array(BAD[name], np.float32))


def test_a_rectangle_is_clamped_to_the_picture_and_copied() -> None:
    picture = np.arange(100, dtype=np.uint8).reshape(10, 10)
    cut = crop_rect(picture, Rect(-5, 4, 3, 90))
    np.testing.assert_array_equal(cut, picture[4:, :3])
    cut[:] = 0
    assert picture[9, 2] == 92


@pytest.mark.parametrize("rect", [Rect(10, 0, 20, 5), Rect(5, 5, 5, 9), Rect(8, 2, 3, 9), Rect(0, -9, 9, 0)])
def test_an_empty_rectangle_is_refused(rect: Rect) -> None:
    with pytest.raises(ImageError):
        crop_rect(np.zeros((10, 10), np.uint8), rect)


@pytest.mark.parametrize("degrees", [-35.0, 20.0, 35.0])
@pytest.mark.parametrize("first", range(4))
def test_a_sheet_that_the_border_cuts_aslant_is_completed(degrees: float, first: int) -> None:
    rows = 480
    cols = 640
    whole_sheet = turned(300, 200, (60, 240), degrees)
    edge = -0.5
    near = np.argsort(whole_sheet[:, 0])[:2]
    seen = whole_sheet.copy()
    for corner in near:
        beside = next(k for k in ((corner + 1) % 4, (corner - 1) % 4) if k not in near)
        share = (edge - whole_sheet[beside, 0]) / (whole_sheet[corner, 0] - whole_sheet[beside, 0])
        seen[corner] = whole_sheet[beside] + share * (whole_sheet[corner] - whole_sheet[beside])
    found = completed(np.roll(seen, first, axis=0).astype(np.float32), (rows, cols))
    edges = np.roll(found, -1, axis=0) - found
    right_angles = np.abs((edges * np.roll(edges, -1, axis=0)).sum(axis=1))
    assert right_angles.max() < 2e-3 * (np.linalg.norm(edges, axis=1) ** 2).max()
    moved = np.linalg.norm(found - np.roll(seen, first, axis=0), axis=1) > 1
    assert np.count_nonzero(moved) == 1, "nothing of what is seen is lost, and nothing else is added"


def test_a_sheet_that_the_border_cuts_straight_stays_as_it_is() -> None:
    corners = np.array([(100, 60), (400, 62), (401, 479.5), (99, 479.5)], np.float32)
    np.testing.assert_array_equal(completed(corners, (480, 640)), corners)
