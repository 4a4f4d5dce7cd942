"""What work on a picture costs is bounded by its pixels, whatever its shape and whatever is asked for."""

from __future__ import annotations

import pytest

from imgcore.memory import memory_needed
from tests import bounds
from tests.bounds import SETTINGS
from tests.extent import extent

NANOSECONDS = 1500
"""Of a processor, a pixel: three times the dearest stage on a busy machine. What grows with the square of a
side takes hundreds of times as long."""
SLACK = 0.5
"""Seconds whatever the size."""

SHAPES = {
    "square": (1580, 1580),
    "1:50, tall": (224, 11_180),
    "1:100, wide": (15_800, 158),
}
TILES = extent(("text", "noise"), tuple(bounds.TILES))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("shape", SHAPES)
def test_memory_and_time_are_bounded_by_the_pixels(shape: str, tile: str) -> None:
    width, height = SHAPES[shape]
    found = bounds.costs(tuple(SETTINGS), tile, width, height)
    for name, cost in found.items():
        assert not cost.fault, name
        # The picture itself was there before.
        allowed = memory_needed(width, height, SETTINGS[name]) - 3 * width * height
        assert cost.memory <= allowed, f"{name}: {cost.memory / width / height:.1f} bytes a pixel"
        assert cost.seconds <= SLACK + NANOSECONDS * 1e-9 * width * height, (name, cost.seconds)


@pytest.mark.parametrize(
    ("size", "fault"),
    [((50, 50_000), "SideTooLong"), ((20, 20_000), "TooNarrow"), ((10, 1_000_000), "SideTooLong")],
)
def test_what_has_no_shape_to_work_on_costs_nothing(size: tuple[int, int], fault: str) -> None:
    for name, cost in bounds.costs(tuple(SETTINGS), "text", *size).items():
        assert (cost.fault, cost.memory < 1 << 20, cost.seconds < SLACK) == (fault, True, True), name


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_large_picture_takes_no_more_a_pixel_than_a_small_one() -> None:
    width, height = extent((5000, 5000), (10_900, 11_000))
    found = bounds.costs(("show_through", "red_stamp", "black_white", "single"), "text", width, height)
    for name, cost in found.items():
        allowed = memory_needed(width, height, SETTINGS[name]) - 3 * width * height
        assert cost.memory <= allowed, f"{name}: {cost.memory / width / height:.1f} bytes a pixel"
        assert cost.seconds <= SLACK + NANOSECONDS * 1e-9 * width * height, (name, cost.seconds)
