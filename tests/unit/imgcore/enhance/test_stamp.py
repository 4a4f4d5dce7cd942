"""Seals keep their colour, print becomes black, paper white, in any light."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgcore.enhance import stamp
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

Mask = npt.NDArray[np.bool_]
RED = (45, 35, 200)
BLUE = (190, 70, 40)
BLACK = (35, 35, 35)
NET = ModelCache().page_layers()
red_stamp = partial(stamp.red_stamp, net=NET)
blue_stamp = partial(stamp.blue_stamp, net=NET)
OWN = {red_stamp: (RED, 2, 1), blue_stamp: (BLUE, 0, 2)}
STAGES = pytest.mark.parametrize("stage", OWN, ids=["red", "blue"])


def page(seal_colour: tuple[int, int, int]) -> tuple[Image, Mask, Mask]:
    """Lines of print with a seal multiplied onto them; the masks of print and seal."""
    ink = np.zeros((480, 640), np.uint8)
    seal = np.zeros((480, 640), np.uint8)
    for y in range(60, 460, 26):
        cv2.putText(ink, "account number 4711 received", (40, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    cv2.circle(seal, (420, 240), 110, 255, 8)
    cv2.putText(seal, "SEAL", (340, 260), cv2.FONT_HERSHEY_DUPLEX, 2, 255, 6)
    light = np.full((480, 640, 3), 240.0)
    for mask, colour in ((ink, BLACK), (seal, seal_colour)):
        light *= np.where(mask[:, :, None] > 0, np.array(colour) / 250, 1)
    return light.astype(np.uint8), ink > 0, seal > 0


def coloured(picture: Image, own: int, swallowed: int) -> Mask:
    return np.asarray(picture[:, :, own].astype(int) - picture[:, :, swallowed] > 40)


@STAGES
def test_the_seal_stays_coloured_and_print_is_black_under_it_too(stage: object) -> None:
    colour, own, swallowed = OWN[stage]  # type: ignore[index]
    picture, ink, seal = page(colour)
    shown = stage(picture)  # type: ignore[operator]
    assert coloured(shown, own, swallowed)[seal & ~ink].mean() > 0.97
    assert (shown.max(axis=2)[ink & ~seal] < 100).mean() > 0.97
    assert (shown.max(axis=2)[ink & seal] < 128).mean() > 0.9
    away = cv2.dilate((ink | seal).astype(np.uint8), np.ones((7, 7))) == 0
    assert (shown[away] >= 250).all()


@STAGES
def test_a_seal_of_another_colour_becomes_black(stage: object) -> None:
    other = BLUE if stage is red_stamp else RED
    picture, ink, seal = page(other)
    shown = stage(picture)  # type: ignore[operator]
    assert (np.ptp(shown, axis=2) < 12).all()
    assert (shown.max(axis=2)[seal & ~ink] < 140).mean() > 0.9


@given(st.floats(0.45, 1), st.floats(0.6, 1))
@settings(max_examples=10)
def test_light_changes_little(dim: float, yellow: float) -> None:
    picture = page(RED)[0]
    falling = np.linspace(1, dim, picture.shape[1])[None, :, None] * np.array((yellow, 0.95, 1))
    one = red_stamp(picture)
    other = red_stamp((picture * falling).astype(np.uint8))
    assert (coloured(one, 2, 1) != coloured(other, 2, 1)).mean() < 0.01
    assert ((one[:, :, 2] < 128) != (other[:, :, 2] < 128)).mean() < 0.015


def test_a_pale_seal_is_made_readable() -> None:
    picture, ink, seal = page((200, 196, 246))
    shown = red_stamp(picture)
    alone = seal & ~ink
    assert np.median(np.ptp(shown, axis=2)[alone]) > 1.5 * np.median(np.ptp(picture, axis=2)[alone])


def test_a_large_red_letterhead_stays_red_and_is_not_taken_for_paper() -> None:
    picture, _, _ = page(RED)
    picture[:40] = RED
    assert coloured(red_stamp(picture), 2, 1)[4:36].mean() > 0.99


def test_a_markers_yellow_vanishes() -> None:
    picture, _, _ = page(BLUE)
    marked = picture.copy()
    marked[:34, 100:300] = (90, 235, 240)
    assert (blue_stamp(marked)[4:30, 110:290] > 240).all()


def test_fringes_of_a_lens_are_no_seal() -> None:
    picture, _, _ = page(BLACK)
    moved = picture.copy()
    # Red half a pixel to the right of the other lights.
    moved[:, 1:, 2] = cv2.addWeighted(picture[:, 1:, 2], 0.5, picture[:, :-1, 2], 0.5, 0)
    assert coloured(red_stamp(moved), 2, 1).mean() < 0.004


def test_grey_has_no_seal() -> None:
    picture, ink, _ = page(BLACK)
    shown = red_stamp(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))  # type: ignore[arg-type]
    assert shown.shape == ink.shape
    assert (shown[ink] < 100).mean() > 0.95


@STAGES
@given(
    arrays.arrays(
        np.uint8,
        st.sampled_from([(1, 1), (1, 1, 3), (1, 300, 3), (300, 1, 3), (3, 3, 3), (17, 40, 3), (9, 9)]),
    )
)
@settings(max_examples=30)
def test_any_size_keeps_its_shape_and_the_input(stage: object, picture: Image) -> None:
    before = picture.copy()
    shown = stage(picture)  # type: ignore[operator]
    assert shown.shape == picture.shape
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(picture, before)


def test_a_long_strip() -> None:
    assert red_stamp(np.full((1, 30000, 3), 200, np.uint8)).shape == (1, 30000, 3)
