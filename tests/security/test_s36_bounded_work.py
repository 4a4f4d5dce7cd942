"""S36: the work on a picture grows with its size and no faster, whatever is on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import read_codes, reader
from imgcore.barcode.work import STEPS, WorkLimit
from imgcore.fingerprint import minutiae
from imgcore.types import Image
from tests import adversarial
from tests.extent import extent
from tests.work import FINDERS, calls

SIDE = 240
"""Of the smaller picture; the larger one has twice this. Finders reduce larger ones."""
GROWTH = 6
"""Of what is four times as large, and a little for a search that begins only beyond a size."""
CALLS = 50_000
"""A finder may always make so many, which take some hundredths of a second."""

PICTURES: Mapping[str, Callable[[int], Image]] = {
    **adversarial.PICTURES,
    "fingertips": adversarial.fingertips,
}
HARDEST = ("finder patterns", "checkerboard", "rectangles", "comb", "specks")
TRIED = extent(HARDEST[::2], tuple(PICTURES))


def hardest(find: Callable[[Image], object], side: int) -> int:
    """Count the calls for the picture that takes most."""
    pictures = (PICTURES[name](side) for name in TRIED)
    return max(
        calls(find, one if one.ndim == 3 else cv2.cvtColor(one, cv2.COLOR_GRAY2BGR)) for one in pictures
    )


@pytest.mark.long
@pytest.mark.parametrize("finder", FINDERS)
def test_twice_the_side_is_four_times_the_calls(finder: str) -> None:
    find = FINDERS[finder]
    most = hardest(find, 2 * SIDE)
    assert most < CALLS or most < CALLS + GROWTH * hardest(find, SIDE)


def sheet_of_codes(side: int) -> Image:
    """Return a sheet of QR codes side by side, which are read, unlike finder patterns alone."""
    made = zxingcpp.create_barcode("12", zxingcpp.BarcodeFormat.QRCode)
    code = np.array(zxingcpp.write_barcode_to_image(made, scale=2, add_quiet_zones=True), np.uint8)
    times = side // len(code)
    return np.ascontiguousarray(np.tile(code, (times, times)))


def test_a_sheet_of_codes_is_no_matter_of_pairs() -> None:
    small, large = (calls(read_codes, sheet_of_codes(side)) for side in (800, 1600))
    assert large < GROWTH * small


def test_ridges_everywhere_give_no_pairs_of_all() -> None:
    rng = np.random.default_rng(3)
    pairs = []
    for side in (1000, 2000):
        points = (rng.integers(0, side, (side * side // 350, 2)) + 0.5).astype(np.float32)
        rows, _ = minutiae._neighbours(points, 20.0)
        pairs.append(len(rows) / len(points))
    assert pairs[1] < 1.2 * pairs[0]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("side", [300, 600])
@pytest.mark.parametrize("picture", ["comb", "nested squares", "bars"])
def test_the_msi_decoder_takes_no_more_steps_than_it_may(
    picture: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[WorkLimit] = []

    class Noted(WorkLimit):
        def __init__(self) -> None:
            super().__init__()
            limits.append(self)

    monkeypatch.setattr(reader, "WorkLimit", Noted)
    read_codes(PICTURES[picture](side))
    (limit,) = limits
    assert -limit.left < 0.2 * STEPS
