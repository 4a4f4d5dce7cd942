"""A document's way through crop and deskew."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.crop import crop
from imgcore.document_image import DocumentImage
from imgcore.paper.ink import reduced
from imgcore.rotate import rotate
from imgcore.types import Image, Points

TILTED = np.array([[60.0, 40], [280, 62], [262, 215], [48, 200]], np.float32)


def picture() -> Image:
    rough = np.random.default_rng(5).integers(0, 256, (15, 20, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_a_cut_is_a_crop() -> None:
    np.testing.assert_array_equal(DocumentImage.cut(picture(), TILTED).image, crop(picture(), TILTED))


def test_an_upright_rectangle_is_copied() -> None:
    corners = np.array([[9.5, 19.5], [99.5, 19.5], [99.5, 79.5], [9.5, 79.5]], np.float32)
    sheet = DocumentImage.cut(picture(), corners)
    np.testing.assert_array_equal(sheet.image, picture()[20:80, 10:100])
    assert sheet.empty() is None


def test_the_matrix_leads_from_the_picture_to_the_page() -> None:
    sheet = DocumentImage.cut(picture(), TILTED)
    assert sheet.matrix is not None
    rows, cols = sheet.image.shape[:2]
    expected = np.array([(-0.5, -0.5), (cols - 0.5, -0.5), (cols - 0.5, rows - 0.5), (-0.5, rows - 0.5)])
    np.testing.assert_allclose(cv2.perspectiveTransform(TILTED[None], sheet.matrix)[0], expected, atol=0.01)


def test_turning_a_cut_page_interpolates_once() -> None:
    sheet = DocumentImage.cut(picture(), TILTED)
    there_and_back = sheet.turned(7.0).turned(-7.0)
    assert there_and_back.matrix is not None
    assert sheet.matrix is not None
    np.testing.assert_allclose(there_and_back.matrix, sheet.matrix, atol=1e-9)
    assert np.abs(there_and_back.image.astype(int) - sheet.image).max() <= 1


def test_a_flattened_page_can_be_turned_too() -> None:
    flat = DocumentImage.flat(picture(), picture())
    expected = DocumentImage.whole(picture()).turned(3.0).image
    np.testing.assert_array_equal(flat.turned(3.0).image, expected)
    assert flat.turned(3.0).empty() is None


@pytest.mark.parametrize("sheet", [DocumentImage.whole(picture()), DocumentImage.cut(picture(), TILTED)])
def test_what_the_picture_shows_in_full_has_no_empty_part(sheet: DocumentImage) -> None:
    assert sheet.empty() is None


def test_a_corner_that_was_cut_off_is_empty() -> None:
    beyond = TILTED + np.array([-80.0, 0], np.float32)
    empty = DocumentImage.cut(picture(), beyond).empty()
    assert empty is not None
    assert empty[:, 0].all()
    assert not empty[:, -1].any()
    # About what of the quadrilateral lies left of the picture, by shares of its area.
    mask = np.zeros((240, 500), np.uint8)
    cv2.fillConvexPoly(mask, (beyond + np.array([100, 0])).astype(np.int32), (1,))
    assert abs(empty.mean() - mask[:, :100].sum() / mask.sum()) < 0.03


def test_turning_leaves_empty_corners() -> None:
    empty = DocumentImage.whole(picture()).turned(5.0).empty()
    assert empty is not None
    assert empty[0, 0]
    assert empty[-1, -1]
    assert not empty[120, 160]
    assert 0.01 < empty.mean() < 0.2


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1, 3), (2, 2, 3)])
def test_no_size_crashes(shape: tuple[int, ...]) -> None:
    sheet = DocumentImage.whole(np.zeros(shape, np.uint8)).turned(4.0)
    assert sheet.image.shape == shape
    sheet.empty()


@pytest.mark.parametrize("clockwise", [90, 180, 270])
def test_a_quarter_turn_keeps_the_way_back_to_the_picture(clockwise: int) -> None:
    sheet = DocumentImage.cut(picture(), TILTED)
    before = sheet.quartered(clockwise)
    after = DocumentImage.flat(sheet.image, picture(), sheet.matrix).quartered(clockwise)
    np.testing.assert_array_equal(after.image, rotate(sheet.image, clockwise))
    # Warped from the picture by its matrix, it is the same.
    assert before.size == after.size
    assert np.abs(before.image.astype(int) - after.image).max() <= 2


@pytest.mark.parametrize("corners", [TILTED, TILTED + np.array([-40.0, 30], np.float32)])
@pytest.mark.parametrize("scale", [3.0, 12.0])
def test_lines_are_searched_in_the_same_picture_whether_or_not_the_pixels_are_there(
    corners: Points, scale: float
) -> None:
    large = np.asarray(cv2.resize(picture(), None, fx=scale, fy=scale), np.uint8)
    sheet = DocumentImage.cut(large, (corners + 0.5) * np.float32(scale) - 0.5)
    small = sheet.reduced()
    assert "image" not in vars(sheet)
    expected = reduced(sheet.image)
    assert np.abs(np.subtract(small.shape, expected.shape)).max() <= 1
    rows, cols = np.minimum(small.shape, expected.shape) - 2
    apart = small[2:rows, 2:cols].astype(int) - expected[2:rows, 2:cols]
    assert np.abs(apart).mean() < 1.5
