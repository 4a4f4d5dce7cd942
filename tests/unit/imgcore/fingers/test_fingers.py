"""Fingers vanish, print stays, and what is no finger is left alone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.quality.fingers import load_unheld
from imgcore.fingers.removal import remove_fingers
from imgcore.types import Image
from synthetic.datasets.held import make_held
from tests.extent import extent
from tests.fakes.paper import sheet
from tests.fakes.shapes import ODD

SKINS = {
    "light": (180, 200, 240),
    "tan": (66, 134, 198),
    "brown": (80, 110, 165),
    "deep": (36, 85, 141),
    "dark": (42, 55, 84),
}
"""BGR, as a camera sees them on white paper."""


def page(cols: int = 600, rows: int = 848) -> Image:
    return sheet(cols, rows)


def held(skin: tuple[int, int, int], picture: Image | None = None) -> tuple[Image, Image]:
    """A page with a finger from the right, darker towards its edges, and where it is."""
    under = page() if picture is None else picture
    rows, cols = under.shape[:2]
    shape = np.zeros((rows, cols), np.uint8)
    middle = rows // 2 + 60
    cv2.ellipse(shape, (cols, middle), (80, 26), 4, 0, 360, 255, -1, cv2.LINE_AA)
    depth = cv2.distanceTransform((shape > 127).astype(np.uint8), cv2.DIST_L2, 5)
    shade = 0.6 + 0.4 * np.clip(depth / 12, 0, 1)
    cover = shape[:, :, None] / 255.0
    picture = np.rint(under * (1 - cover) + np.array(skin) * shade[:, :, None] * cover)
    return np.asarray(picture, np.uint8), shape > 127


@pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)
def test_a_finger_becomes_paper(skin: tuple[int, int, int]) -> None:
    picture, finger = held(skin)
    result = remove_fingers(picture)
    assert len(result.fingers) == 1
    assert 0.6 < result.confidence <= 1
    away = np.abs(result.image[finger].astype(int) - (236, 240, 242)).max(axis=1)
    assert (away < 16).mean() > 0.95
    assert np.abs(result.image[finger].mean(axis=0) - (236, 240, 242)).max() < 4


def test_a_fingertip_lit_from_one_side_beside_its_shadow_becomes_paper() -> None:
    """It is nowhere brighter in its middle; the tint of skin tells it from the shadow."""
    picture = page()
    rows, cols = picture.shape[:2]
    tip = np.zeros((rows, cols), np.uint8)
    shadow = np.zeros((rows, cols), np.float32)
    cv2.ellipse(tip, (cols, 500), (34, 40), 0, 0, 360, 1, -1)
    cv2.ellipse(shadow, (cols, 520), (60, 70), 0, 0, 360, 1, -1)
    dark = picture * (1 - 0.35 * cv2.GaussianBlur(shadow, (0, 0), 12)[:, :, None])
    lit = np.linspace(1.1, 0.75, rows)[:, None, None] * np.array((104, 126, 176))
    picture = np.where(tip[:, :, None] > 0, lit, dark).astype(np.uint8)
    result = remove_fingers(picture)
    assert len(result.fingers) == 1
    assert (np.abs(result.image[tip > 0].astype(int) - (236, 240, 242)).max(axis=1) < 24).mean() > 0.9


@pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)
def test_print_away_from_the_finger_is_not_touched(skin: tuple[int, int, int]) -> None:
    picture, finger = held(skin)
    result = remove_fingers(picture)
    near = cv2.dilate(finger.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    ink = (page().min(axis=2) < 150) & ~near
    changed = np.abs(result.image.astype(int) - picture).max(axis=2) > 16
    assert changed[ink].mean() < 0.001


@pytest.mark.parametrize("skin", [SKINS["light"], SKINS["tan"]], ids=["light", "tan"])
def test_a_dark_bar_under_a_finger_stays(skin: tuple[int, int, int]) -> None:
    under = page(900, 1272)
    under[690:740, 400:] = (40, 36, 34)
    picture, finger = held(skin, under)
    result = remove_fingers(picture)
    assert (np.abs(result.image[finger].astype(int) - (236, 240, 242)).max(axis=1) < 16).mean() > 0.9
    away = cv2.dilate(finger.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    bar = np.zeros(away.shape, bool)
    bar[692:738, 402:] = True
    changed = np.abs(result.image.astype(int) - picture).max(axis=2) > 16
    assert changed[bar & away].mean() < 0.02


def test_a_bar_along_the_border_near_a_finger_stays() -> None:
    under = page(900, 1272)
    under[560:682, -40:] = (110, 50, 30)
    picture, finger = held(SKINS["tan"], under)
    result = remove_fingers(picture)
    assert (np.abs(result.image[finger].astype(int) - (236, 240, 242)).max(axis=1) < 16).mean() > 0.9
    bar = np.all(under == (110, 50, 30), axis=2) & ~finger
    away = cv2.dilate(finger.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    changed = np.abs(result.image.astype(int) - picture).max(axis=2) > 16
    assert changed[bar & away].mean() < 0.02


def test_a_field_of_another_colour_that_a_finger_lies_on_stays() -> None:
    under = page(900, 1272)
    under[600:900, 700:840] = (170, 40, 190)
    picture, finger = held(SKINS["dark"], under)
    result = remove_fingers(picture)
    field = np.all(under == (170, 40, 190), axis=2) & ~finger
    near = cv2.dilate(finger.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0
    away = cv2.dilate(finger.astype(np.uint8), np.ones((11, 11), np.uint8)) == 0
    changed = np.abs(result.image.astype(int) - picture).max(axis=2) > 16
    assert len(result.fingers) == 1
    assert changed[field & away & near].mean() < 0.1


def test_the_outline_of_a_finger_is_where_it_is() -> None:
    picture, finger = held(SKINS["brown"])
    (found,) = remove_fingers(picture).fingers
    drawn = np.zeros(finger.shape, np.uint8)
    cv2.fillPoly(drawn, [np.rint(found.outline).astype(np.int32)], 1)
    both = ((drawn > 0) & finger).sum() / ((drawn > 0) | finger).sum()
    assert both > 0.85


def test_a_page_without_fingers_comes_back_itself() -> None:
    picture = page()
    result = remove_fingers(picture)
    assert result.image is picture
    assert result.fingers == ()
    assert result.confidence == 0


def test_a_portrait_inside_the_page_stays() -> None:
    picture = page()
    cv2.ellipse(picture, (300, 420), (60, 80), 0, 0, 360, SKINS["light"], -1, cv2.LINE_AA)
    assert remove_fingers(picture).image is picture


def test_a_bar_of_skin_colour_along_the_page_stays() -> None:
    picture = page()
    picture[:40] = SKINS["brown"]
    assert remove_fingers(picture).fingers == ()


def test_a_green_thing_at_the_border_stays() -> None:
    picture, _ = held((90, 160, 90))
    assert remove_fingers(picture).image is picture


def test_the_input_is_not_modified() -> None:
    picture, _ = held(SKINS["brown"])
    before = picture.copy()
    remove_fingers(picture)
    np.testing.assert_array_equal(picture, before)


def test_the_shadow_of_a_finger_is_lit_up() -> None:
    under = page().astype(np.float32)
    shade = np.ones(under.shape[:2], np.float32)
    cv2.ellipse(shade, (600, 470), (95, 42), 4, 0, 360, 0.7, -1)
    shaded = under * cv2.GaussianBlur(shade, (0, 0), 5)[:, :, None]
    picture, finger = held(SKINS["brown"], np.asarray(shaded, np.uint8))
    around = (cv2.dilate(finger.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0) & ~finger
    paper = around & (page().min(axis=2) > 220)
    before = picture[paper].mean()
    after = remove_fingers(picture).image[paper].mean()
    assert before < 220
    assert after > 232


def test_the_wide_soft_shadow_of_a_hand_is_not_the_papers_colour() -> None:
    shade = np.ones(page().shape[:2], np.float32)
    cv2.ellipse(shade, (600, 470), (150, 95), 4, 0, 360, 0.88, -1)
    shaded = page() * cv2.GaussianBlur(shade, (0, 0), 22)[:, :, None]
    picture, finger = held(SKINS["tan"], np.asarray(np.rint(shaded), np.uint8))
    mean = remove_fingers(picture).image[finger].mean(axis=0)
    assert np.abs(mean - (236, 240, 242)).max() < 5


@pytest.mark.long
@given(
    arrays.arrays(
        np.uint8,
        st.sampled_from(ODD),
    ),
)
@settings(max_examples=25)
def test_any_picture_keeps_its_shape(picture: Image) -> None:
    assert remove_fingers(picture).image.shape == picture.shape


@pytest.mark.long
def test_a_bar_of_skins_tint_under_a_finger_stays() -> None:
    """In warm light an olive bar across the page has it: once the whole bar went with the finger."""
    scene = make_held(50036)
    mended = remove_fingers(scene.picture).image
    changed = np.abs(mended.astype(np.int16) - scene.picture).max(axis=2) > 40
    assert changed[scene.ink].mean() < 0.01


def test_a_finger_along_the_border_of_which_little_is_seen() -> None:
    picture = page(600, 848)
    y, x = np.mgrid[:848, :600].astype(np.float32)
    height = np.sqrt(np.clip(1 - ((x - 607) / 26) ** 2 - ((y - 480) / 60) ** 2, 0, 1))[:, :, None]
    skin = np.array(SKINS["dark"]) * (0.6 + 0.4 * height)
    picture = np.asarray(np.where(height > 0, skin, picture), np.uint8)
    result = remove_fingers(picture)
    assert len(result.fingers) == 1
    off = np.abs(result.image[415:545, 585:].astype(int) - (236, 240, 242)).max(axis=2)
    assert (off < 16).mean() > 0.95


def test_a_tip_that_is_thinner_than_print_at_the_border_becomes_paper() -> None:
    picture = page(600, 848)
    tip = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(tip, (607, 480), (14, 24), 0, 0, 360, 1, -1)
    picture[tip > 0] = (104, 126, 176)
    result = remove_fingers(picture)
    assert len(result.fingers) == 1
    assert (np.abs(result.image[tip > 0].astype(int) - (236, 240, 242)).max(axis=1) < 16).mean() > 0.95


def test_a_wedge_of_wood_beside_the_sheet_is_no_finger() -> None:
    picture = page(600, 848)
    cv2.fillPoly(picture, [np.array([(599, 560), (599, 847), (586, 847)])], SKINS["brown"], cv2.LINE_AA)
    assert remove_fingers(picture).fingers == ()


def test_a_finger_in_a_pool_of_light() -> None:
    y, x = np.mgrid[:848, :600].astype(np.float32)
    pool = 0.62 + 0.38 * np.exp(-(((x - 600) / 150) ** 2) - ((y - 480) / 190) ** 2)
    picture, finger = held(SKINS["deep"])
    lit = np.asarray(np.rint(picture * pool[:, :, None]), np.uint8)
    result = remove_fingers(lit)
    assert len(result.fingers) == 1
    bare = (np.array((236, 240, 242)) * pool[:, :, None])[finger]
    assert (np.abs(result.image[finger] - bare).max(axis=1) < 16).mean() > 0.9


def test_a_finger_as_light_as_its_paper() -> None:
    """Only its tint and its shade tell it from paper."""
    under = np.asarray(np.rint(page() * (0.78, 0.92, 0.88)), np.uint8)
    picture, finger = held((168, 200, 226), under)
    result = remove_fingers(picture)
    assert len(result.fingers) == 1
    off = np.abs(result.image[finger].astype(int) - np.rint(np.multiply((236, 240, 242), (0.78, 0.92, 0.88))))
    assert (off.max(axis=1) < 16).mean() > 0.95


def test_light_of_skins_tint_on_paper_is_no_finger() -> None:
    y, x = np.mgrid[:848, :600].astype(np.float32)
    spot = np.exp(-(((x - 620) / 70) ** 2) - ((y - 480) / 40) ** 2)[:, :, None]
    lit = np.asarray(np.rint(page() * (1 - spot * np.array((0.16, 0.1, 0.0), np.float32))), np.uint8)
    assert remove_fingers(lit).image is lit


@pytest.mark.long
def test_every_finger_of_two_hands_in_light_that_changes() -> None:
    scene = make_held(50_036)
    away = np.abs(remove_fingers(scene.picture).image - scene.bare).max(axis=2)
    assert (away[scene.fingers] < 16).mean() > 0.9


# Other things than fingers stay, whatever their colour ------------------------------------------------


def guilloche() -> Image:
    """A specimen's ground: fine waves of skin's colour, all over and up to the border, print upon them."""
    picture = page(848, 600)
    y, x = np.mgrid[:600, :848].astype(np.float32)
    waves = np.sin((y + 14 * np.sin(x / 37) + 9 * np.cos(x / 11)) / 2.2)[:, :, None]
    field = (((x - 848) / 250) ** 2 + ((y - 330) / 130) ** 2 < 1) & (picture.min(axis=2) > 200)
    inked = np.array((150, 180, 222)) + waves * (22, 18, 8)
    picture[field] = inked[field]
    return picture


def highlighter() -> Image:
    """A round stroke of an orange marker over a line that ends at the border."""
    picture = page()
    mark = np.full_like(picture, 255)
    cv2.line(mark, (380, 300), (640, 304), (110, 165, 245), 44, cv2.LINE_AA)
    return np.asarray(np.rint(picture.astype(np.float32) * mark / 255), np.uint8)


def crease() -> Image:
    """A crease from the border, in warm light: dark on one side and soft, print in it."""
    y, x = np.mgrid[:848, :600].astype(np.float32)
    depth = np.exp(-(((y - 420) / 26) ** 2)) * np.clip((x - 380) / 220, 0, 1)
    shade = 1 - depth[:, :, None] * np.array((0.62, 0.5, 0.4), np.float32)
    return np.asarray(np.rint(page() * shade), np.uint8)


def old_print() -> Image:
    """Large red letters, worn, at the border of brown paper."""
    picture = np.asarray(np.rint(page() * (0.66, 0.8, 0.9)), np.uint8)
    random = np.random.default_rng(5)
    for place, letter in enumerate("CALAU"):
        cv2.putText(picture, letter, (-6 + 122 * place, 96), 5, 5.0, (52, 60, 150), 26, cv2.LINE_AA)
    worn = cv2.GaussianBlur(random.normal(size=picture.shape[:2]).astype(np.float32), (0, 0), 2) > 0.16
    picture[:130][worn[:130]] = (150, 185, 205)
    return picture


def stained_wood() -> Image:
    """Planks whose knots reach the border."""
    random = np.random.default_rng(3)
    grain = cv2.GaussianBlur(random.normal(size=(848, 600)).astype(np.float32), (0, 0), 3, sigmaY=40) * 9
    wood = np.array((130, 168, 205)) * (1 + 0.08 * grain)[:, :, None]
    knot = cv2.GaussianBlur(cv2.circle(np.zeros((848, 600), np.float32), (590, 300), 60, 1, -1), (0, 0), 9)
    return np.clip(wood * (1 - knot[:, :, None] * (0.5, 0.4, 0.25)), 0, 255).astype(np.uint8)


def cut_picture() -> Image:
    """A photograph of skin's colours that the page's border cuts: a round thing with edges in it."""
    picture = page()
    random = np.random.default_rng(8)
    spots = cv2.GaussianBlur(random.normal(size=(260, 220)).astype(np.float32), (0, 0), 3) * 6
    shades = np.array((92, 124, 186)) * (1 + 0.2 * spots)[:, :, None]
    round_thing = cv2.circle(np.zeros((260, 220), np.uint8), (200, 130), 110, 1, -1) > 0
    picture[300:560, 380:][round_thing] = np.clip(shades, 0, 255).astype(np.uint8)[round_thing]
    return picture


@pytest.mark.parametrize(
    "draw",
    [guilloche, highlighter, crease, old_print, stained_wood, cut_picture],
    ids=lambda draw: draw.__name__,
)
@pytest.mark.parametrize("quarters", range(4))
def test_what_is_no_finger_stays(draw: Callable[[], Image], quarters: int) -> None:
    picture = np.ascontiguousarray(np.rot90(draw(), quarters))
    assert remove_fingers(picture).image is picture


def test_a_doubtful_finger_stays_and_is_told() -> None:
    """A finger with print in it is none; of one measure alone it is said."""
    picture, finger = held(SKINS["tan"])
    lines = np.zeros(finger.shape, bool)
    lines[::7] = True
    picture[lines & finger] = picture[lines & finger] * 0.5
    result = remove_fingers(picture)
    assert result.image is picture
    assert [region.outline.shape[1] for region in result.unsure] == [2]


@pytest.mark.long
def test_photographs_without_a_finger_come_back_as_they_were() -> None:
    paths = list(load_unheld())
    if not paths:
        pytest.skip("the photographs are not here")
    # All of them are those of ``script/bench gate 'no fingers/shared'``.
    for path in paths[:: extent(19, 10)]:
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        assert remove_fingers(picture).image is picture, path.name
