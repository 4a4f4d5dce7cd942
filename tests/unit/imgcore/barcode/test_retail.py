"""EAN and UPC symbols, whose digits are fitted to grey levels together."""

from __future__ import annotations

from itertools import groupby

import cv2
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import read_codes
from imgcore.barcode.code import Symbology
from imgcore.barcode.retail.decoder import RetailReading, read_retail
from imgcore.barcode.retail.symbol import EAN_8, EAN_13, RetailLayout, edges, template, text_of
from imgcore.barcode.retail.trellis import likeliest, second_valid
from imgcore.barcode.strips import SCALE, Strips
from tests.unit.imgcore.barcode.pictures import placed
from tests.unit.imgcore.barcode.profiles import Press, printed

PRESSES = [
    Press(pixels=6, spread=-0.48, blur=0.25),
    Press(pixels=3, spread=0.5),
    Press(pixels=2.5, blur=0.9, noise=3, shade=0.5),
    Press(pixels=1.4, blur=0.5, noise=5),
]
TEXTS = [("9784872348880", "EAN13"), ("023942431015", "UPCA"), ("25401707", "EAN8")]
KINDS = {"EAN13": Symbology.EAN_13, "UPCA": Symbology.UPC_A, "EAN8": Symbology.EAN_8}


def widths_of(text: str, kind: str) -> tuple[float, ...]:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    row = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))[0]
    return tuple(float(len(list(run))) for _, run in groupby(row))


def strips_of(widths: tuple[float, ...], press: Press, bend: float = 0.0) -> Strips:
    """Strips of a field, each moved by a parabola along the code whose height is `bend` modules."""
    rows = [printed(widths, press, seed) for seed in range(5)]
    places = np.arange(len(rows[0]), dtype=np.float64)
    across = 1 - np.square(2 * places / len(places) - 1)
    moved = [
        np.interp(places + bend * press.pixels * side * across, places, row)
        for side, row in zip((-1, -0.5, 0, 0.5, 1), rows, strict=True)
    ]
    levels = np.stack([np.mean(moved, axis=0), *moved]).astype(np.float32)
    fine = cv2.resize(levels, (SCALE * len(places), len(levels)), interpolation=cv2.INTER_CUBIC)
    u = np.arange(fine.shape[1]) / SCALE
    return Strips(fine, u, SCALE * sum(widths) * press.pixels / len(widths), SCALE)


def read(strips: Strips, press: Press) -> RetailReading | None:
    around = press.quiet * press.pixels * SCALE
    return read_retail(strips, around, strips.levels.shape[1] - around)


@pytest.mark.parametrize("press", PRESSES)
@pytest.mark.parametrize(("text", "kind"), TEXTS)
def test_blurred_thin_and_thick_bars_are_read(text: str, kind: str, press: Press) -> None:
    strips = strips_of(widths_of(text, kind), press)
    found = read(strips, press)
    assert found is not None
    assert (found.text, found.symbology) == (text, KINDS[kind])
    assert found.start == pytest.approx(press.quiet * press.pixels * SCALE, abs=0.6 * press.pixels * SCALE)
    backwards = read(Strips(strips.levels[:, ::-1].copy(), strips.u, strips.element, SCALE), press)
    assert backwards is not None
    assert backwards.text == text
    assert backwards.start > backwards.end


def test_bent_bars_are_straightened_first() -> None:
    press = Press(pixels=2.5, blur=0.7)
    found = read(strips_of(widths_of("9784872348880", "EAN13"), press, bend=1.0), press)
    assert found is not None
    assert found.text == "9784872348880"


def test_bars_of_other_kinds_and_noise_are_not_read() -> None:
    press = Press(pixels=2, blur=0.6, noise=3)
    random = np.random.default_rng(5)
    for _ in range(20):
        widths = tuple(random.integers(1, 5, 59).astype(float))
        assert read(strips_of(widths, press), press) is None
    assert read(strips_of(widths_of("ABC1234", "Code128"), press), press) is None


def test_a_text_that_is_hardly_likelier_than_another_is_not_believed() -> None:
    press = Press(pixels=2, blur=1.6, noise=12)
    assert read(strips_of(widths_of("9784872348880", "EAN13"), press), press) is None


@pytest.mark.parametrize("layout", [EAN_13, EAN_8])
def test_the_second_best_text_is_valid_and_another(layout: RetailLayout) -> None:
    under = template(layout, 0.7, 0.0)
    digits = np.array([7, 18, 10, 4, 14, 1, 0, 1, 4, 9, 8, 9] if layout.leads else [2, 5, 4, 0, 1, 7, 0, 7])
    ink = under.guards.copy()
    for (start, kinds), digit in zip(under.digits, digits, strict=True):
        ink[start : start + kinds.shape[1]] += kinds[digit]
    even = np.ones(layout.samples)
    error, found = likeliest(ink[None], even, under)
    assert (found[0] == digits).all()
    assert error[0] == pytest.approx(0, abs=1e-6)
    least = np.inf
    for first, second in [(a, b) for a in range(len(digits)) for b in range(a)]:
        for to in np.ndindex(10, 10):
            other = digits.copy()
            other[[first, second]] = other[[first, second]] // 10 * 10 + to
            if text_of(layout, other) and (other != digits).any():
                seen = under.guards.copy()
                for (start, kinds), digit in zip(under.digits, other, strict=True):
                    seen[start : start + kinds.shape[1]] += kinds[digit]
                least = min(least, float(np.square(seen - ink).sum()))
    assert second_valid(ink, even, under, layout) == pytest.approx(least, rel=1e-6)


def test_thin_bars_on_a_page_are_read() -> None:
    widths = widths_of("023942431015", "UPCA")
    levels = np.repeat(np.where(np.arange(len(widths)) % 2, 255, 20), np.array(widths, int) * 6).astype(
        np.uint8
    )
    ink = cv2.dilate(levels[None], np.ones((1, 5), np.uint8))
    page, _ = placed(np.tile(ink, (150, 1)), 3.0)
    read_texts = [code.text for code in read_codes(cv2.GaussianBlur(page, (0, 0), 4.5))]
    assert read_texts == ["023942431015"]


def test_edges_and_texts() -> None:
    digits = np.array([7, 18, 10, 4, 14, 1, 0, 1, 4, 9, 8, 9])
    assert text_of(EAN_13, digits) == "9780441014989"
    assert np.diff(edges(EAN_13, digits)).tolist() == list(widths_of("9780441014989", "EAN13"))
    assert not text_of(EAN_13, digits[::-1])
    digits[-1] = 8
    assert not text_of(EAN_13, digits)
