"""A crop a pixel too wide leaves no dashes in black and white, and print at the rim stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.enhance import black_white
from imgcore.enhance.border_dashes import remove_border_dashes
from imgcore.types import Image
from tests.fakes.paper import sheet

DESKS = {"dark": (38, 36, 36), "wood": (60, 105, 160), "grey": (120, 120, 120)}


def too_wide(pixels: float, ground: tuple[int, int, int], sides: int = 1) -> Image:
    """A page with so much desk at its left, more or less, as a crop by a bent edge leaves it."""
    page = sheet(600, 848).astype(np.float32)
    for _ in range(sides):
        y, x = np.mgrid[: page.shape[0], : page.shape[1]]
        edge = pixels + 0.8 * np.sin(y / 60)
        share = np.clip(edge - x + 0.5, 0, 1)[:, :, None].astype(np.float32)
        page = np.ascontiguousarray(np.rot90(page * (1 - share) + np.array(ground, np.float32) * share))
    grain = np.random.default_rng(4).normal(0, 2, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("ground", DESKS.values(), ids=DESKS)
@pytest.mark.parametrize("pixels", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("sides", [1, 2, 4])
def test_a_strip_of_desk_leaves_no_dashes(pixels: float, ground: tuple[int, int, int], sides: int) -> None:
    bilevel = black_white(too_wide(pixels, ground, sides))
    rim = np.ones(bilevel.shape, bool)
    rim[5:-5, 5:-5] = False
    assert (bilevel[rim] == 0).mean() < 0.002


def test_print_that_reaches_the_rim_stays() -> None:
    ink = np.zeros((400, 300), bool)
    ink[60:68:2, :200] = True  # rules
    ink[100:120, :6] = True  # a bar cut by the crop
    ink[:9, 40:280:8] = True  # a line of letters at the rim
    ink[0:3, 44:280:48] = True  # and its full stops
    np.testing.assert_array_equal(remove_border_dashes(ink), ink)


def test_print_a_dash_runs_into_stays_and_the_other_dashes_go() -> None:
    ink = np.zeros((400, 300), bool)
    letters = ink.copy()
    letters[200:212:3, 1:30] = True
    dashes = ink.copy()
    dashes[0:180:15, 0] = dashes[1:180:15, 0] = dashes[2:180:15, 0] = dashes[250:390, 0] = True
    np.testing.assert_array_equal(remove_border_dashes(letters | dashes), letters)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (15, 16), (16, 16), (3000, 17)])
def test_any_mask_keeps_its_shape(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(1).random(shape)
    for share in (0.0, 0.3, 1.0):
        assert remove_border_dashes(random < share).shape == shape
