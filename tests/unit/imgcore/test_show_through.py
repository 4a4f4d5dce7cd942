"""What shows through goes, and what is printed stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.quality.show_through import changed, gone, make_sheet
from imgcore.paper import show_through
from imgcore.paper.show_through import remove_show_through
from imgcore.pipeline import process
from imgcore.settings import Removal, Settings

pytestmark = pytest.mark.long


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_shows_through_is_gone_and_print_is_not_touched(language: str) -> None:
    sheet = make_sheet(5, language)  # type: ignore[arg-type]
    assert gone(sheet, sheet.thin) == pytest.approx(0, abs=0.01)
    assert gone(sheet, remove_show_through(sheet.thin).image) > 0.8
    assert gone(sheet, remove_show_through(sheet.thin, sheet.back).image) > 0.85
    assert changed(sheet) < 0.001


def test_another_sheet_s_back_is_no_help_and_no_harm() -> None:
    sheet = make_sheet(5, "en")
    other = make_sheet(9, "en")
    by_tone, by_other = (remove_show_through(sheet.thin, back).image for back in (None, other.back))
    assert np.array_equal(by_tone, by_other)


def test_blank_and_tiny_pictures_and_grey_ones_come_back() -> None:
    for shape in ((1, 1, 3), (40, 3), (200, 100, 3), (300, 200)):
        plain = np.full(shape, 240, np.uint8)
        assert np.array_equal(remove_show_through(plain).image, plain)
        assert remove_show_through(plain, plain).image.shape == shape


def test_the_pipeline_removes_it_when_asked() -> None:
    sheet = make_sheet(6, "en")
    result = process(sheet.thin, Settings(removal=Removal.SHOW_THROUGH))
    assert gone(sheet, result.pictures[0]) > 0.8
    stage = next(stage for stage in result.report.stages if stage.name == "removal")
    assert stage.values["removal"] == "removed"


def test_a_stroke_that_grows_pale_stays_a_stroke() -> None:
    depth = np.zeros((900, 640), np.float32)
    across = np.linspace(0.5, 0.2, 400, dtype=np.float32)
    depth[440:460, 120:520] = across
    depth = cv2.GaussianBlur(depth, (0, 0), 4)
    page = np.rint(240 * (1 - depth)).astype(np.uint8)
    kept = remove_show_through(page).image
    assert kept[450, 500] < 240 - 0.8 * (240 - int(page[450, 500]))


def test_a_large_page_is_searched_reduced_and_cleaned_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = make_sheet(5, "en")
    rows, cols = sheet.thin.shape[:2]
    monkeypatch.setattr(show_through, "SEARCHED_PIXELS", rows * cols // 3)
    cleaned = remove_show_through(sheet.thin).image
    assert cleaned.shape == sheet.thin.shape
    # A third of 150 dpi is far less than what is left of a page at 400 dpi and more.
    assert gone(sheet, cleaned) > 0.7
    # What is not lifted is the picture as it came, to the last odd row.
    odd = sheet.thin[: rows - 1 + rows % 2, : cols - 1 + cols % 2]
    assert remove_show_through(odd).image.shape == odd.shape


def test_the_width_of_a_receipt_says_how_large_its_print_is() -> None:
    """By the length of a strip of paper its strokes would be taken for fields, and cost their square."""
    sheet = make_sheet(5, "en").thin
    strip = np.tile(sheet[:, : sheet.shape[1] // 2], (9, 1, 1))
    assert show_through._Sheet(strip).unit == pytest.approx(strip.shape[1] / 80)
    assert show_through._Sheet(sheet).unit == pytest.approx(sheet.shape[0] / 297)
