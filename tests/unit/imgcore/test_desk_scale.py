"""The scale of a desk: sizes and resolutions of what lies under a calibrated camera."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.proportions import desk_errors
from imgcore.desk_scale import DeskScale
from imgcore.document_image import DocumentImage
from imgcore.pipeline import process
from imgcore.settings import Crop, Rect, Settings
from imgcore.types import ImageError

PICTURE = (1600, 1200)
STRAIGHT = DeskScale((400.0, 0.0, 0.0, 0.0, 300.0, 0.0, 0.0, 0.0, 1.0), 4 / 3)
"""Four pixels a millimetre in such a picture."""
TILTED = DeskScale((400.0, 20.0, 5.0, -10.0, 300.0, 8.0, 0.05, 0.12, 1.0), 4 / 3)
DOTS = 4 * 25.4
SHEET = np.array([(200, 100), (1040, 100), (1040, 1288), (200, 1288)], np.float64) - 0.5


def test_sizes_are_millimetres() -> None:
    assert STRAIGHT.size(SHEET, PICTURE) == pytest.approx((210, 297))


def test_another_resolution_of_the_same_shape_has_the_same_sizes() -> None:
    half = (SHEET + 0.5) / 2 - 0.5
    assert STRAIGHT.size(half, (800, 600)) == pytest.approx((210, 297))


def test_a_picture_of_another_shape_has_no_sizes() -> None:
    assert STRAIGHT.size(SHEET, (1920, 1080)) is None
    assert STRAIGHT.dots(SHEET, (1920, 1080)) == 0


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_a_turned_picture_has_the_same_sizes(clockwise: int) -> None:
    image = np.zeros((1200, 1600), np.uint8)
    turned = DocumentImage.whole(image).quartered(clockwise)
    assert turned.matrix is not None
    corners = np.column_stack([SHEET, np.ones(4)]) @ turned.matrix.T
    found = TILTED.rotated(clockwise).size(corners[:, :2], turned.image.shape[1::-1])
    expected = TILTED.size(SHEET, PICTURE)
    assert found is not None
    assert expected is not None
    assert sorted(found) == pytest.approx(sorted(expected))


def test_a_cut_document_has_its_true_proportions_and_resolution() -> None:
    image = np.full((1200, 1600, 3), 90, np.uint8)
    quad = np.array([(300, 200), (1100, 230), (1080, 1000), (330, 980)], np.float32)
    document = DocumentImage.cut(image, quad, TILTED)
    size = TILTED.size(quad.astype(np.float64), PICTURE)
    assert size is not None
    rows, cols = document.image.shape[:2]
    assert cols / rows == pytest.approx(size[0] / size[1], rel=2e-3)
    assert cols / document.dots * 25.4 == pytest.approx(size[0], rel=1e-6)


def test_results_carry_the_resolution_whatever_was_done() -> None:
    image = np.full((1200, 1600, 3), 90, np.uint8)
    image[300:900, 400:1200] = 250
    for settings in (
        Settings(scale=STRAIGHT),
        Settings(scale=STRAIGHT, rotate=90),
        Settings(scale=STRAIGHT, crop=Crop.SINGLE, deskew=True),
        Settings(scale=STRAIGHT, crop=Crop.MANUAL, rect=Rect(10, 10, 400, 300)),
    ):
        assert process(image, settings).dots == pytest.approx((DOTS,), rel=0.01)
    assert process(image, Settings()).dots == (0.0,)


def test_a_tilted_picture_as_a_whole_has_no_resolution() -> None:
    image = np.zeros((1200, 1600), np.uint8)
    assert process(image, Settings(scale=TILTED)).dots == (0.0,)


@pytest.mark.parametrize("coefficients", [(1.0,) * 9, (1.0, 0.0), (np.nan,) * 9])
def test_damaged_coefficients_are_refused(coefficients: tuple[float, ...]) -> None:
    with pytest.raises(ImageError):
        DeskScale(coefficients, 4 / 3)


def test_a_sheet_measures_a_desk() -> None:
    assert max(desk_errors(seed, (297.0, 210.0)) for seed in range(20)) < 0.01


def test_a_card_measures_most_desks() -> None:
    assert np.median([desk_errors(seed, (85.6, 53.98)) for seed in range(20)]) < 0.02
