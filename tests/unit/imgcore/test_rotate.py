"""Quarter turns are exact and undo each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgcore.rotate import rotate
from imgcore.types import Image, ImageError

PICTURES = arrays.arrays(np.uint8, st.sampled_from([(1, 1), (1, 7), (5, 3), (4, 6, 3), (1, 9, 3)]))
TURNS = st.sampled_from([0, 90, 180, 270])


@given(PICTURES, TURNS)
def test_it_turns_clockwise_as_displayed(picture: Image, turn: int) -> None:
    np.testing.assert_array_equal(rotate(picture, turn), np.rot90(picture, -turn // 90))


@given(PICTURES, TURNS, TURNS)
@settings(max_examples=50)
def test_turns_add_up(picture: Image, one: int, other: int) -> None:
    np.testing.assert_array_equal(rotate(rotate(picture, one), other), rotate(picture, (one + other) % 360))


@given(PICTURES, TURNS)
@settings(max_examples=50)
def test_the_input_stays_and_the_output_is_contiguous(picture: Image, turn: int) -> None:
    before = picture.copy()
    turned = rotate(picture, turn)
    np.testing.assert_array_equal(picture, before)
    assert turned.flags.c_contiguous


@pytest.mark.parametrize("turn", [45, -90, 360, 1])
def test_other_angles_are_refused(turn: int) -> None:
    with pytest.raises(ImageError, match=str(turn)):
        rotate(np.zeros((2, 2), np.uint8), turn)
