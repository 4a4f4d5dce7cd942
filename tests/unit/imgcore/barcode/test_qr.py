"""QR codes that an engine does not read at first: blurred, seen from aside, damaged."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import USUAL, engines, read_codes
from imgcore.barcode.cells import cell_levels
from imgcore.barcode.qr.search import read_qr_codes
from imgcore.barcode.qr.symbol import LARGEST, SMALLEST, STEP, draw, function_patterns
from imgcore.barcode.squares import Square
from imgcore.types import Image

TEXT = "https://oa.example.cn/?id=42"
SIDE = 400


def modules(text: str = TEXT) -> Image:
    """Modules of a code, 1 for light, without its quiet zone."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    picture = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False), np.uint8)
    return np.asarray(picture > 127, np.uint8)


def on_page(drawn: Image, corners: list[tuple[float, float]]) -> Image:
    """A page with the modules in a quadrangle, as an ideal camera sees it."""
    module = 8
    fine = 3
    large = np.kron(drawn, np.ones((module, module), np.uint8)) * np.uint8(215) + np.uint8(25)
    side = len(large)
    source = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32) * fine)
    seen = cv2.warpPerspective(large, matrix, (SIDE * fine,) * 2, flags=cv2.INTER_LINEAR, borderValue=(240,))
    return np.asarray(cv2.resize(seen, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def upright(size: float) -> list[tuple[float, float]]:
    low = (SIDE - size) / 2
    high = (SIDE + size) / 2
    return [(low, low), (high, low), (high, high), (low, high)]


def blurred() -> Image:
    """Of four pixels a module, blurred by 0.7."""
    return np.asarray(
        cv2.GaussianBlur(on_page(modules(), upright(4 * len(modules()))), (0, 0), 2.8), np.uint8
    )


def without_a_finder() -> Image:
    """With a blot on a finder pattern's middle and side."""
    drawn = modules()
    drawn[1:6, 3] = 1
    drawn[:2, :5] = 1
    return on_page(drawn, upright(5 * len(drawn)))


def from_aside() -> Image:
    """Seen at a grazing angle, a little blurred."""
    seen = on_page(modules(), [(160, 98), (240, 158), (240, 308), (160, 278)])
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 1.0), np.uint8)


def several() -> Image:
    """Five codes, of which three are too small and blurred for the engine."""
    page = np.full((900, 900), 240, np.uint8)
    for number, (x, y) in enumerate([(60, 60), (480, 60), (60, 480), (480, 480), (270, 270)]):
        drawn = modules(f"{TEXT}{number}")
        module = 5 if number < 2 else 3
        code = np.kron(drawn, np.ones((module, module), np.uint8)) * np.uint8(215) + np.uint8(25)
        part = np.pad(code, 20, constant_values=240)
        part = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.7 * module if number > 1 else 0.5), np.uint8)
        page[y : y + len(part), x : x + len(part)] = part
    return noisy(page)


def noisy(seen: Image) -> Image:
    return np.clip(seen + np.random.default_rng(1).normal(0, 2, seen.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("draw_page", [blurred, without_a_finder, from_aside])
def test_a_code_that_the_engine_does_not_read_is_read(draw_page: Callable[[], Image]) -> None:
    page = noisy(draw_page())
    engine = engines.best_engine(USUAL)
    assert engine is not None and engine.read_picture(page, False) == ()
    (found,) = read_codes(page)
    assert found.text == TEXT
    assert np.abs(found.corners.mean(axis=0) - SIDE / 2).max() < 12


def test_several_codes_on_one_picture_are_read_each_once() -> None:
    page = several()
    engine = engines.best_engine(USUAL)
    assert engine is not None and len(engine.read_picture(page, False)) == 2
    assert sorted(one.text for one in read_codes(page)) == [f"{TEXT}{number}" for number in range(5)]


@pytest.mark.parametrize("length", [10, 60, 150, 300])
def test_function_patterns_are_those_of_drawn_codes(length: int) -> None:
    drawn = modules("7x" * (length // 2))
    known = function_patterns(len(drawn))
    assert SMALLEST <= len(drawn) <= LARGEST and (len(drawn) - SMALLEST) % STEP == 0
    assert ((known > 0) == (drawn > 0))[known != 0].all()
    assert 0.1 < np.count_nonzero(known) / known.size < 0.7


def test_a_drawn_code_is_read_whatever_its_function_patterns_were() -> None:
    drawn = modules()
    levels = np.where(drawn > 0, 1, -1) * np.where(function_patterns(len(drawn)) == 0, 1, 0)
    assert [one.text for one in zxingcpp.read_barcodes(draw(levels.astype(np.float32)))] == [TEXT]


def test_noise_and_print_in_a_square_give_no_text() -> None:
    rng = np.random.default_rng(3)
    for size in (25, 29, 33):
        page = on_page(rng.integers(0, 2, (size, size)).astype(np.uint8), upright(4 * size))
        assert read_codes(noisy(page)) == ()


def test_codes_in_patches_that_overlap_are_given_once() -> None:
    page = np.full((600, 900), 240, np.uint8)
    for number in range(2):
        drawn = np.kron(modules(f"{TEXT}{number}"), np.ones((8, 8), np.uint8)) * np.uint8(215) + np.uint8(25)
        left = 120 + number * 320
        page[150 : 150 + len(drawn), left : left + len(drawn)] = drawn
    engine = engines.best_engine(USUAL)
    assert engine is not None
    both = [Square(419.0, y, np.diag([520.0, 420.0])) for y in (250.0, 254.0)]
    levels = cell_levels(page)
    found = list(read_qr_codes(levels, both, engine))
    assert sorted(one.text for one in found) == [f"{TEXT}0", f"{TEXT}1"]
    assert not list(read_qr_codes(levels, both, engine, found))
