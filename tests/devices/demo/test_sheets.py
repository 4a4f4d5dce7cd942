"""The demo scanner's sheets are what they claim to be, and look so to the picture core."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.paper.blank_page import is_blank
from imgcore.pipeline import process
from imgcore.settings import Crop, Settings
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic import codes
from synthetic.documents import ink
from synthetic.scene import scanner as sheets
from synthetic.scene.scanner import BedArea, Mode, SampleSheets, scan_area
from synthetic.text import handwriting, typeface

A4 = BedArea(0, 0, 210, 297)
FEEDER_BED = BedArea(0, 0, 216, 356)
GLASS_BED = BedArea(0, 0, 216, 297)
SHEETS = range(len(sheets.FRONTS))
MULTI = Settings(crop=Crop.MULTI)


@pytest.fixture(scope="module")
def stack() -> SampleSheets:
    return SampleSheets(1)


def side(
    stack: SampleSheets, sheet: int, back: bool = False, area: BedArea = A4, mode: Mode = Mode.GRAY
) -> Image:
    return scan_area(stack.side(sheet, back), area, 150, mode)


def millimetres(picture: Image) -> tuple[float, float]:
    return picture.shape[1] / 150 * 25.4, picture.shape[0] / 150 * 25.4


@pytest.mark.long
@pytest.mark.sampled(3)
@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("back", [False, True])
def test_a_sheet_is_cut_out_of_the_bed_as_a4(stack: SampleSheets, sheet: int, back: bool) -> None:
    bed = side(stack, sheet, back, FEEDER_BED, Mode.COLOR)
    (page,) = process(bed, Settings(crop=Crop.SINGLE)).pictures
    assert millimetres(page) == pytest.approx((210, 297), abs=1.2)


@pytest.mark.long
def test_sheets_are_drawn_in_askew_but_not_much(stack: SampleSheets) -> None:
    angles = [stack.side(sheet, False).angle for sheet in range(40)]
    assert max(map(abs, angles)) <= sheets.SKEW
    assert max(angles) > 0.4 and min(angles) < -0.4
    assert [stack.side(sheet, True).angle for sheet in range(40)] == [-angle for angle in angles]


def test_beyond_the_sheet_is_the_dark_roller(stack: SampleSheets) -> None:
    bed = side(stack, 0, area=FEEDER_BED)
    assert bed[-200:].mean() == pytest.approx(56, abs=3)
    assert np.median(bed[:1700]) > 220


@pytest.mark.long
@pytest.mark.parametrize("mode", list(Mode))
def test_one_back_is_blank_and_the_printed_ones_are_not(stack: SampleSheets, mode: Mode) -> None:
    assert is_blank(side(stack, sheets.BLANK, True, mode=mode))
    for sheet, back in ((0, True), (4, True), *((sheet, False) for sheet in SHEETS)):
        assert not is_blank(side(stack, sheet, back, mode=mode))


def strokes(picture: Image) -> np.ndarray:
    """How much darker a page is than its surroundings, without its rim."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    inner = small[50:375, 30:280].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), 8) - inner)


def test_nothing_shines_through_the_blank_one(stack: SampleSheets) -> None:
    darkest = [strokes(side(stack, sheet, True)).max() for sheet in (1, sheets.BLANK, 3)]
    assert darkest[1] < 6 < 10 < min(darkest[0], darkest[2]) < 30


def test_a_bare_back_shows_its_front_mirrored(stack: SampleSheets) -> None:
    def likeness(front: Image) -> float:
        shifted = [strokes(np.roll(front, by, axis=1)) for by in range(0, 60, 4)]
        soft = [cv2.GaussianBlur(it, (0, 0), 1).ravel() for it in (*shifted, strokes(side(stack, 3, True)))]
        return max(float(np.corrcoef(it, soft[-1])[0, 1]) for it in soft[:-1])

    # The back runs through turned the other way, as the front is when it is mirrored.
    front = side(stack, 3)
    assert likeness(np.ascontiguousarray(front[:, ::-1])) > 0.9
    assert likeness(front) < 0.7


def test_its_codes_can_be_read(stack: SampleSheets) -> None:
    page = scan_area(stack.side(0, False), A4, 200, Mode.GRAY)
    assert cv2.QRCodeDetector().detectAndDecode(page)[0] == codes.QR_TEXT
    text = cv2.barcode.BarcodeDetector().detectAndDecode(page[1780:2080, 400:880])[0]
    assert text == codes.EAN_DIGITS + codes.check_digit(codes.EAN_DIGITS)


def test_the_seal_is_red_and_the_writing_blue(stack: SampleSheets) -> None:
    blue, _, red = (plane.astype(int) for plane in cv2.split(side(stack, 1, mode=Mode.COLOR)))
    assert ((blue - red) > 60).sum() > 4000
    blue, _, red = (plane.astype(int) for plane in cv2.split(side(stack, 0, mode=Mode.COLOR)))
    assert ((red - blue) > 90).sum() > 4000


@pytest.mark.parametrize("scan", range(3))
def test_three_papers_lie_on_the_glass(stack: SampleSheets, scan: int) -> None:
    bed = scan_area(stack.glass(scan), GLASS_BED, 150, Mode.COLOR)
    assert len(process(bed, MULTI, models=ModelCache().models(MULTI)).pictures) == 3


def test_resolutions_show_the_same(stack: SampleSheets) -> None:
    sheet = stack.side(0, False)
    small = scan_area(sheet, A4, 75, Mode.GRAY).astype(np.float32)
    for resolution in (100, 300, 600):
        other = scan_area(sheet, A4, resolution, Mode.GRAY)
        assert other.shape == (round(297 * resolution / 25.4), round(210 * resolution / 25.4))
        shrunk = cv2.resize(other, small.shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.97


def test_grey_is_the_grey_of_colour(stack: SampleSheets) -> None:
    colour = side(stack, 2, mode=Mode.COLOR)
    grey = side(stack, 2)
    assert np.abs(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY).astype(int) - grey).mean() < 3


def test_noise_differs_from_sheet_to_sheet_only(stack: SampleSheets) -> None:
    blank = [side(stack, sheets.BLANK + turn, True)[400:600, 400:600] for turn in (0, 0, len(SHEETS))]
    assert np.array_equal(blank[0], blank[1])
    assert not np.array_equal(blank[0], blank[2])
    assert 0.8 < blank[0].std() < 5


def test_what_is_remembered_is_bounded(stack: SampleSheets) -> None:
    for sheet in range(12):
        for back in (False, True):
            assert len(stack.side(sheet, back).picture) < 6 << 20
    remembered = stack._sides.cache_info()
    assert remembered.maxsize == sheets.KEPT and remembered.misses <= 2 * len(SHEETS)


@pytest.mark.long
def test_without_fonts_the_papers_are_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "FOLDERS", (tmp_path,))
    stack = SampleSheets(1)
    for sheet in SHEETS:
        assert (side(stack, sheet) < 120).mean() > 0.01
    assert len(scan_area(stack.glass(1), GLASS_BED, 75, Mode.GRAY)) == 877


def test_writing_is_not_twice_the_same() -> None:
    rng = np.random.default_rng(1)
    first, second = (handwriting.handwriting(rng, "2030-01-08", 72.0) for _ in range(2))
    assert first.any()
    assert first.shape != second.shape or not np.array_equal(first, second)


@pytest.mark.parametrize("words", ["one two three four five six", "一二三四五六七，八九十。一二三四五六七八"])
def test_lines_fit_and_hold_every_letter(words: str) -> None:
    faces = typeface.typefaces()
    column = ink.Column(0, 30, 4.0, 6.0)
    lines = list(ink.lines(column, faces.serif, words))
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert max(faces.serif.at(100).getlength(line) * 0.04 for line in lines) <= 30.0 + 4.0
    assert not any(line[0] in ink.NEVER_FIRST for line in lines)


def test_a_scan_has_at_least_a_pixel() -> None:
    assert sheets.pixel_size(BedArea(0, 0, 0.01, 0.01), 75) == (1, 1)
