"""Small pictures that were taken for paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.paper.enclosed_pictures import find_enclosed_pictures

Image = npt.NDArray[np.uint8]
GEL = np.s_[100:150, 80:110]


def _page(*dark: tuple[slice, slice], level: int = 60) -> Image:
    page = np.full((480, 360, 3), 220, np.uint8)
    for box in dark:
        page[box] = level
    return page


def _found(page: Image) -> npt.NDArray[np.bool_]:
    return find_enclosed_pictures(page, np.ones(page.shape[:2], np.bool_))


def test_a_small_dark_picture_is_found_with_its_bright_bands() -> None:
    page = _page(GEL)
    page[115:123, 84:106] = 230
    found = _found(page)
    assert found[GEL].all()
    assert found.sum() < 1.2 * 50 * 30


def test_what_is_as_large_as_a_shadow_is_none() -> None:
    assert not _found(_page(np.s_[100:300, 80:200])).any()


def test_what_comes_from_the_edge_is_none() -> None:
    assert not _found(_page(np.s_[100:150, 0:30])).any()


def test_the_rest_of_a_stroke_is_none() -> None:
    assert not _found(_page(np.s_[100:104, 80:120])).any()


def test_a_pale_field_is_none() -> None:
    assert not _found(_page(GEL, level=180)).any()


def test_what_is_known_to_be_print_is_left() -> None:
    page = _page(GEL)
    paper = np.ones(page.shape[:2], np.bool_)
    paper[GEL] = False
    assert not find_enclosed_pictures(page, paper).any()


def test_grey_and_tiny_pages_are_taken() -> None:
    assert _found(_page(GEL)[:, :, 0])[GEL].all()
    assert not find_enclosed_pictures(np.zeros((3, 2), np.uint8), np.ones((3, 2), np.bool_)).any()
