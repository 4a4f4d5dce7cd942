"""Watermarks: where they are, what they leave alone, and how they look on each kind of picture."""

from __future__ import annotations

import numpy as np
import PIL.ImageFont
import pytest

from imgcore.output.watermark import Watermark, draw_watermark
from imgcore.types import Image, ImageError

PAPER = np.full((400, 600, 3), 240, np.uint8)


def face(height: int) -> PIL.ImageFont.FreeTypeFont:
    font = PIL.ImageFont.load_default(height)
    assert isinstance(font, PIL.ImageFont.FreeTypeFont)
    return font


def changed(image: Image, watermark: Watermark) -> tuple[slice, slice]:
    """The box of the pixels that a watermark changes."""
    drawn = draw_watermark(image, watermark, face)
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    rows, cols = np.nonzero((drawn != image).reshape(*image.shape[:2], -1).any(2))
    return slice(int(rows.min()), int(rows.max()) + 1), slice(int(cols.min()), int(cols.max()) + 1)


@pytest.mark.parametrize("place", range(9))
def test_each_place_is_a_ninth_of_its_own_with_a_margin(place: int) -> None:
    rows, cols = changed(PAPER, Watermark("COPY", place, size=6))
    down, across = divmod(place, 3)
    middle = ((rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2)
    assert (int(middle[0] // (400 / 3)), int(middle[1] // 200)) == (down, across)
    assert rows.start >= 8 and rows.stop <= 392 and cols.start >= 8 and cols.stop <= 592


@pytest.mark.parametrize("angle", [0, 30, 45, -45, 90, 135, 180])
def test_a_pattern_is_everywhere_at_every_angle(angle: float) -> None:
    drawn = draw_watermark(PAPER, Watermark("COPY ONLY", None, angle, size=5), face)
    for rows in range(0, 400, 100):
        for cols in range(0, 600, 150):
            part = (drawn != PAPER)[rows : rows + 100, cols : cols + 150]
            assert 0.005 < part.mean() < 0.5, (rows, cols)


@pytest.mark.parametrize("angle", [0, 33, 90])
def test_a_long_text_is_made_smaller_until_it_fits(angle: float) -> None:
    rows, cols = changed(PAPER, Watermark("for this one purpose alone " * 5, 4, angle, size=20))
    assert rows.start > 0 and rows.stop < 400 and cols.start > 0 and cols.stop < 600


def test_opacity_and_colour_are_those_asked_for() -> None:
    solid = draw_watermark(PAPER, Watermark("I", 4, opacity=1, size=50, colour=(10, 20, 200)), face)
    assert (solid == (10, 20, 200)).all(2).any()
    half = draw_watermark(PAPER, Watermark("I", 4, opacity=0.5, size=50, colour=(0, 0, 200)), face)
    assert (half == (120, 120, 220)).all(2).any()
    assert (draw_watermark(PAPER, Watermark("I", 4, opacity=0), face) == PAPER).all()


def test_a_grey_picture_stays_grey_and_black_and_white_stay_so() -> None:
    grey = np.full((300, 300), 128, np.uint8)
    assert draw_watermark(grey, Watermark("X", 4, opacity=1, size=40, colour=(0, 0, 255)), face).min() == 76
    pure = np.full((300, 300), 255, np.uint8)
    dots = draw_watermark(pure, Watermark("X", 4, opacity=0.5, size=40), face)
    assert set(np.unique(dots)) == {0, 255}
    whole = draw_watermark(pure, Watermark("X", 4, opacity=1, size=40), face)
    assert 0.4 < (dots == 0).sum() / (whole == 0).sum() < 0.6


def test_the_picture_given_is_not_modified() -> None:
    before = PAPER.copy()
    draw_watermark(PAPER, Watermark("COPY", None), face)
    assert (before == PAPER).all()


def test_a_picture_of_a_few_pixels_is_taken() -> None:
    for shape in ((1, 1, 3), (3, 200), (200, 2, 3)):
        small = np.full(shape, 200, np.uint8)
        assert draw_watermark(small, Watermark("COPY\nONLY", 0), face).shape == shape
        assert draw_watermark(small, Watermark("COPY", None, 30), face).shape == shape


@pytest.mark.parametrize(
    "values",
    [{"text": " "}, {"text": "x" * 201}, {"text": "\n" * 9 + "x"}, {"place": 9}, {"opacity": 2}, {"size": 0}],
)
def test_what_cannot_be_drawn_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ImageError):
        Watermark(**{"text": "x", **values})  # type: ignore[arg-type]


def test_its_text_is_in_no_repr() -> None:
    assert "secret" not in repr(Watermark("secret"))
