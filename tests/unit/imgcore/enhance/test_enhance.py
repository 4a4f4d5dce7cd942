"""Grey keeps brightness, black and white keeps ink, colour keeps colours, in any light."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgcore.enhance import (
    automatic,
    black_white,
    colour,
    divide_background,
    grey,
    grey_document,
    photo,
    receipt,
)
from imgcore.enhance.automatic import PageKind
from imgcore.enhance.colour import _clean_edges
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.tinted import make_tinted
from synthetic.noise import smooth_noise
from tests.fakes.paper import desk, sheet

NET = ModelCache().page_layers()


def cleaned(picture: Image) -> Image:
    """As a colour document, by the net that comes with gaopai."""
    return colour(picture, NET)


def grey_cleaned(picture: Image) -> Image:
    """As a grey document, by that net."""
    return grey_document(picture, NET)


def automatically(picture: Image) -> Image:
    """As what that net takes it for."""
    return automatic(picture, NET).image


BY_NET: tuple[Callable[[Image], Image], ...] = (cleaned, grey_cleaned, automatically)
LOOKS = (grey, black_white, colour, photo, receipt, *BY_NET)
ODD = [(1, 1), (1, 50), (50, 1), (2, 2, 3), (3, 3, 3), (17, 40, 3), (40, 9)]


def shaded(picture: Image, darkest: float) -> Image:
    """In light that falls off from left to right."""
    light = np.linspace(1.0, darkest, picture.shape[1])
    return np.asarray(picture * (light[None] if picture.ndim == 2 else light[None, :, None]), np.uint8)


def grainy(level: float, sigma: float = 3, shape: tuple[int, ...] = (500, 400, 3)) -> Image:
    """Nothing but a surface and a camera's noise."""
    return np.clip(np.random.default_rng(5).normal(level, sigma, shape), 0, 255).astype(np.uint8)


# Every look ------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
@given(arrays.arrays(np.uint8, st.sampled_from(ODD)))
@settings(max_examples=40)
def test_any_size_is_worked_on_and_left_as_it_was(look: Callable[[Image], Image], picture: Image) -> None:
    before = picture.copy()
    after = look(picture)
    assert after.shape[:2] == picture.shape[:2]
    assert after.dtype == np.uint8
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("shape", [(1, 30000), (30000, 1, 3), (30000, 2)])
def test_slivers_do_not_crash(look: Callable[[Image], Image], shape: tuple[int, ...]) -> None:
    assert look(np.full(shape, 200, np.uint8)).shape[:2] == shape[:2]


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_may_lie_in_memory_in_any_order(look: Callable[[Image], Image]) -> None:
    turned = np.rot90(desk(60, 40))
    np.testing.assert_array_equal(look(turned), look(turned.copy()))


# Grey ------------------------------------------------------------------------------------


def test_grey_weighs_the_channels_as_bt_601() -> None:
    colours = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]], np.uint8)
    assert grey(colours).tolist() == [[29, 150, 76, 255]]


def test_a_grey_picture_comes_back_itself() -> None:
    picture = np.zeros((3, 3), np.uint8)
    assert grey(picture) is picture


# Black and white -------------------------------------------------------------------------


@given(arrays.arrays(np.uint8, st.sampled_from(ODD)))
@settings(max_examples=40)
def test_black_and_white_is_nothing_else(picture: Image) -> None:
    bilevel = black_white(picture)
    assert bilevel.ndim == 2
    assert set(np.unique(bilevel)) <= {0, 255}


@pytest.mark.parametrize("darkest", [0.8, 0.5, 0.35])
def test_light_that_falls_off_changes_little(darkest: float) -> None:
    page = sheet(600, 848)
    even = black_white(page)
    uneven = black_white(shaded(page, darkest))
    assert 0.02 < (even == 0).mean() < 0.3
    assert (even != uneven).mean() < 0.02


def test_flattened_paper_is_white() -> None:
    flat = divide_background(grey(shaded(sheet(600, 848), 0.4)))
    assert np.percentile(flat, 60) >= 250


def test_yellow_print_is_kept_beside_a_filled_bar() -> None:
    page = np.full((400, 600, 3), 236, np.uint8)
    page[20:90, 30:570] = (120, 60, 20)
    page[200:320:24, 60:540] = page[201:321:24, 60:540] = (70, 190, 225)
    bilevel = black_white(page)
    assert (bilevel[200:320:24, 60:540] == 0).mean() > 0.95
    assert (bilevel[30:80, 40:560] == 0).all()
    assert (bilevel[100:190] == 255).all()


def test_gaps_between_dense_strokes_stay_open() -> None:
    page = np.full((300, 400), 235, np.uint8)
    page[100:200, 50:350:3] = 40
    bilevel = black_white(np.asarray(cv2.GaussianBlur(page, (0, 0), 0.6), np.uint8))
    assert (bilevel[110:190, 50:350:3] == 0).mean() > 0.95
    assert (bilevel[110:190, 52:340:3] == 255).mean() > 0.95


@pytest.mark.parametrize("level", [110, 150])
def test_pale_lines_a_pixel_wide_are_kept_beside_bold_print(level: int) -> None:
    page = np.full((600, 500), 240, np.uint8)
    page[100:500:50, 40:460] = level
    for line in range(8):
        cv2.putText(page, "BOLD PRINT 4102", (60, 140 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 5, 3)
    bilevel = black_white(page)
    assert (bilevel[100:500:50, 50:450] == 0).mean() > 0.9


def small_print(pitch: int) -> tuple[Image, Image]:
    """Letters 7 pixels high whose bowls are two pixels wide, as a camera sees them; and where those are."""
    page = np.full((240, 330), 235, np.uint8)
    open_ = np.zeros(page.shape, bool)
    for y in range(20, 216, 12):
        for x in range(15, 310, pitch):
            page[y : y + 7, x : x + 4] = 45
            page[y + 1 : y + 6, x + 1 : x + 3] = 235
            open_[y + 2 : y + 5, x + 1 : x + 3] = True
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.7), np.uint8), open_


@pytest.mark.parametrize("pitch", [6, 7])
def test_the_bowls_of_small_letters_stay_open(pitch: int) -> None:
    page, open_ = small_print(pitch)
    bilevel = black_white(page)
    assert (bilevel[open_] == 255).mean() > 0.9
    assert 0.1 < (bilevel[20:216, 15:310] == 0).mean() < 0.35


def test_pale_lines_a_pixel_wide_are_kept_among_small_print() -> None:
    page, _ = small_print(6)
    page[17:200:24] = 135
    bilevel = black_white(page)
    assert (bilevel[17:200:24, 15:310] == 0).mean() > 0.9


def with_rim(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Ink and the pixels that touch it, over which a blur spreads it."""
    return np.asarray(cv2.dilate(ink.view(np.uint8), np.ones((3, 3))) > 0)


def test_pale_ink_on_a_rough_sheet_is_whole_and_its_fibres_are_none() -> None:
    page = np.full((700, 900), 200, np.uint8)
    for row in range(80, 680, 60):
        cv2.putText(page, "pale ink of a century", (40, row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, 150, 3)
    ink = page < 175
    fibres = np.random.default_rng(3).normal(0, 9, page.shape)
    found = black_white(np.clip(page + fibres, 0, 255).astype(np.uint8)) == 0
    assert (found & ink).sum() / ink.sum() > 0.97
    assert (found & with_rim(ink)).sum() / found.sum() > 0.97


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("level", [25, 115])
def test_dark_ground_along_a_side_is_not_ink(side: int, level: int) -> None:
    page = np.full((600, 500), 215, np.uint8)
    for row in range(80, 560, 50):
        cv2.putText(page, "beside a lid 4102", (70, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 90, 2)
    ink = page < 150
    with_lid = np.rot90(page, side).copy()
    with_lid[:, :40] = level
    found = np.rot90(black_white(with_lid), -side) == 0
    assert (found & ink).sum() / ink.sum() > 0.95
    assert (found & ~with_rim(ink)).mean() < 1e-3


def test_ground_around_a_page_with_crooked_corners_is_not_ink() -> None:
    page = np.full((600, 500), 215, np.uint8)
    for row in range(80, 560, 50):
        cv2.putText(page, "in a black frame", (70, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 90, 2)
    ink = page < 150
    around = np.full_like(page, 20)
    outline = np.array([[30, 25], [470, 40], [485, 570], [20, 580]])
    cv2.fillPoly(around, [outline], 215)
    found = black_white(np.minimum(page, cv2.blur(around, (3, 3)))) == 0
    assert (found & ink).sum() / ink.sum() > 0.95
    assert (found & ~with_rim(ink)).mean() < 1e-3


def test_print_on_a_dim_field_along_a_side_stays() -> None:
    page = np.full((600, 500), 225, np.uint8)
    page[:120] = 115
    for row in range(50, 560, 45):
        cv2.putText(page, "print on a field, too", (30, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 15, 2)
    ink = page < 60
    assert (black_white(page)[ink] == 0).mean() > 0.95


def test_white_letters_on_a_dark_bar_along_a_side_stay() -> None:
    page = np.full((600, 500), 235, np.uint8)
    page[:70] = 30
    cv2.putText(page, "STATEMENT OF 2026", (40, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 240, 3)
    for row in range(130, 560, 40):
        cv2.putText(page, "print below a bar", (40, row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 40, 2)
    letters = page[:70, :400] > 150
    bar = black_white(page)[:70, :400]
    assert (bar[letters] == 255).mean() > 0.9
    assert (bar[~with_rim(letters)] == 0).mean() > 0.95


def test_pale_ink_is_told_from_strong_noise() -> None:
    page = np.full((600, 800), 200, np.uint8)
    for row in range(80, 580, 70):
        cv2.putText(page, "an old letter", (40, row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 150, 5)
    ink = page < 175
    noise = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 16, page.shape), (0, 0), 0.7)
    found = black_white(np.clip(page + noise, 0, 255).astype(np.uint8)) == 0
    assert (found & ink).sum() / ink.sum() > 0.9
    assert (found & with_rim(ink)).sum() / found.sum() > 0.95


@pytest.mark.parametrize("sigma", [2, 4])
def test_broad_strokes_out_of_focus_are_whole(sigma: float) -> None:
    page = np.full((600, 800), 215, np.uint8)
    for row in range(110, 580, 120):
        cv2.putText(page, "out of focus", (40, row), cv2.FONT_HERSHEY_SIMPLEX, 3.2, 60, 10)
    ink = page < 140
    found = black_white(np.asarray(cv2.GaussianBlur(page, (0, 0), sigma), np.uint8)) == 0
    assert (found & ink).sum() / ink.sum() > 0.9
    assert (found & with_rim(ink)).sum() / found.sum() > 0.9


def test_what_shines_through_is_paper_though_it_is_half_as_dark() -> None:
    page, back = np.full((2, 600, 800), 225, np.uint8)
    for row in range(80, 580, 90):
        cv2.putText(page, "of this side", (40, row), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 60, 4)
        cv2.putText(back, "of the back", (90, row + 40), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 130, 5)
    shone = np.minimum(page, cv2.GaussianBlur(back[:, ::-1], (0, 0), 3.0))
    found = black_white(np.asarray(cv2.GaussianBlur(shone, (0, 0), 0.7), np.uint8)) == 0
    ink = page < 140
    assert (found & ink).sum() / ink.sum() > 0.95
    assert (found & with_rim(ink)).sum() / found.sum() > 0.95


def test_the_grain_of_an_empty_sheet_is_not_ink() -> None:
    assert (black_white(grainy(222, 4)) == 0).mean() < 1e-4


# Colour documents ------------------------------------------------------------------------


@pytest.mark.parametrize("darkest", [1.0, 0.6, 0.35])
def test_paper_becomes_white_and_ink_stays_dark(darkest: float) -> None:
    page = sheet(600, 848)
    blank = grey(page) > 230
    ink = grey(page) < 80
    clean = cleaned(shaded(page, darkest))
    assert np.percentile(clean[blank], 5) > 245
    assert clean[ink].mean() < 90


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (0.7, 0.9, 1.0), (1.0, 0.95, 0.85)])
def test_a_seal_and_a_picture_keep_their_colours(tint: tuple[float, float, float]) -> None:
    page = sheet(600, 848)
    page[560:760, 60:260] = (90, 160, 60)
    lit = np.rint(shaded(page, 0.6) * np.array(tint)).astype(np.uint8)
    clean = cleaned(lit).astype(int)
    field = clean[580:740, 80:240].reshape(-1, 3)
    seal = clean[page[:, :, 2].astype(int) - page[:, :, 1] > 140]
    assert np.abs(np.median(field, axis=0) - (90, 160, 60)).max() < 40
    assert np.ptp(np.median(field, axis=0)) > 70
    assert np.median(seal[:, 2]) - np.median(seal[:, 0]) > 110


def test_a_picture_on_the_page_is_not_washed_out() -> None:
    page = np.full((900, 700, 3), 240, np.uint8)
    y, x = np.mgrid[:300, :400]
    scene = np.stack([60 + x / 4, 150 - y / 4, 100 + 60 * np.sin(x / 40)], axis=2)
    page[300:600, 150:550] = scene
    clean = cleaned(shaded(page, 0.7))[310:590, 160:540].astype(float)
    wanted = scene[10:-10, 10:-10]
    assert np.abs(clean.mean(axis=(0, 1)) - wanted.mean(axis=(0, 1))).max() < 25
    assert clean.std() > 0.8 * wanted.std()


def test_pale_fields_keep_their_tint() -> None:
    page = np.full((900, 700, 3), 236, np.uint8)
    page[200:260, 80:620] = (190, 234, 236)
    page[400:460, 80:620] = (236, 226, 205)
    clean = cleaned(shaded(page, 0.6)).astype(int)
    fields = clean[210:250, 100:600], clean[410:450, 100:600]
    yellow, blue = (np.median(field.reshape(-1, 3), axis=0) for field in fields)
    assert yellow[2] - yellow[0] > 20
    assert blue[0] - blue[2] > 12
    assert np.percentile(clean[500:850, 20:680], 5) > 250


def _apart(picture: Image, one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Colour difference (CIE76) of two places."""
    colours = np.array([[np.median(picture[place], axis=0) for place in (one, other)]], np.float32) / 255
    lab = np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2LAB))[0]
    return float(np.linalg.norm(lab[0] - lab[1]))


@pytest.mark.long
def test_fields_keep_their_difference_from_paper_that_is_white() -> None:
    kept = []
    paper = []
    for seed in (5000, 5002, 5005, 5007):
        page = make_tinted(seed, (930, 1316))
        shown = cleaned(page.picture)
        for number in range(1, int(page.fields.max()) + 1):
            field = page.fields == number
            beside = page.beside == number
            if field.sum() > 200 and beside.sum() > 200:
                kept.append(_apart(shown, field, beside) / _apart(page.page, field, beside))
                paper.append(shown[beside].min(axis=1).mean())
    assert len(kept) >= 6
    assert np.mean(np.array(kept) >= 0.7) > 0.5
    assert min(paper) > 245


@pytest.mark.parametrize(
    "paper", [(200, 196, 246), (180, 240, 190), (150, 236, 246)], ids=["pink", "green", "yellow"]
)
def test_a_page_that_is_coloured_as_a_whole_stays_so(paper: tuple[int, int, int]) -> None:
    picture = np.asarray(np.rint(sheet(620, 877) * (np.array(paper) / 245)), np.uint8).clip(0, 255)
    blank = sheet(620, 877).min(axis=2) > 225
    before, after = (np.median(each[blank], axis=0) for each in (picture, cleaned(picture)))
    assert after.max() > 235
    np.testing.assert_allclose(after / after.max(), before / before.max(), atol=0.05)


def test_white_paper_in_warm_or_cold_light_becomes_white() -> None:
    for light in ((0.72, 0.9, 1.0), (1.0, 0.96, 0.88), (1.0, 0.85, 0.7)):
        picture = np.asarray(np.rint(sheet(620, 877) * light), np.uint8)
        blank = sheet(620, 877).min(axis=2) > 225
        assert np.median(cleaned(picture)[blank], axis=0).min() > 250


def test_without_a_net_highlights_become_white_and_tones_keep_their_order() -> None:
    picture = np.asarray(40 + 0.6 * desk(640, 480), np.uint8)
    after = colour(picture)
    levels = np.arange(256)
    means = [float(after[picture == level].mean()) for level in levels if (picture == level).sum() > 500]
    assert np.all(np.diff(means) > -2)
    assert np.percentile(after, 99.5) > np.percentile(picture, 99.5)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "levels",
    [(0, 0, 0), (127, 127, 127), (255, 255, 255), (30, 60, 220)],
    ids=["black", "grey", "white", "red"],
)
def test_a_page_of_one_colour_comes_back_even(
    look: Callable[[Image], Image], levels: tuple[int, int, int]
) -> None:
    for shape in ((16, 16, 3), (200, 150, 3), (16, 16), (200, 150)):
        page = np.broadcast_to(levels if len(shape) == 3 else levels[0], shape)
        after = look(np.array(page, np.uint8, order="C"))
        assert after.shape[:2] == shape[:2]
        assert np.ptp(after.reshape(shape[0] * shape[1], -1).astype(int), axis=0).max() <= 1


@pytest.mark.parametrize("look", BY_NET)
def test_a_black_page_stays_dark(look: Callable[[Image], Image]) -> None:
    assert np.percentile(look(grainy(3, 1)), 99) < 40


@pytest.mark.parametrize("look", BY_NET)
def test_a_page_that_is_all_picture_keeps_the_order_of_its_tones(look: Callable[[Image], Image]) -> None:
    random = np.random.default_rng(1)
    clouds = [smooth_noise(random, (500, 400), cells) for cells in 3 * [(6, 5), (40, 30)]]
    planes = [120 + 60 * broad + 30 * fine for broad, fine in zip(clouds[::2], clouds[1::2], strict=True)]
    picture = np.clip(np.dstack(planes), 0, 255).astype(np.uint8)
    before, after = (_ranks(grey(each)) for each in (picture, look(picture)))
    assert np.corrcoef(before, after)[0, 1] > 0.98


def _ranks(tones: Image) -> npt.NDArray[np.intp]:
    return np.asarray(cv2.resize(tones.astype(np.float32), (96, 77))).argsort(axis=None).argsort()


def test_the_automatic_type_tells_a_document_from_a_photograph() -> None:
    assert automatic(shaded(sheet(600, 848), 0.6), NET).kind is PageKind.DOCUMENT
    y, x = np.mgrid[:400, :500] / 400
    scene = np.stack([60 + 80 * x * y, 90 + 60 * np.sin(5 * x) * y, 120 + 60 * np.cos(7 * y)], axis=2)
    assert automatic(np.asarray(scene, np.uint8), NET).kind is not PageKind.DOCUMENT


def test_an_empty_sheet_comes_out_blank() -> None:
    assert (cleaned(grainy(200)) > 240).mean() > 0.999


def test_a_dark_page_becomes_readable() -> None:
    page = np.rint(sheet(600, 848) * 0.2).astype(np.uint8)
    clean = grey(cleaned(page)).astype(int)
    assert np.median(clean) > 200
    assert np.median(clean) - np.percentile(clean, 1) > 120


# Photos ----------------------------------------------------------------------------------


def scene() -> Image:
    """Skin, sky, a grey wall and a dark corner."""
    y, x = np.mgrid[:300, :400].astype(np.float64)
    picture = np.stack([120 + x / 8, 120 + x / 8, 120 + x / 8], axis=2) - (y / 6)[:, :, None]
    cv2.circle(picture, (120, 150), 70, (120, 150, 205), -1)
    picture[20:80, 260:390] = (210, 160, 110)
    picture[240:, 300:] = (18, 20, 25)
    return np.clip(picture + np.random.default_rng(1).normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def test_a_cast_is_taken_away() -> None:
    warm = np.rint(scene() * np.array((0.8, 0.95, 1.0))).astype(np.uint8)
    wall = (slice(240, 290), slice(20, 250))
    before, after = (np.ptp(picture[wall].mean(axis=(0, 1))) for picture in (warm, photo(warm)))
    assert after < 0.4 * before


def test_skin_keeps_its_hue() -> None:
    picture = scene()
    before, after = (
        np.median(each[130:170, 100:140].reshape(-1, 3), axis=0) for each in (picture, photo(picture))
    )
    shares = [each / each.sum() for each in (before, after)]
    assert np.abs(shares[0] - shares[1]).max() < 0.02


def test_a_picture_of_skin_alone_is_not_balanced_to_grey() -> None:
    skin = np.clip(grainy(0, 5) + np.array((120, 150, 205), np.float64), 0, 255).astype(np.uint8)
    after = photo(skin).reshape(-1, 3).mean(axis=0)
    assert after[2] - after[0] > 60


def test_nothing_more_is_clipped() -> None:
    hard = np.clip(scene().astype(float) * 1.4 - 40, 0, 255).astype(np.uint8)
    after = photo(hard)
    for end in (0, 255):
        assert (after == end).sum() <= (hard == end).sum()
    assert ((after < 3) | (after > 252)).mean() <= ((hard < 3) | (hard > 252)).mean() + 0.002


def test_local_contrast_rises() -> None:
    flat = np.rint(128 + 0.3 * (scene().astype(float) - 128)).astype(np.uint8)
    assert photo(flat).std() > 1.1 * flat.std()


# Receipts --------------------------------------------------------------------------------


def faded(density: float, sigma: float = 1.5) -> tuple[Image, Image]:
    """A slip whose print fades from left to right, and where the print is."""
    slip = np.zeros((500, 380), np.uint8)
    for line in range(12):
        cv2.putText(slip, "TOTAL 48.20 CASH", (20, 50 + 36 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    pale = 225 * (1 - slip / 255.0 * np.linspace(density, density / 2, 380)[None])
    grain = np.random.default_rng(3).normal(0, sigma, pale.shape)
    return np.clip(shaded(np.rint(pale).astype(np.uint8), 0.7) + grain, 0, 255).astype(np.uint8), slip


@pytest.mark.parametrize("density", [0.7, 0.3, 0.15])
def test_faded_print_becomes_dark_and_even(density: float) -> None:
    pale, slip = faded(density)
    clear = receipt(pale)
    core = cv2.erode(slip, np.ones((2, 2), np.uint8)) == 255
    assert np.median(clear[core][:, None]) < 90
    left, right = (np.median(clear[:, half][core[:, half]]) for half in (slice(0, 150), slice(230, 380)))
    assert abs(left - right) < 60
    assert np.percentile(clear[slip == 0], 20) > 225


def test_an_empty_slip_stays_empty() -> None:
    assert np.percentile(receipt(grainy(215, 2, (600, 200))), 2) > 200


def test_the_desk_mixed_into_the_edge_of_a_crop_is_gone_and_print_there_stays() -> None:
    page = np.full((200, 150, 3), 255, np.uint8)
    page[0] = (150, 180, 210)
    page[:, -1] = (150, 180, 210)
    page[-1, 20:40] = 30
    _clean_edges(page)
    assert (page[0] == 255).all() and (page[:, -1] == 255).all()
    assert (page[-1, 20:40] == 30).all()
