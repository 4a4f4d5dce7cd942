"""Which pages are blank: what lies on paper without being writing, and the least that is writing."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from imgcore.jpeg import Workspace, scan_top
from imgcore.paper.blank_page import is_blank, is_crowded
from imgcore.types import Image
from tests.extent import extent
from tests.unit.imgcore.sheets import Sheet

Make = Callable[[int], Image]
DOTS = [100, 250][: extent(1, 2)]
"""An inch."""
GREY = (90, 90, 90)
RED = (60, 50, 200)
PENCIL = (150, 150, 150)
DARK = (15, 15, 15)


def _crease(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.line((0, 148), (210, 149), width=0.5), GREY, 0.45, 0.5).scanned()


def _folded_twice(dots: int) -> Image:
    sheet = Sheet(dots)
    for line in (((0, 99), (210, 99.5)), ((0, 198), (210, 197)), ((105, 0), (104, 297))):
        sheet.lay(sheet.line(*line, width=0.4), GREY, 0.3, 0.3)
    return sheet.scanned()


def _askew_crease(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.line((0, 60), (210, 250), width=0.4), GREY, 0.3, 0.4).scanned()


def _streak(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.line((70, 0), (70, 297), width=0.2), GREY, 0.5).scanned()


def _show_through(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.text()[:, ::-1], (40, 40, 40), 0.13, 0.35).scanned()


def _headlines_show_through(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.text(8.0, 30)[:, ::-1], (40, 40, 40), 0.13, 0.4).scanned()


def _dust(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.dust(60), (60, 60, 60), 0.9).scanned()


def _holes(dots: int, level: int = 10) -> Image:
    sheet = Sheet(dots)
    for y in (30, 110, 190, 270):
        sheet.lay(sheet.disc(11, y, 2.75), (level,) * 3)
    return sheet.scanned()


def _lid(dots: int) -> Image:
    sheet = Sheet(dots)
    for box in ((0, 0, 210, 4), (204, 0, 6, 297)):
        sheet.lay(sheet.box(*box), DARK)
    return sheet.scanned()


def _askew_on_the_lid(dots: int) -> Image:
    picture = Sheet(dots).scanned()
    rows, cols = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((cols / 2, rows / 2), 1.5, 1)
    return np.asarray(cv2.warpAffine(picture, turn, (cols, rows), borderValue=DARK), np.uint8)


def _dotted_white(dots: int) -> Image:
    """Black and white, with the specks that a threshold leaves."""
    picture = np.full((round(297 * dots / 25.4), round(210 * dots / 25.4)), 255, np.uint8)
    side = max(1, dots // 120)
    random = np.random.default_rng(2)
    for row, col in random.integers(
        dots // 10, (len(picture) - dots // 5, picture.shape[1] - dots // 5), (300, 2)
    ):
        picture[row : row + side, col : col + side] = 0
    return picture


BLANK: dict[str, Make] = {
    "paper": lambda dots: Sheet(dots).scanned(),
    "much noise": lambda dots: Sheet(dots).scanned(9),
    "tinted": lambda dots: Sheet(dots, (190, 225, 240)).scanned(),
    "recycled": lambda dots: Sheet(dots, (180, 195, 200)).scanned(5),
    "uneven light": lambda dots: Sheet(dots).shade(0.6, 0.9).scanned(),
    "black": lambda dots: Sheet(dots, (20, 20, 20)).scanned(),
    "the back shows through": _show_through,
    "headlines show through": _headlines_show_through,
    "dust": _dust,
    "black holes": _holes,
    "grey holes": lambda dots: _holes(dots, 120),
    "lid": _lid,
    "askew on the lid": _askew_on_the_lid,
    "crease": _crease,
    "folded twice": _folded_twice,
    "crease askew": _askew_crease,
    "streak": _streak,
    "dotted black and white": _dotted_white,
}


def _written(text: str, x: float, y: float, height: float = 2.4) -> Make:
    def make(dots: int) -> Image:
        sheet = Sheet(dots)
        return sheet.lay(sheet.words(text, x, y, height)).scanned()

    return make


def _pencil(length: float) -> Make:
    def make(dots: int) -> Image:
        sheet = Sheet(dots)
        return sheet.lay(
            sheet.line((60, 120), (60 + length, 120 + length / 5), width=0.5), PENCIL, 0.4
        ).scanned()

    return make


def _pencil_note(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.words("call back", 50, 90, 5, 6), (140, 140, 140), 0.45).scanned()


def _signature(dots: int) -> Image:
    sheet = Sheet(dots)
    way = np.linspace(0, 1, 80)
    points = np.stack([60 + 50 * way, 200 + 6 * np.sin(25 * way) * (1 - way)], 1)
    return sheet.lay(sheet.line(*map(tuple, points), width=0.5), (140, 60, 40), 0.9).scanned()


def _stamp(strength: float) -> Make:
    def make(dots: int) -> Image:
        sheet = Sheet(dots)
        seal = np.maximum(sheet.disc(140, 220, 20, 1.2), sheet.words("SEAL", 130, 222, 5))
        return sheet.lay(seal, RED, strength).scanned()

    return make


def _box(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.box(60, 80, 80, 20), GREY).scanned()


def _number_beside_holes(dots: int) -> Image:
    sheet = Sheet(dots)
    for y in (108.5, 188.5):
        sheet.lay(sheet.disc(12, y, 3), DARK)
    return sheet.lay(sheet.words("7", 103, 285)).scanned()


def _word_over_show_through(dots: int) -> Image:
    sheet = Sheet(dots)
    sheet.lay(sheet.text()[:, ::-1], (40, 40, 40), 0.13, 0.35)
    return sheet.lay(sheet.words("Over", 30, 40)).scanned()


def _black_and_white_number(dots: int) -> Image:
    return np.where(_written("Page 2", 100, 280)(dots).min(axis=2) > 128, 255, 0).astype(np.uint8)


def _page(dots: int) -> Image:
    sheet = Sheet(dots)
    return sheet.lay(sheet.text()).scanned()


WRITTEN: dict[str, Make] = {
    "a short line": _written("See overleaf.", 30, 40),
    "a page number": _written("7", 103, 285),
    "a thin page number": _written("1", 103, 285),
    "a small page number": _written("- 12 -", 100, 286, 2.1),
    "a page number beside holes": _number_beside_holes,
    "a word over what shows through": _word_over_show_through,
    "a signature": _signature,
    "a pale line of pencil": _pencil(50),
    "a short line of pencil": _pencil(20),
    "a note in pencil": _pencil_note,
    "a stamp": _stamp(0.7),
    "a pale stamp": _stamp(0.25),
    "a grey box": _box,
    "black and white": _black_and_white_number,
    "a page of text": _page,
}


@pytest.mark.parametrize("dots", DOTS)
@pytest.mark.parametrize("name", BLANK)
def test_it_is_blank(name: str, dots: int) -> None:
    picture = BLANK[name](dots)
    assert is_blank(picture)
    assert is_blank(picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)))


@pytest.mark.parametrize("dots", DOTS)
@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_not_blank(name: str, dots: int) -> None:
    picture = WRITTEN[name](dots)
    assert not is_blank(picture)
    assert not is_blank(
        picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    )


@pytest.mark.long
@pytest.mark.parametrize(("made", "blank"), [(_crease, True), (_holes, True), (_pencil(20), False)])
def test_fine_scans_are_told_as_well(made: Make, blank: bool) -> None:
    assert is_blank(made(extent(300, 600))) == blank


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (5, 4, 3), (40, 30), (3000, 8), (30, 4000, 3)])
def test_any_shape_is_told(shape: tuple[int, ...]) -> None:
    assert is_blank(np.full(shape, 240, np.uint8))


def test_the_picture_is_not_modified() -> None:
    picture = _written("7", 103, 285)(100)
    before = picture.copy()
    is_blank(picture)
    np.testing.assert_array_equal(picture, before)


# The quick look at a part ------------------------------------------------------------------


def _top(picture: Image, share: float) -> Image:
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    return scan_top(data, share, Workspace())


@pytest.mark.long
def test_the_top_of_a_page_of_text_is_enough() -> None:
    assert is_crowded(_top(_page(300), 0.4))


@pytest.mark.long
@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", BLANK)
def test_a_blank_page_is_never_crowded(name: str) -> None:
    picture = BLANK[name](200)
    assert not any(is_crowded(_top(picture, share)) for share in (0.12, 0.4, 1.0))


@pytest.mark.parametrize("shape", [(0, 300), (1, 300), (300, 1), (7, 7)])
def test_next_to_nothing_is_not_crowded(shape: tuple[int, int]) -> None:
    assert not is_crowded(np.zeros(shape, np.uint8))
