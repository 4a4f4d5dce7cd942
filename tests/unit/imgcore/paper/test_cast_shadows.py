"""Cast shadows that were taken for print."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.paper.cast_shadows import find_cast_shadows
from imgcore.paper.layers import find_ground

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
ROWS = slice(120, 300)
COLS = slice(100, 260)
MARGIN = 14
"""Pixels that a printed field keeps between its edge and text, within and around it."""


def _text(margin: int = 0) -> Image:
    page = np.full((480, 360, 3), 235, np.uint8)
    page[20:460:8, 20:340] = 60
    page[:, 20:340:11] = 235
    if margin:
        page[ROWS.start - margin : ROWS.stop + margin, COLS.start - margin : COLS.stop + margin] = 235
        page[ROWS.start + margin : ROWS.stop - margin : 8, COLS.start + margin : COLS.stop - margin] = 60
    return page


def _region() -> Mask:
    region = np.zeros((480, 360), np.bool_)
    region[ROWS, COLS] = True
    return region


def _multiplied(page: Image, factor: object) -> Image:
    result = page.astype(np.float64)
    result[ROWS, COLS] *= np.array(factor)
    return result.astype(np.uint8)


def _found(page: Image, paper: Mask, printed: Mask) -> Mask:
    return find_cast_shadows(page, find_ground(page), paper, printed)


@pytest.mark.parametrize("factor", [0.2, 0.4, 0.6])
def test_a_shadow_that_text_runs_through_is_paper(factor: float) -> None:
    region = _region()
    found = _found(_multiplied(_text(), factor), ~region, region)
    assert (found == region).all()


def test_a_shadow_in_pieces_is_paper_with_the_piece_that_was_taken_for_the_desk() -> None:
    region = _region()
    printed = region.copy()
    printed[:, : COLS.start + 60] = False
    found = _found(_multiplied(_text(), 0.3), ~region, printed)
    assert (found == region).all()


def test_a_grey_field_whose_text_keeps_a_margin_is_print() -> None:
    region = _region()
    assert not _found(_multiplied(_text(MARGIN), 0.5), ~region, region).any()


def test_a_pale_grey_field_is_print() -> None:
    region = _region()
    assert not _found(_multiplied(_text(), 0.85), ~region, region).any()


def test_a_coloured_field_is_print() -> None:
    region = _region()
    assert not _found(_multiplied(_text(), (0.3, 0.5, 0.7)), ~region, region).any()


def test_a_picture_of_many_tones_is_none() -> None:
    region = _region()
    page = _text()
    page[ROWS, COLS] = np.linspace(20, 160, page[ROWS, COLS].size).reshape(page[ROWS, COLS].shape)
    assert not _found(page, ~region, region).any()


def test_a_grey_picture_works_alike() -> None:
    region = _region()
    grey = _multiplied(_text(), 0.4)[:, :, 0]
    assert (_found(grey, ~region, region) == region).all()


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (2, 300)])
def test_small_pictures_have_none(shape: tuple[int, int]) -> None:
    printed = np.ones(shape, np.bool_)
    assert not _found(np.zeros(shape, np.uint8), ~printed, printed).any()
