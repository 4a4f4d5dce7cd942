"""Formats of sheets: by a size that is known, and by proportions and print where none is."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.sheet_format import FORMATS, measure_sheet
from imgcore.types import NO_CROP, CropOutcome, CropState
from tests.fakes.paper import A4, printed

CUT = CropOutcome(CropState.CROPPED)


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (210, 297, "A4"),
        (297, 210, "A4"),
        (149, 211, "A5"),
        (86, 54, "ID-1"),
        (216, 279, "Letter"),
        (220, 110, "DL"),
        (258, 182, "JIS B5"),
        (155, 77, "CNY 100"),
        (80, 190, ""),
    ],
)
def test_a_known_size_tells_the_format(width: int, height: int, name: str) -> None:
    blank = np.full((round(height * 6), round(width * 6)), 240, np.uint8)
    assert measure_sheet(blank, CUT, 6 * 25.4) == (6 * 25.4, name)


def test_each_format_is_told_by_its_own_size() -> None:
    for one in FORMATS:
        blank = np.full((round(one.short * 8), round(one.long * 8)), 240, np.uint8)
        assert measure_sheet(blank, CUT, 8 * 25.4).format == one.name


@pytest.mark.parametrize(("size", "name"), [(A4, "A4"), (A4[::-1], "A4"), ((1275, 1650), "Letter")])
def test_proportions_and_print_tell_a_page(size: tuple[int, int], name: str) -> None:
    sheet = measure_sheet(printed(size, 15), CUT)
    assert sheet.format == name
    assert sheet.dots == pytest.approx(150, rel=2e-3)


def test_proportions_may_be_off_by_little() -> None:
    cols, rows = A4
    assert measure_sheet(printed((cols, round(rows * 1.012)), 15), CUT).format == "A4"
    assert measure_sheet(printed((cols, round(rows * 1.02)), 15), CUT) == (0, "")


@pytest.mark.parametrize("height", [6, 40])
def test_print_of_another_size_is_on_no_page(height: int) -> None:
    """Letters of 1 mm, were it A4; and of 7 mm, as on a card of the same proportions."""
    assert measure_sheet(printed(A4, height), CUT) == (0, "")


def test_a_sheet_without_print_has_no_size() -> None:
    assert measure_sheet(np.full(A4[::-1], 240, np.uint8), CUT) == (0, "")


def test_what_was_not_cut_out_is_no_sheet() -> None:
    page = printed(A4, 15)
    assert measure_sheet(page, NO_CROP) == (0, "")
    assert measure_sheet(page, NO_CROP, 150) == (150, "")
