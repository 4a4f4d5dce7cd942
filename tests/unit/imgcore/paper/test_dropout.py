"""Dropout colours: ink of one colour goes, black and other colours stay."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.paper.dropout import DropoutColour, drop_out
from imgcore.types import Image

PAPER = (238, 244, 246)
INKS = {"black": (30, 28, 26), "red": (60, 50, 215), "green": (70, 170, 60), "blue": (190, 80, 40)}


def page(**inks: tuple[int, int, int]) -> tuple[Image, dict[str, slice]]:
    """Paper with a block of each ink, and the columns of each."""
    image = np.full((400, 120 * len(inks) + 40, 3), PAPER, np.uint8)
    places = {}
    for number, (name, ink) in enumerate(inks.items()):
        places[name] = slice(40 + 120 * number, 120 + 120 * number)
        image[150:190, places[name]] = ink
    return image, places


@pytest.mark.parametrize("colour", DropoutColour)
def test_ink_of_the_colour_is_paper_and_other_ink_stays(colour: DropoutColour) -> None:
    image, places = page(**INKS)
    seen = drop_out(image, colour)
    assert seen.shape == image.shape[:2] and seen.dtype == np.uint8
    ground = int(np.median(seen))
    for name, columns in places.items():
        depth = ground - int(np.median(seen[155:185, columns]))
        assert (depth < 12) if name == colour.name.lower() else (depth > 60), (name, depth)


def test_black_over_the_colour_stays_readable() -> None:
    image, places = page(red=INKS["red"])
    image[165:175, places["red"]] = INKS["black"]
    seen = drop_out(image, DropoutColour.RED)
    assert seen[155, places["red"]].min() > 225 and seen[170, places["red"]].max() < 60


def test_a_grey_page_is_left_alone_and_the_input_is_not_changed() -> None:
    grey = np.full((50, 50), 200, np.uint8)
    assert drop_out(grey, DropoutColour.BLUE) is grey
    image, _ = page(**INKS)
    before = image.copy()
    drop_out(image, DropoutColour.GREEN)
    assert np.array_equal(image, before)
