"""Lines drawn into JPEGs, beside libjpeg-turbo and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.jpeg import Pen, UnsupportedJpeg, Workspace, draw_lines, scan_jpeg, strokes_of
from imgcore.kernels import jpeg_mark
from imgcore.types import Image, Points
from tests.unit.imgcore.jpeg.pictures import FACTORS, grey, jpeg, picture, pixels, without_tables

PEN = Pen(4)
QUAD = np.array([[30, 20], [150, 34], [140, 110], [22, 96]], np.float32)


def draw(data: bytes, points: Points = QUAD, pen: Pen = PEN) -> bytes:
    return draw_lines(scan_jpeg(data, Workspace()), strokes_of(points, closed=True), pen)


def painted(image: Image, points: Points, thickness: int, colour: object) -> Image:
    sixteenths = np.round(points * 16).astype(np.int32)
    return cv2.polylines(image.copy(), [sixteenths], True, colour, thickness, cv2.LINE_AA, 4)


@pytest.mark.parametrize("sampling", FACTORS)
@pytest.mark.parametrize("restart", [0, 1, 5])
@pytest.mark.parametrize("size", [(176, 128), (171, 123)])
def test_the_line_is_there_and_the_rest_is_untouched(
    sampling: str, restart: int, size: tuple[int, int]
) -> None:
    data = jpeg(picture(*size), sampling, restart=restart)
    before = pixels(data).astype(int)
    after = pixels(draw(data)).astype(int)
    far = painted(np.zeros(before.shape[:2], np.uint8), QUAD, 4 + 80, 255) == 0
    assert np.array_equal(before[far], after[far])
    core = painted(np.zeros(before.shape[:2], np.uint8), QUAD, 1, 255) > 127
    blue, green, red = after[core].mean(0)
    assert green > 215
    assert max(blue, red) < 60
    here, beside = (painted(pixels(data), QUAD + by, 4, (0, 255, 0)).astype(int) for by in (0, 6))
    assert np.abs(after - here).mean() < 6
    assert np.abs(after - beside).mean() > 12


def test_only_touched_mcus_change() -> None:
    data = jpeg(picture(176, 128))
    changed = (pixels(data) != pixels(draw(data))).any(2)
    mcus = changed.reshape(16, 8, 11, 16).any((1, 3))
    may = np.zeros((16, 11), np.uint8)
    jpeg_mark(strokes_of(QUAD, closed=True), 2, 16, 8, may)
    # Decoders smooth the colour between blocks: one pixel beside a touched MCU may differ.
    may = cv2.dilate(may, np.ones((1, 3), np.uint8))
    assert mcus.any()
    assert not (mcus & (may == 0)).any()
    assert not may.all()


def test_a_line_outside_changes_no_bit() -> None:
    data = jpeg(picture(176, 128))
    assert draw(data, QUAD + 5000) == data
    assert draw(data, QUAD - 5000) == data


def test_the_whole_picture_may_be_covered() -> None:
    data = jpeg(picture(64, 48))
    after = pixels(draw(data, np.array([[32, 24]], np.float32), Pen(400)))
    assert np.abs(after.astype(int) - (0, 255, 0)).max() < 8


def test_grey_and_missing_tables() -> None:
    data = grey(picture(176, 128))
    core = painted(np.zeros((128, 176), np.uint8), QUAD, 1, 255) > 127
    assert abs(pixels(draw(data))[core].mean() - 150) < 12
    bare = without_tables(jpeg(picture(176, 128)))
    assert pixels(draw(bare)) is not None


def test_optimised_tables_that_lack_a_code_are_told() -> None:
    plain = np.full((48, 64, 3), 200, np.uint8)
    with pytest.raises(UnsupportedJpeg, match="lack a code"):
        draw(jpeg(plain, optimise=True), QUAD / 4)


def test_a_cut_off_frame_is_not_drawn_on() -> None:
    data = jpeg(picture(176, 128))
    with pytest.raises(UnsupportedJpeg, match="cut off"):
        draw(data[: len(data) // 2])


finite = st.floats(-1e7, 1e7, width=32)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(finite, finite), min_size=1, max_size=6),
    st.floats(0.5, 60),
    st.sampled_from(list(FACTORS)),
    st.sampled_from([0, 3]),
)
def test_any_line_gives_a_whole_jpeg(
    points: list[tuple[float, float]], thickness: float, sampling: str, restart: int
) -> None:
    data = jpeg(picture(50, 70), sampling, restart=restart)
    result = draw(data, np.array(points, np.float32), Pen(thickness))
    again = scan_jpeg(result, Workspace())
    assert again.complete
    assert (again.layout.width, again.layout.height) == (50, 70)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_strokes_and_pens_that_are_no_numbers_are_refused(wrong: float) -> None:
    points = QUAD.copy()
    points[2, 1] = wrong
    with pytest.raises(ValueError, match="finite"):
        draw(jpeg(picture(176, 128)), points)
    with pytest.raises(ValueError, match="thickness"):
        Pen(wrong)


def test_no_number_marks_no_mcu_that_is_not_there() -> None:
    strokes = np.array([[np.nan] * 4, [3e38, -3e38, -3e38, 3e38], [1, np.nan, 2, 3]], np.float32)
    around = np.zeros((60, 40), np.uint8)
    jpeg_mark(strokes, 2, 16, 8, around[20:40])
    assert not around[:20].any()
    assert not around[40:].any()


def test_a_scan_is_over_when_its_workspace_serves_another_frame() -> None:
    space = Workspace()
    found = scan_jpeg(jpeg(picture(176, 128)), space)
    scan_jpeg(jpeg(picture(64, 48)), space)
    with pytest.raises(ValueError, match="was used since"):
        draw_lines(found, strokes_of(QUAD, closed=True), PEN)
