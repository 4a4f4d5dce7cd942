"""The network's skin decides where rules are unsure, and never over print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.fingers import removal
from imgcore.fingers.evidence import FingerEvidence
from imgcore.fingers.judgement import with_learned
from imgcore.fingers.removal import remove_fingers
from imgcore.fingers.shape import dilated
from imgcore.paper.inpainting import inpaint, model_paper
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from tests.fakes.paper import sheet

NET = ModelCache().fingers()
Mask = npt.NDArray[np.bool_]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the network draw a mask, so sure of it."""

    def drawn(mask: Mask, sure: float = 0.99) -> None:
        def probability(net: object, small: Image) -> npt.NDArray[np.float32]:
            whole = cv2.resize(mask.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
            return np.asarray(0.01 + (sure - 0.01) * whole, np.float32)

        monkeypatch.setattr(removal, "skin_probability", probability)

    return drawn


def tip(
    colour: tuple[int, int, int], x: int = 606, half: tuple[int, int] = (26, 22), grain: float = 0.06
) -> tuple[Image, Mask]:
    """A page at whose right border a tip shows, and where it is; skin has a grain, print has none."""
    page = sheet(600, 848).copy()
    shape = np.zeros(page.shape[:2], np.uint8)
    cv2.ellipse(shape, (x, 440), half, 0, 0, 360, 255, -1, cv2.LINE_AA)
    cover = shape[:, :, None] / 255
    rough = 1 + grain * np.random.default_rng(1).standard_normal(shape.shape)[:, :, None]
    return np.asarray(page * (1 - cover) + np.array(colour) * rough * cover, np.uint8), shape > 127


def test_a_tip_in_deep_shade_goes_where_the_network_draws_it(draw: Callable[..., None]) -> None:
    picture, finger = tip((40, 52, 70))
    assert remove_fingers(picture).image is picture
    draw(finger)
    result = remove_fingers(picture, NET)
    assert len(result.fingers) == 1
    assert (np.abs(result.image[finger].astype(int) - (236, 240, 242)).max(axis=1) < 16).mean() > 0.9


@pytest.mark.parametrize(
    ("colour", "sure", "goes"),
    [
        ((150, 165, 205), 0.64, True),
        ((150, 165, 205), 0.48, False),
        ((40, 52, 65), 0.64, False),
        ((40, 60, 80), 0.99, False),
    ],
    ids=["pale and faintly drawn", "too faintly", "dark and faintly drawn", "yellow as wood"],
)
def test_a_tip_goes_if_its_tint_and_the_network_agree(
    draw: Callable[..., None], colour: tuple[int, int, int], sure: float, goes: bool
) -> None:
    picture, finger = tip(colour)
    draw(finger, sure)
    assert (remove_fingers(picture, NET).image is not picture) == goes


@pytest.mark.parametrize("colour", [(40, 52, 70), (120, 160, 215)], ids=["dark", "light"])
def test_a_field_that_is_flat_as_print_stays(draw: Callable[..., None], colour: tuple[int, int, int]) -> None:
    for grain in (0.0, 0.06):
        picture, shape = tip(colour, grain=grain)
        draw(shape)
        assert (remove_fingers(picture, NET).image is picture) == (not grain)


FINGER = FingerEvidence(
    depth=0, step=0.1, warm=0.3, yellow=0.2, rounded=0.1, rough=0.04, ink=0, ragged=0.01, bulge=0.3,
    square=0.7, on_paper=0.9, sharp=0.5, relative_warm=0.3, relative_yellow=0.2, dim=-0.3, contrast=0.6,
    oval=0.03, area=0.01,
)  # fmt: skip


def test_doubts_of_a_drawn_finger_add_up_and_a_sure_network_outweighs_them() -> None:
    creased = replace(FINGER, ink=0.09, step=0.02)
    assert FINGER.log_odds(0.6) > creased.log_odds(0.6)
    assert creased.log_odds(0.9) > 0 > creased.log_odds(0.6)
    assert FINGER.log_odds(0.6) > replace(FINGER, dim=-1.2).log_odds(0.6) + 3


@pytest.mark.parametrize(
    "other",
    [{"relative_warm": 0.05}, {"relative_yellow": 0.5}, {"ink": 0.3}, {"bulge": 0.03}, {"ragged": 0.2}],
    ids=["as paper", "yellow as wood", "print", "a desk in a corner", "a printed figure"],
)
def test_what_no_finger_has_is_outweighed_by_nothing(other: dict[str, float]) -> None:
    assert FINGER.log_odds(0.99) > 0
    assert replace(FINGER, **other).log_odds(0.99) == -np.inf


def test_a_finger_of_which_rules_see_a_part_goes_as_the_network_draws_it() -> None:
    picture = sheet(600, 848).copy()
    whole = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(whole, (600, 440), (60, 30), 0, 0, 360, 1, -1)
    part = whole > 0
    part[:, :560] = False
    grain = 1 + 0.06 * np.random.default_rng(1).standard_normal(whole.shape)[:, :, None]
    picture[whole > 0] = (np.array((120, 150, 200)) * grain)[whole > 0]
    paper = model_paper(sheet(600, 848), 13)
    ratio = np.asarray(picture / 240, np.float32)
    skin = np.where(whole, 0.9, 0.01).astype(np.float32)
    foreign = np.asarray(whole > 0)
    found, _ = with_learned(([(part, 0.9)], []), skin, foreign, (replace(paper, small=picture), ratio))
    assert [(region[whole > 0].mean(), score) for region, score in found] == [(1, pytest.approx(0.9))]
    # On a desk the network has to be surer than it is here.
    alone = [
        with_learned(([], []), skin, foreign, (replace(paper, small=picture), ratio), least)
        for least in (-9, 9)
    ]
    assert [len(found) for found, _ in alone] == [1, 0]


def test_a_finger_goes_on_where_the_network_draws_it_faintly_and_print_beside_it_stays() -> None:
    rows = np.s_[100:160]
    cols = np.s_[:40]
    half = np.zeros((300, 200), bool)
    whole = np.zeros((300, 200), bool)
    half[rows, :28] = whole[rows, cols] = True
    ratio = np.ones((300, 200, 3), np.float32)
    ratio[whole] = (0.5, 0.62, 0.82)
    ratio[160:170, cols] = 0.2
    skin = np.where(dilated(whole, 21), 0.3, 0.0).astype(np.float32)
    foreign = np.asarray(ratio.max(axis=2) < 0.9)
    paper = model_paper(np.full((300, 200, 3), 240, np.uint8), 13)
    (grown, _), *others = with_learned(([(half, 0.9)], []), skin, foreign, (paper, ratio))[0]
    assert not others and (grown == whole).all()


def test_a_finger_on_a_printed_field_gives_way_to_its_colour() -> None:
    picture = sheet(600, 848).copy()
    picture[100:500, :300] = (150, 90, 60)
    covered = np.zeros(picture.shape[:2], bool)
    covered[250:330, :80] = True
    beside = np.zeros_like(covered)
    filled = inpaint(picture, model_paper(picture, 13), covered, beside, beside)
    assert np.abs(filled[260:320, 10:70].astype(int) - (150, 90, 60)).max() < 12


def test_a_ring_of_a_spiral_stays(draw: Callable[..., None]) -> None:
    picture, ring = tip((40, 52, 70), 600, (12, 10))
    draw(ring)
    assert remove_fingers(picture, NET).image is picture


def test_print_stays_whatever_the_network_draws(draw: Callable[..., None]) -> None:
    picture = sheet(600, 848).copy()
    for row in range(8):
        cv2.putText(picture, "mnmnmn", (500, 300 + 14 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1)
    mask = np.zeros(picture.shape[:2], bool)
    mask[290:400, 505:] = True
    draw(mask)
    assert remove_fingers(picture, NET).image is picture


def test_a_whole_hand_stays_and_is_told(draw: Callable[..., None]) -> None:
    picture = sheet(600, 848).copy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(mask, (600, 440), (240, 120), 0, 0, 360, 1, -1)
    picture[mask > 0] = (40, 52, 70)
    draw(mask > 0)
    result = remove_fingers(picture, NET)
    assert result.image is picture
    assert len(result.unsure) == 1
