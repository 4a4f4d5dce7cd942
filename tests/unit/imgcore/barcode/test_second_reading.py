"""Codes that an engine misses: stacked ones whose rows run aslant, and blurred ones of few pixels a cell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from benchmarks.barcode import degraded, symbols
from imgcore.barcode import USUAL, Symbology, read_codes
from imgcore.barcode.engines import best_engine
from imgcore.types import Image
from synthetic.documents.pages import make_page

TEXT = "M1ZHANG/WEI           EAB12CD PEKSHACA 1831 226Y021A0034 100"
CENTRE = (430, 380)


def page_with(name: str, text: str, turn: float) -> Image:
    """A page of print with a symbol on it, clockwise by so many degrees."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
    drawn = np.array(zxingcpp.write_barcode_to_image(made, scale=2, add_quiet_zones=True), np.uint8)
    drawn = np.pad(drawn, 12, constant_values=255)
    page = make_page(5, (900, 800), "white").picture
    rows, cols = drawn.shape
    matrix = cv2.getRotationMatrix2D((cols / 2, rows / 2), -turn, 1.0)
    matrix[:, 2] += (CENTRE[0] - cols / 2, CENTRE[1] - rows / 2)
    size = page.shape[1::-1]
    laid = cv2.warpAffine(drawn, matrix, size, borderValue=(0,))
    share = cv2.warpAffine(np.full_like(drawn, 255), matrix, size)[:, :, None]
    return np.where(share > 127, laid[:, :, None], page).astype(np.uint8)


@pytest.mark.parametrize("turn", [12, 30, 45, 68, -25, 150])
def test_a_boarding_pass_is_read_however_it_lies(turn: float) -> None:
    page = page_with("PDF417", TEXT, turn)
    (code,) = read_codes(page)
    assert (code.text, code.symbology) == (TEXT, Symbology.PDF417)
    assert code.corners.mean(axis=0) == pytest.approx(CENTRE, abs=12)
    # Its upper edge runs along its rows.
    along = code.corners[1] - code.corners[0]
    assert np.rad2deg(np.arctan2(along[1], along[0])) == pytest.approx(turn, abs=4)


def test_the_engine_alone_misses_it() -> None:
    engine = best_engine(USUAL)
    assert engine is not None
    grey = np.asarray(cv2.cvtColor(page_with("PDF417", TEXT, 30), cv2.COLOR_BGR2GRAY), np.uint8)
    assert not engine.read_picture(grey, False)


def test_a_small_one_is_read_where_it_is_asked_for() -> None:
    page = page_with("MicroPDF417", "LOT 4711 2026", 40)
    assert [code.text for code in read_codes(page, kinds=frozenset({Symbology.MICRO_PDF417}))] == [
        "LOT 4711 2026"
    ]
    assert not read_codes(page)


def test_print_that_runs_aslant_is_no_code() -> None:
    page = make_page(6, (900, 800), "white").picture
    matrix = cv2.getRotationMatrix2D((450, 400), 27, 1.0)
    aslant = cv2.warpAffine(page, matrix, (900, 800), borderValue=(255, 255, 255))
    assert not read_codes(np.asarray(aslant, np.uint8))


@pytest.mark.parametrize(
    ("kind", "number"), [(Symbology.AZTEC, 15), (Symbology.AZTEC, 27), (Symbology.DATA_MATRIX, 15)]
)
def test_a_blurred_code_of_cells_is_read_once(kind: Symbology, number: int) -> None:
    if not symbols.available():
        pytest.skip("zint draws the codes: apt-get install zint")
    drawn = degraded.sample(kind, degraded.SEED, number)
    engine = best_engine(USUAL)
    assert engine is not None and not engine.read_picture(drawn.picture, False)
    (code,) = read_codes(drawn.picture)
    assert degraded.bare(code.text) == drawn.texts[0]
    middle = np.array(drawn.picture.shape[::-1]) / 2
    assert code.corners.mean(axis=0) == pytest.approx(middle, abs=8)
