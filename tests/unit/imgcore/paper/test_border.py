"""Empty borders are filled without a seam, and slivers of desk are told from the page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.paper.border import Mask, fill_border, find_slivers
from imgcore.settings import Fill
from imgcore.types import Image, ImageError
from tests.fakes.paper import desk, sheet
from tests.fakes.shapes import ODD


def turned(picture: Image, degrees: float) -> tuple[Image, Mask]:
    """The page turned about its middle, black where it shows nothing, and where that is."""
    rows, cols = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((cols / 2, rows / 2), degrees, 1)
    shown = cv2.warpAffine(np.full((rows, cols), 255, np.uint8), turn, (cols, rows), flags=cv2.INTER_NEAREST)
    return np.asarray(cv2.warpAffine(picture, turn, (cols, rows)), np.uint8), np.asarray(shown) == 0


def shaded(picture: Image) -> Image:
    light = np.linspace(0.7, 1.0, picture.shape[1])[None, :, None]
    return np.asarray(picture * light, np.uint8)


@pytest.mark.parametrize("degrees", [-3, -0.5, 2])
def test_the_paper_goes_on_where_nothing_was(degrees: float) -> None:
    page, empty = turned(shaded(sheet(600, 848)), degrees)
    filled = fill_border(page, empty, Fill.SURROUND)
    # What the page would be there, had it gone on: the same light, a little turned.
    expected = shaded(np.full_like(page, (236, 240, 242)))
    assert np.abs(filled[empty].astype(int) - expected[empty]).max() < 14
    assert np.abs(filled[empty].astype(int) - expected[empty]).mean() < 4


def test_the_grain_of_the_paper_goes_on_too() -> None:
    random = np.random.default_rng(5)
    rough = np.clip(sheet(600, 848) + random.normal(size=(848, 600, 1)) * 6 - 12, 0, 255).astype(np.uint8)
    page, empty = turned(rough, 3)
    filled = fill_border(page, empty, Fill.SURROUND)
    inner = cv2.erode(empty.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert 0.6 < filled[inner].std(axis=0).mean() / page[400:440, 30:55].std(axis=(0, 1)).mean() < 1.4


def test_white_is_white_and_leaves_no_dark_line() -> None:
    page, empty = turned(np.full((300, 200, 3), 250, np.uint8), 2)
    filled = fill_border(page, empty, Fill.WHITE)
    assert (filled[empty] == 255).all()
    assert filled.min() >= 245


def test_pixels_away_from_the_mask_stay() -> None:
    page, empty = turned(sheet(600, 848), 2)
    near = cv2.dilate(empty.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    near[:2] = near[-2:] = near[:, :2] = near[:, -2:] = True
    for fill in (Fill.WHITE, Fill.SURROUND):
        np.testing.assert_array_equal(fill_border(page, empty, fill)[~near], page[~near])


def test_without_anything_empty_the_picture_comes_back_itself() -> None:
    page = sheet(200, 283)
    nothing = np.zeros(page.shape[:2], bool)
    assert fill_border(page, nothing, Fill.SURROUND) is page
    assert fill_border(page, ~nothing, Fill.NONE) is page


def test_the_input_is_not_modified() -> None:
    page, empty = turned(sheet(600, 848), 2)
    before = page.copy()
    fill_border(page, empty, Fill.SURROUND)
    fill_border(page, empty, Fill.WHITE)
    np.testing.assert_array_equal(page, before)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ImageError, match="mask"):
        fill_border(sheet(), np.zeros((3, 3), bool), Fill.WHITE)


def with_sliver(widest: int) -> tuple[Image, Mask]:
    """A page with desk at its left: a wedge that ends at the bottom."""
    page = sheet(1000, 1414)
    table = desk(1000, 1414)
    y, x = np.mgrid[:1414, :1000]
    beside = x < widest * (1 - y / 1414)
    return np.where(beside[:, :, None], table, page).astype(np.uint8), beside


def test_a_sliver_of_desk_is_found() -> None:
    picture, beside = with_sliver(18)
    found = find_slivers(picture)
    assert found[beside].mean() > 0.9
    assert found[~beside].mean() < 0.004


@pytest.mark.parametrize("turn", range(4))
def test_a_thin_dark_sliver_is_found_at_any_side(turn: int) -> None:
    """Thinner than a stroke of print, which is filled before paper is measured."""
    picture = sheet(1000, 1414)
    picture[:, -4:] = (38, 36, 36)
    picture = np.ascontiguousarray(np.rot90(picture, turn))
    found = np.rot90(find_slivers(picture), -turn)
    assert found[:, -4:].mean() > 0.95
    assert found[:, :-8].mean() < 0.001


def test_print_that_runs_off_the_page_is_no_sliver() -> None:
    picture = sheet(1000, 1414)
    picture[:42] = (120, 60, 30)
    picture[300:500, :9] = (30, 30, 30)
    picture[700:1100, 5:8] = (30, 30, 30)
    assert not find_slivers(picture).any()


def test_a_page_has_no_slivers() -> None:
    assert not find_slivers(sheet(1000, 1414)).any()


def test_a_broad_bar_is_print_not_desk() -> None:
    picture, _ = with_sliver(0)
    picture[:, :90] = (150, 90, 40)
    assert not find_slivers(picture).any()


@given(
    st.sampled_from(ODD),
    st.sampled_from([Fill.WHITE, Fill.SURROUND]),
    st.integers(0, 9),
)
@settings(max_examples=30)
def test_any_picture_keeps_its_shape(shape: tuple[int, ...], fill: Fill, seed: int) -> None:
    random = np.random.default_rng(seed)
    picture = random.integers(0, 256, shape, np.uint8)
    empty = random.random(shape[:2]) < seed / 9
    assert fill_border(picture, empty, fill).shape == picture.shape
    assert find_slivers(picture).shape == shape[:2]
