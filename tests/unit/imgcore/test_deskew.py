"""The skew of text is found to a fraction of a degree, or not claimed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.deskew import RANGE, _halves, deskew, find_skew
from imgcore.types import Image
from tests.fakes.paper import sheet

PAGE = sheet(800, 1130)


def turned(picture: Image, degrees: float) -> Image:
    """Turned counter-clockwise about the centre, by other means than `deskew`."""
    rows, cols = picture.shape[:2]
    c = np.cos(np.radians(degrees))
    s = np.sin(np.radians(degrees))
    middle = np.array([cols - 1, rows - 1]) / 2
    turn = np.array([(c, s), (-s, c)])
    matrix = np.column_stack([turn, middle - turn @ middle])
    white = (236, 240, 242)
    return np.asarray(cv2.warpAffine(picture, matrix, (cols, rows), borderValue=white), np.uint8)


@given(st.floats(-12, 12))
@settings(max_examples=12)
def test_a_turned_page_tells_its_angle(degrees: float) -> None:
    skew = find_skew(turned(PAGE, degrees))
    assert skew is not None
    assert abs(skew.degrees - degrees) < 0.1
    assert 0 < skew.confidence <= 1


@given(st.floats(-0.3, 0.3))
@settings(max_examples=12)
def test_tiny_angles_are_told_from_none(degrees: float) -> None:
    skew = find_skew(turned(PAGE, degrees))
    assert skew is not None
    assert abs(skew.degrees - degrees) < 0.05


def test_a_form_with_hardly_a_line_tells_its_angle() -> None:
    form = np.full((1130, 800, 3), 242, np.uint8)
    for y in (300, 520, 760):
        cv2.putText(form, "Name:", (80, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 40, 40), 2, cv2.LINE_AA)
        cv2.line(form, (170, y), (620, y), (40, 40, 40), 1, cv2.LINE_AA)
    for degrees in (-0.2, 0.07, 3.3):
        skew = find_skew(turned(form, degrees))
        assert skew is not None
        assert abs(skew.degrees - degrees) < 0.1


def test_a_long_slip_tells_its_angle() -> None:
    slip = sheet(300, 424)
    long = np.ascontiguousarray(np.tile(slip, (8, 1, 1)))
    skew = find_skew(turned(long, 1.7))
    assert skew is not None
    assert abs(skew.degrees - 1.7) < 0.1


def test_the_columns_of_a_turned_slip_are_told_apart() -> None:
    random = np.random.default_rng(4)
    x = random.uniform(-300, 300, 4000)
    y = random.uniform(-700, 700, 4000)
    x += np.sign(x) * 60
    for degrees in (-14.0, 0.0, 14.0):
        c = np.cos(np.radians(degrees))
        s = np.sin(np.radians(degrees))
        turned_x = (c * x + s * y).astype(np.float32)
        turned_y = (c * y - s * x).astype(np.float32)
        left, right = _halves(turned_x, turned_y, float(np.tan(np.radians(degrees))))
        assert (x[left] < 0).all()
        assert (x[right] > 0).all()


def test_turning_back_leaves_no_skew() -> None:
    straight = deskew(turned(PAGE, 7.0), 7.0)
    again = find_skew(straight)
    assert straight.shape == PAGE.shape
    assert again is not None
    assert abs(again.degrees) < 0.1


def test_mirrored_text_is_turned_the_other_way() -> None:
    page = turned(PAGE, 4.0)
    one = find_skew(page)
    other = find_skew(np.ascontiguousarray(page[:, ::-1]))
    assert one is not None
    assert other is not None
    assert abs(one.degrees + other.degrees) < 0.1


def test_grey_and_colour_tell_the_same() -> None:
    page = turned(PAGE, -3.0)
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    one = find_skew(page)
    other = find_skew(grey)
    assert one == other


NO_TEXT = {
    "blank": np.full((500, 400, 3), 240, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (500, 400, 3), dtype=np.uint8),
    "one dot": cv2.circle(np.full((500, 400), 240, np.uint8), (200, 250), 30, 0, -1),
    "portrait": cv2.GaussianBlur(
        np.random.default_rng(2).integers(0, 256, (600, 450), dtype=np.uint8), (0, 0), 12
    ),
    "one pixel": np.zeros((1, 1), np.uint8),
    "one row": np.zeros((1, 3000, 3), np.uint8),
    "one long row": np.zeros((1, 30000, 3), np.uint8),
    "one long column of noise": np.random.default_rng(3).integers(0, 256, (30000, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_has_no_lines_has_no_certain_skew(name: str) -> None:
    assert find_skew(np.asarray(NO_TEXT[name], np.uint8)) is None


def test_text_beyond_the_range_is_not_forced_into_it() -> None:
    skew = find_skew(turned(PAGE, RANGE + 12))
    assert skew is None
