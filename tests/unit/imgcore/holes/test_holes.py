"""Binder holes are found where a punch makes them, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.quality.fingers import load_unheld
from imgcore.holes.punch_pattern import RoundSpot, select_punch_holes
from imgcore.holes.removal import remove_holes
from imgcore.types import Image
from synthetic.datasets.punched import make_punched
from tests.extent import extent
from tests.fakes.paper import sheet
from tests.fakes.shapes import ODD

COLS = 1000
ROWS = 1414
UNIT = ROWS / 297
PAPER = (236, 240, 242)


def places(count: int, pitch: float = 80, inset: float = 11.5) -> list[tuple[int, int]]:
    """Centres on the left side, in pixels."""
    first = 148.5 - (count - 1) * pitch / 2
    return [(round(inset * UNIT), round((first + k * pitch) * UNIT)) for k in range(count)]


def punch(
    picture: Image, centres: list[tuple[int, int]], ground: tuple[int, int, int] = (40, 38, 36)
) -> Image:
    holed = picture.copy()
    for centre in centres:
        cv2.circle(holed, centre, round(3 * UNIT), ground, -1, cv2.LINE_AA)
    return holed


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("count", [2, 4])
def test_holes_on_any_side_become_paper(turn: int, count: int) -> None:
    page = sheet(COLS, ROWS)
    picture = np.ascontiguousarray(np.rot90(punch(page, places(count)), turn))
    result = remove_holes(picture)
    assert len(result.holes) == count
    wanted = np.rot90(page, turn)
    assert np.abs(result.image.astype(int) - wanted).max() < 30
    assert result.confidence > 0.6


@pytest.mark.parametrize(
    "ground", [(20, 20, 20), (60, 105, 160), (205, 208, 210)], ids=["dark", "wood", "sheet"]
)
def test_whatever_is_seen_through_them(ground: tuple[int, int, int]) -> None:
    result = remove_holes(punch(sheet(COLS, ROWS), places(2), ground))
    centres = [(hole.x, hole.y) for hole in sorted(result.holes, key=lambda hole: hole.y)]
    np.testing.assert_allclose(centres, places(2), atol=2)
    assert all(abs(hole.radius - 3 * UNIT) < 2 for hole in result.holes)


def test_a_punch_of_three_unlike_pitches() -> None:
    x = round(11.5 * UNIT)
    centres = [(x + round(y / 20), round((148.5 + y) * UNIT)) for y in (-56, -35, 35, 56)]
    page = sheet(COLS, ROWS)
    result = remove_holes(punch(page, centres))
    assert len(result.holes) == 4
    assert np.abs(result.image.astype(int) - page).max() < 30


@pytest.mark.parametrize("band", [(24, 28, 110), (60, 60, 60)])
def test_a_hole_in_a_printed_band_is_told_by_another_in_paper(band: tuple[int, int, int]) -> None:
    """It is filled with the band's colour; without one in paper it might be a disc on a desk."""
    page = sheet(COLS, ROWS)
    (x, y), _ = places(2)
    cv2.rectangle(page, (0, y - 60), (700, y + 60), band, -1)
    result = remove_holes(punch(page, places(2)))
    assert len(result.holes) == 2
    assert np.abs(result.image.astype(int) - page).max() < 30
    cv2.rectangle(page, (0, 0), (x + 60, ROWS), band, -1)
    result = remove_holes(punch(page, places(2)))
    assert (result.holes, result.unsure) == ((), 2)


def test_a_torn_hole_is_filled_with_its_tear() -> None:
    picture = punch(sheet(COLS, ROWS), places(2))
    x, y = places(2)[0]
    cv2.fillPoly(picture, [np.array([(x, y - 8), (0, y - 16), (0, y + 14), (x, y + 9)])], (40, 38, 36))
    result = remove_holes(picture)
    assert [hole.torn for hole in result.holes].count(True) == 1
    assert np.abs(result.image[y - 40 : y + 40, : x + 20].astype(int) - PAPER).max() < 30


def test_a_row_of_holes_is_found() -> None:
    centres = [(round(8 * UNIT), round((20 + 9.5 * k) * UNIT)) for k in range(26)]
    assert len(remove_holes(punch(sheet(COLS, ROWS), centres)).holes) == 26


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "pattern"),
    [(60_025, None), (910_010, "row")],
    ids=["print touches most", "the picture cuts all"],
)
def test_every_hole_of_a_row(seed: int, pattern: str | None) -> None:
    page = make_punched(seed, pattern=pattern)
    holes = [(hole.x, hole.y) for hole in remove_holes(page.picture).holes]
    gaps = np.linalg.norm(np.subtract(holes, page.centres[:, None]), axis=2)
    assert len(holes) == len(page.centres)
    assert gaps.min(axis=1).max() < page.radius / 2


@pytest.mark.long
def test_a_hole_of_a_row_whose_middle_the_picture_cuts_off() -> None:
    page = make_punched(940_001, pattern="coil")
    assert len(remove_holes(page.picture).holes) == len(page.centres)


def squares(pitch: float, half: float, ground: tuple[int, int, int]) -> Image:
    """A sheet with a row of squares along its left side, in millimetres."""
    picture = sheet(COLS, ROWS)
    left = round((6 - half) * UNIT)
    wide = round(2 * half * UNIT)
    for y in np.arange(10, 290, pitch):
        top = round((y - half) * UNIT)
        picture[top : top + wide, left : left + wide] = ground
    return picture


@pytest.mark.parametrize(("pitch", "half"), [(12.7, 2.7), (8.467, 2.0)], ids=["2:1", "3:1"])
def test_the_square_holes_for_a_wire(pitch: float, half: float) -> None:
    picture = squares(pitch, half, (60, 105, 160))
    result = remove_holes(picture)
    assert len(result.holes) == len(np.arange(10, 290, pitch))
    assert np.abs(result.image.astype(int) - sheet(COLS, ROWS)).max() < 30


@pytest.mark.parametrize(("pitch", "half"), [(12.7, 2.7), (8.467, 2.0)])
def test_the_black_timing_marks_of_a_form_stay(pitch: float, half: float) -> None:
    picture = squares(pitch, half, (25, 25, 25))
    assert remove_holes(picture).image is picture


def test_a_line_of_square_letters_is_no_row() -> None:
    picture = squares(8.467, 2.0, (40, 40, 150))
    for y in np.arange(10, 290, 8.467):
        for way in (-0.9, 0.0, 0.9):
            top = round((y + way) * UNIT)
            left = round((6 + way) * UNIT)
            picture[top - 1 : top + 2, round(4.4 * UNIT) : round(7.6 * UNIT)] = PAPER
            picture[round((y - 1.6) * UNIT) : round((y + 1.6) * UNIT), left - 1 : left + 2] = PAPER
    assert remove_holes(picture).image is picture


@pytest.mark.long
def test_print_that_a_crop_cuts_is_no_punch() -> None:
    page = make_punched(940_104, pattern="none").picture
    for cut in (np.s_[:, :-70], np.s_[:, 100:]):
        picture = np.ascontiguousarray(page[cut])
        assert remove_holes(picture).image is picture


def test_a_hole_is_told_by_the_shadow_of_its_rim() -> None:
    """What lies below is as light as the page: only a crescent and a faint round are seen."""
    picture = sheet(COLS, ROWS)
    for x, y in places(2):
        cv2.circle(picture, (x, y), round(3 * UNIT), (150, 152, 154), -1, cv2.LINE_AA)
        cv2.circle(picture, (x + 5, y + 3), round(2.7 * UNIT), (228, 232, 234), -1, cv2.LINE_AA)
    assert len(remove_holes(np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)).holes) == 2


def test_a_bar_may_run_into_a_hole() -> None:
    picture = sheet(COLS, ROWS)
    x, y = places(2)[0]
    picture[y - 30 : y + 4, x - 3 : x + 300] = (60, 50, 40)
    result = remove_holes(punch(picture, places(2), (150, 170, 160)))
    assert len(result.holes) == 2


def test_two_holes_torn_to_the_side() -> None:
    picture = punch(sheet(COLS, ROWS), places(2))
    for x, y in places(2):
        cv2.rectangle(picture, (0, y - 9), (x, y + 9), (40, 38, 36), -1)
    result = remove_holes(picture)
    assert [hole.torn for hole in result.holes] == [True, True]
    assert np.abs(result.image.astype(int) - sheet(COLS, ROWS)).max() < 30


@pytest.mark.parametrize(
    "widths", [(3, 3), (14, 14), (14, 30), (9, 40)], ids=["slit", "slot", "flared", "wedge"]
)
def test_tears_of_every_width_are_filled_up_to_the_side(widths: tuple[int, int]) -> None:
    picture = punch(sheet(COLS, ROWS), places(4))
    for x, y in places(4):
        tear = [(x, y - widths[0]), (0, y - 6 - widths[1]), (0, y - 6 + widths[1]), (x, y + widths[0])]
        cv2.fillPoly(picture, [np.array(tear)], (40, 38, 36), cv2.LINE_AA)
    result = remove_holes(picture)
    assert [hole.torn for hole in result.holes] == [True] * 4
    assert np.abs(result.image.astype(int) - sheet(COLS, ROWS)).max() < 30


@pytest.mark.parametrize("inset", [1.2, 2.4])
def test_holes_that_the_picture_cuts(inset: float) -> None:
    result = remove_holes(punch(sheet(COLS, ROWS), places(2, inset=inset)))
    assert len(result.holes) == 2
    assert np.abs(result.image.astype(int) - sheet(COLS, ROWS)).max() < 30


@pytest.mark.parametrize(
    "colour", [(250, 210, 170), (150, 215, 180), (255, 255, 255)], ids=["blue", "green", "white"]
)
def test_a_ring_that_strengthens_a_hole(colour: tuple[int, int, int]) -> None:
    picture = sheet(COLS, ROWS)
    for centre in places(2):
        cv2.circle(picture, centre, round(6.5 * UNIT), colour, -1, cv2.LINE_AA)
        cv2.circle(picture, centre, round(6.5 * UNIT), tuple(level // 2 for level in colour), 2, cv2.LINE_AA)
    result = remove_holes(punch(picture, places(2)))
    assert len(result.holes) == 2
    # The label stays, and so does the paper around it.
    x, y = places(2)[0]
    near = np.s_[y - 5 : y + 6, x + round(4.7 * UNIT) : x + round(5.7 * UNIT)]
    assert np.array_equal(result.image[near], picture[near])


@pytest.mark.parametrize("pitch", [20, 27, 40])
def test_a_column_of_discs_is_no_punch(pitch: float) -> None:
    picture = punch(sheet(COLS, ROWS), places(int(240 / pitch), pitch), (30, 30, 30))
    assert remove_holes(picture).image is picture


@pytest.mark.long
def test_letters_cut_by_the_border_are_no_holes() -> None:
    """A strip of dense print: rounds at every distance, with strokes in and about them."""
    picture = sheet(COLS, ROWS)
    for row in range(40):
        cv2.putText(picture, "90Og68ceoQ@&" * 6, (4 + row % 3, 30 + 35 * row), 0, 1.1, (30, 30, 30), 2)
    assert remove_holes(picture).image is picture


def test_a_list_of_bullets_is_no_row() -> None:
    picture = sheet(COLS, ROWS)
    for k in range(12):
        cv2.circle(picture, (38, 500 + 45 * k), 9, (30, 30, 30), -1, cv2.LINE_AA)
    assert remove_holes(picture).image is picture


def test_one_spot_alone_is_no_hole() -> None:
    picture = punch(sheet(COLS, ROWS), places(2)[:1])
    assert remove_holes(picture).image is picture


def test_spots_away_from_the_middle_of_the_side_are_no_holes() -> None:
    picture = punch(sheet(COLS, ROWS), [(x, y - 260) for x, y in places(2)])
    assert remove_holes(picture).holes == ()


def test_rings_and_bullets_are_no_holes() -> None:
    picture = sheet(COLS, ROWS)
    for x, y in places(2):
        cv2.circle(picture, (x, y), round(3 * UNIT), (30, 30, 30), 3, cv2.LINE_AA)
    for k in range(8):
        cv2.circle(picture, (round(24 * UNIT), 300 + 60 * k), 6, (30, 30, 30), -1, cv2.LINE_AA)
    assert remove_holes(picture).image is picture


def test_the_shade_of_the_paper_goes_on_through_a_hole() -> None:
    light = np.linspace(0.6, 1.0, ROWS)[:, None, None]
    page = np.asarray(sheet(COLS, ROWS) * light, np.uint8)
    result = remove_holes(punch(page, places(2)))
    for x, y in places(2):
        spot = np.s_[y - 8 : y + 9, x - 8 : x + 9]
        assert np.abs(result.image[spot].mean(axis=(0, 1)) - page[spot].mean(axis=(0, 1))).max() < 3


def spot(
    along: float, radius: float = 10, inset: float = 38, roundness: float = 1, *, clear: bool = False
) -> RoundSpot:
    return RoundSpot(inset, along, radius, along, inset, roundness, False, clear)


def test_a_punch_is_alike_in_line_and_even() -> None:
    good = [spot(366), spot(634)]
    assert select_punch_holes(good, 1000) == good
    assert select_punch_holes([spot(366), spot(634, radius=14)], 1000) == []
    assert select_punch_holes([spot(366), spot(634, inset=60)], 1000) == []
    assert select_punch_holes([spot(366), spot(420)], 1000) == []
    # Two degrees, and what a perspective leaves of three equal pitches.
    for inset, along in ((48, (366, 634)), (38, (82, 367, 643, 910))):
        ends = [spot(each, inset=inset if each == along[-1] else 38, clear=True) for each in along]
        assert select_punch_holes(ends, 1000) == ends
        touched = [replace(each, clear=False) for each in ends]
        assert select_punch_holes(touched, 1000) != touched
    assert select_punch_holes([spot(366, roundness=0.65), spot(634, roundness=0.65)], 1000) == []


def test_the_input_is_not_modified() -> None:
    picture = punch(sheet(COLS, ROWS), places(2))
    before = picture.copy()
    remove_holes(picture)
    np.testing.assert_array_equal(picture, before)


def test_a_grey_page_is_mended_too() -> None:
    picture = np.ascontiguousarray(punch(sheet(COLS, ROWS), places(4))[:, :, 1])
    result = remove_holes(picture)
    assert len(result.holes) == 4
    assert result.image.ndim == 2


@given(
    arrays.arrays(
        np.uint8,
        st.sampled_from(ODD),
    ),
)
@settings(max_examples=25)
def test_any_picture_keeps_its_shape(picture: Image) -> None:
    assert remove_holes(picture).image.shape == picture.shape


def test_a_rim_in_shadow_all_around_is_no_drawn_ring() -> None:
    picture = sheet(COLS, ROWS)
    for x, y in places(4):
        cv2.circle(picture, (x, y), round(3 * UNIT), (196, 200, 202), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, y), round(2.3 * UNIT), (224, 228, 230), -1, cv2.LINE_AA)
    result = remove_holes(np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8))
    assert len(result.holes) == 4


def test_the_rest_of_a_hole_that_the_picture_cuts_is_found_by_the_others() -> None:
    aslant = [(round(x), y) for x, (_, y) in zip((9, 6, 3, -2), places(4), strict=True)]
    result = remove_holes(punch(sheet(COLS, ROWS), aslant))
    assert len(result.holes) == 4


def test_discs_as_wide_as_holes_in_line_with_them_stay() -> None:
    picture = punch(sheet(COLS, ROWS), [(places(2)[0][0], 240), (places(2)[0][0], 1330)], (30, 30, 150))
    result = remove_holes(punch(picture, places(4), (180, 190, 170)))
    assert len(result.holes) == 4
    assert all(min(abs(hole.y - y) for _, y in places(4)) < 4 for hole in result.holes)


def test_a_disc_beyond_a_gap_of_a_row_stays() -> None:
    centres = [(round(8 * UNIT), round((20 + 9.5 * k) * UNIT)) for k in range(22)]
    apart = (centres[0][0], round((20 + 9.5 * 23.1) * UNIT))
    result = remove_holes(punch(sheet(COLS, ROWS), [*centres, apart]))
    assert len(result.holes) == 22


# What is no hole stays ----------------------------------------------------------------------


def test_discs_on_the_desk_beside_a_sheet_stay() -> None:
    picture = np.full((ROWS, COLS, 3), (70, 84, 96), np.uint8)
    picture[:, 200:] = sheet(COLS - 200, ROWS)
    result = remove_holes(punch(picture, places(2), (10, 10, 12)))
    assert (result.holes, result.unsure) == ((), 2)


def test_round_letters_among_others_at_the_border_stay() -> None:
    picture = sheet(COLS, ROWS)
    for x, y in places(2):
        for across in (0, 36, 72):
            cv2.circle(picture, (x + across, y), 14, (60, 58, 56), 5, cv2.LINE_AA)
        for top in (y - 59, y + 30):
            cv2.rectangle(picture, (x - 14, top), (x + 14, top + 28), (60, 58, 56), 5)
    result = remove_holes(picture)
    assert result.image is picture
    assert result.unsure == 2


def test_two_round_letters_at_the_places_of_a_punch_stay() -> None:
    picture = np.full((ROWS, COLS, 3), 255, np.uint8)
    for x, y in places(2):
        cv2.circle(picture, (x, y), round(3.4 * UNIT), (0, 0, 0), round(0.8 * UNIT), cv2.LINE_AA)
    assert remove_holes(picture).image is picture


def test_a_hole_and_the_desk_beside_the_sheet_are_no_pair() -> None:
    picture = punch(sheet(COLS, ROWS), places(2)[:1])
    x, y = places(2)[1]
    # Beside the second place the sheet ends: only the rim of a round notch is seen.
    cv2.rectangle(picture, (0, y - 140), (x, y + 140), (60, 105, 160), -1)
    cv2.circle(picture, (x, y), round(3 * UNIT), (60, 105, 160), -1, cv2.LINE_AA)
    assert remove_holes(picture).image is picture


def test_the_cells_of_squared_paper_stay() -> None:
    picture = np.full((ROWS, COLS, 3), (176, 232, 240), np.uint8)
    for line in range(24, ROWS, 24):
        picture[:, line : line + 2] = (120, 160, 170)
        picture[line : line + 2] = (120, 160, 170)
    assert remove_holes(picture).image is picture


@pytest.mark.long
def test_photographs_that_are_not_punched_come_back_as_they_were() -> None:
    paths = list(load_unheld())
    if not paths:
        pytest.skip("the photographs are not here")
    # All of them are those of ``script/bench gate 'no holes/shared'``.
    chosen = paths[:: extent(31, 14)]
    pictures = ((path.name, np.asarray(cv2.imread(str(path)), np.uint8)) for path in chosen)
    changed = [name for name, picture in pictures if remove_holes(picture).image is not picture]
    assert changed == []
