"""Patches that may be matrix codes, wherever they are seen from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode.cells import cell_levels, finer_level
from imgcore.barcode.patches import looks_like_code
from imgcore.barcode.squares import Square, find_squares
from imgcore.types import Image
from tests.unit.imgcore.barcode.pictures import placed, printed_page

TEXT = "https://oa.example.cn/?id=42"


def code(module: int) -> Image:
    made = zxingcpp.create_barcode(TEXT, zxingcpp.BarcodeFormat.QRCode)
    return np.array(zxingcpp.write_barcode_to_image(made, scale=module), np.uint8)


def at(squares: tuple[Square, ...], x: float, y: float) -> list[Square]:
    return [one for one in squares if np.hypot(one.x - x, one.y - y) < max(0.2 * one.size, 8)]


@pytest.mark.parametrize("degrees", [0, 20, 45, 70])
@pytest.mark.parametrize("module", [2, 4, 12])
def test_a_code_is_a_square_at_any_angle_and_size(degrees: int, module: int) -> None:
    drawn = code(module)
    page, _ = placed(drawn, degrees)
    levels = cell_levels(page)
    found = at(find_squares(levels), 449.5, 449.5)
    assert found and 0.6 * len(drawn) < found[0].size < 1.3 * len(drawn)
    assert looks_like_code(levels, found[0])


def test_a_code_seen_from_aside_is_a_parallelogram() -> None:
    drawn = code(6)
    side = len(drawn)
    target = np.array([(300, 200), (400, 260), (400, 460), (300, 400)], np.float32)
    source = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target * 3)
    fine = cv2.warpPerspective(drawn, matrix, (2100, 2100), borderValue=(255,))
    page = np.asarray(cv2.resize(fine, (700, 700), interpolation=cv2.INTER_AREA), np.uint8)
    (found,) = at(find_squares(cell_levels(page)), 350, 330)
    corners = found.corners(0.0)
    shared, _ = cv2.intersectConvexConvex(corners, target)
    assert shared > 0.5 * (cv2.contourArea(corners) + cv2.contourArea(target) - shared)


def test_a_code_of_one_pixel_a_module_is_seen_at_twice_its_size() -> None:
    page = np.full((400, 400), 240, np.uint8)
    drawn = code(1)
    page[180 : 180 + len(drawn), 180 : 180 + len(drawn)] = drawn
    middle = 180 + (len(drawn) - 1) / 2
    assert at(find_squares((finer_level(page),)), middle, middle)


def test_lines_of_print_are_no_code() -> None:
    levels = cell_levels(printed_page())
    assert not any(looks_like_code(levels, one) for one in find_squares(levels))


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (40, 40)])
def test_pictures_too_small_hold_no_square(shape: tuple[int, int]) -> None:
    assert find_squares(cell_levels(np.zeros(shape, np.uint8))) == ()
