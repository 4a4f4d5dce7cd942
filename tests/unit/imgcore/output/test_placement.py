"""Resolution and part of a picture, as programs that scan ask for them."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.output.finish import AS_MADE, OutputSettings, Placement


def image(width: int, height: int) -> np.ndarray:
    return np.arange(width * height, dtype=np.uint32).reshape(height, width).astype(np.uint8)


@pytest.mark.parametrize(
    ("placement", "dots", "size"),
    [
        (Placement(100.0, 200.0), 0.0, (41, 59)),
        (Placement(100.0, 200.0), 100.0, (82, 118)),
        (Placement(300.0, 100.0), 0.0, (246, 354)),
        (Placement(100.0, 100.0, left=0.2, top=0.1, width=0.5, height=0.3), 0.0, (50, 30)),
        (Placement(100.0, 100.0, left=9.0), 0.0, (82, 118)),
        (Placement(100.0, 100.0, width=0.5, height=2.0, cuts=False), 0.0, (82, 118)),
    ],
    ids=str,
)
def test_a_picture_is_brought_to_its_resolution(
    placement: Placement, dots: float, size: tuple[int, int]
) -> None:
    assert placement.apply(image(82, 118), dots).shape == size[::-1]


def test_a_page_that_lies_across_is_turned_where_it_fits_only_so() -> None:
    bed = Placement(100.0, 100.0, width=0.9, height=1.2, cuts=False)
    assert bed.apply(image(118, 82), 0.0).shape == (118, 82)
    assert bed.apply(image(82, 118), 0.0).shape == (118, 82)
    assert bed.apply(image(300, 82), 0.0).shape == (82, 300)
    wide = Placement(100.0, 100.0, width=1.2, height=1.2, cuts=False)
    assert wide.apply(image(118, 82), 0.0).shape == (82, 118)


def test_a_page_of_the_shape_of_a4_counts_as_a4_where_nothing_is_known() -> None:
    placement = Placement(100.0, 1000.0, sheet=11.69)
    assert placement.apply(image(827, 1169), 0.0).shape == (1169, 827)
    assert placement.apply(image(1169, 827), 0.0).shape == (827, 1169)
    assert placement.apply(image(827, 1169), 200.0).shape == (584, 414)
    assert placement.apply(image(1000, 1000), 0.0).shape == (100, 100)


def test_grey_becomes_colour_where_a_program_takes_nothing_else() -> None:
    assert Placement(100.0, 100.0, coloured=True).apply(image(10, 10), 0.0).shape == (10, 10, 3)


def test_the_resolution_is_stated() -> None:
    settings = OutputSettings(placement=Placement(150.0, 100.0))
    assert settings.stating(72.0).dots == 150.0 and settings.changes_pixels
    assert not AS_MADE.changes_pixels
