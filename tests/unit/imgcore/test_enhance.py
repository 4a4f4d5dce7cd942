"""Grey keeps brightness; black and white keeps ink, in any light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgcore.enhance import black_white, flatten, grey
from imgcore.types import Image
from tests.fakes.paper import sheet


def test_grey_weighs_the_channels_as_bt_601() -> None:
    colours = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]], np.uint8)
    assert grey(colours).tolist() == [[29, 150, 76, 255]]


def test_a_grey_picture_comes_back_itself() -> None:
    picture = np.zeros((3, 3), np.uint8)
    assert grey(picture) is picture


@given(
    arrays.arrays(np.uint8, st.sampled_from([(1, 1), (1, 50), (50, 1), (3, 3, 3), (17, 40, 3)])),
)
@settings(max_examples=40)
def test_black_and_white_is_nothing_else_at_any_size(picture: Image) -> None:
    before = picture.copy()
    bilevel = black_white(picture)
    assert bilevel.shape == picture.shape[:2]
    assert set(np.unique(bilevel)) <= {0, 255}
    np.testing.assert_array_equal(picture, before)


def shaded(picture: Image, darkest: float) -> Image:
    """In light that falls off from left to right."""
    light = np.linspace(1.0, darkest, picture.shape[1])[None, :, None]
    return np.asarray(picture * light, np.uint8)


@pytest.mark.parametrize("darkest", [0.8, 0.5, 0.35])
def test_light_that_falls_off_changes_little(darkest: float) -> None:
    page = sheet(600, 848)
    even, uneven = black_white(page), black_white(shaded(page, darkest))
    assert 0.02 < (even == 0).mean() < 0.3
    assert (even != uneven).mean() < 0.02


def test_flattened_paper_is_white() -> None:
    flat = flatten(grey(shaded(sheet(600, 848), 0.4)))
    assert np.percentile(flat, 60) >= 250


def test_yellow_print_is_kept_beside_a_filled_bar() -> None:
    page = np.full((400, 600, 3), 236, np.uint8)
    page[20:90, 30:570] = (120, 60, 20)
    page[200:320:24, 60:540] = page[201:321:24, 60:540] = (70, 190, 225)
    bilevel = black_white(page)
    assert (bilevel[200:320:24, 60:540] == 0).mean() > 0.95
    assert (bilevel[30:80, 40:560] == 0).all()
    assert (bilevel[100:190] == 255).all()


def test_the_grain_of_an_empty_sheet_is_not_ink() -> None:
    grain = np.random.default_rng(5).normal(222, 4, (500, 400, 3))
    assert (black_white(np.clip(grain, 0, 255).astype(np.uint8)) == 0).mean() < 1e-4
