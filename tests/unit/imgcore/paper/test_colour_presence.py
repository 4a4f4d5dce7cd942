"""Colour on pages: ink, stamps and pictures have it; paper, grey print and a scanner's fringes have none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.paper.colour_presence import is_coloured
from imgcore.types import Image
from tests.unit.imgcore.sheets import Sheet

DOTS = 200


def printed(tint: tuple[int, int, int] = (245, 247, 248)) -> Image:
    """A page of black print."""
    image = Sheet(DOTS, tint).scanned()
    for row in range(200, image.shape[0] - 200, 40):
        cv2.putText(image, "the quick brown fox jumps over", (150, row), 0, 1.0, (35, 33, 34), 2)
    return image


@pytest.mark.parametrize("tint", [(245, 247, 248), (205, 235, 245), (232, 240, 222)])
def test_black_print_on_paper_of_any_tint_has_no_colour(tint: tuple[int, int, int]) -> None:
    assert not is_coloured(printed(tint))


def test_fringes_of_a_scanner_whose_colours_do_not_meet_are_no_colour() -> None:
    image = printed()
    shifted = image.copy()
    shifted[1:, :, 2] = image[:-1, :, 2]
    assert not is_coloured(shifted)


@pytest.mark.parametrize("ink", [(60, 50, 215), (150, 70, 40), (70, 160, 60)])
def test_a_signature_in_ink_has_colour(ink: tuple[int, int, int]) -> None:
    image = printed()
    cv2.ellipse(image, (900, 1900), (120, 30), 10, 0, 300, ink, 5)
    assert is_coloured(image)


def test_a_grey_page_has_none() -> None:
    assert not is_coloured(np.full((300, 200), 90, np.uint8))
    assert not is_coloured(np.full((300, 200, 3), 90, np.uint8))
