"""Patch codes: each of the six, at each edge, turned, askew, small and in noise, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.barcode.patch_code import PatchCode, read_patch_code
from imgcore.types import Image
from tests.unit.imgcore.sheets import Sheet

DOTS = 100
WIDTHS = {"W": 0.20, "N": 0.08}
BARS = {"1": "WWNN", "2": "WNNW", "3": "WNWN", "4": "NWWN", "6": "NNWW", "T": "NWNW"}
A4 = round(11.69 * DOTS), round(8.27 * DOTS)


def sheet(bars: str, dots: int = DOTS, edge: float = 0.5, length: float = 4.0) -> Image:
    """A sheet with bars along its upper edge, the first at the edge; sizes are inches."""
    image = np.full((round(11.69 * dots), round(8.27 * dots)), 246, np.uint8)
    top = edge
    for bar in bars:
        rows = slice(round(top * dots), round((top + WIDTHS[bar]) * dots))
        image[rows, round(2 * dots) : round((2 + length) * dots)] = 12
        top += WIDTHS[bar] + 0.08
    return image


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("name", BARS)
def test_each_code_is_read_at_each_edge(name: str, quarter: int) -> None:
    turned = np.ascontiguousarray(np.rot90(sheet(BARS[name]), quarter))
    assert read_patch_code(turned) is PatchCode(name)


@pytest.mark.parametrize("dots", [60, 200, 300])
def test_the_resolution_does_not_count(dots: int) -> None:
    assert read_patch_code(cv2.cvtColor(sheet(BARS["T"], dots), cv2.COLOR_GRAY2BGR)) is PatchCode.T


@pytest.mark.parametrize("degrees", [-4.0, -1.5, 2.0, 4.0])
def test_a_sheet_that_was_fed_askew_is_read(degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((A4[1] / 2, A4[0] / 2), degrees, 1.0)
    askew = cv2.warpAffine(sheet(BARS["T"]), turn, A4[::-1], borderValue=246)
    rng = np.random.default_rng(1)
    grainy = np.clip(askew + rng.normal(0, 8, askew.shape), 0, 255).astype(np.uint8)
    assert read_patch_code(cv2.GaussianBlur(grainy, (3, 3), 0)) is PatchCode.T


@pytest.mark.parametrize("bars", ["NWNWN", "NWN", "WWWN", "NNNN"])
def test_other_bars_are_no_code(bars: str) -> None:
    assert read_patch_code(sheet(bars)) is None


def test_bars_that_are_too_short_or_on_a_page_of_text_are_no_code() -> None:
    assert read_patch_code(sheet(BARS["T"], length=0.4)) is None
    page = Sheet(DOTS)
    text = page.lay(page.text()).scanned()
    assert read_patch_code(text) is None
    assert read_patch_code(np.full((*A4, 3), 250, np.uint8)) is None
    assert read_patch_code(np.zeros(A4, np.uint8)) is None
