"""EAN-13's 1 and 7, and 2 and 8, which edges alone do not tell."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
import zxingcpp

from imgcore.barcode.code import Symbology
from imgcore.barcode.twins import told_from_twins
from tests.unit.imgcore.barcode.profiles import Press, Profile, edges_of, printed

RIGHT = "4606706010327"
TWIN = "4606106070327"
"""As printed on a packet, and as an engine read a photograph of it; both obey the check digit."""
PRESSES = [Press(), Press(spread=-0.4), Press(spread=0.4, shade=0.4), Press(pixels=1.5, blur=0.9, noise=8)]


def seen(text: str, press: Press) -> tuple[Profile, float, float]:
    """Profile of a code, and where it begins and ends."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.EAN13)
    row = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))[0]
    widths = tuple(float(len(list(run))) for _, run in groupby(row))
    edges = edges_of(widths, Press(pixels=press.pixels))
    return printed(widths, press), float(edges[0]), float(edges[-1])


@pytest.mark.parametrize("press", PRESSES)
@pytest.mark.parametrize("text", [RIGHT, TWIN])
def test_ink_tells_twins_however_thick_the_bars_are(text: str, press: Press) -> None:
    levels, start, end = seen(RIGHT, press)
    assert told_from_twins(text, Symbology.EAN_13, levels, start, end) == RIGHT
    back = len(levels) - 1 - start, len(levels) - 1 - end
    assert told_from_twins(text, Symbology.EAN_13, levels[::-1], *back) == RIGHT


def test_what_has_no_twin_stays() -> None:
    levels, start, end = seen(RIGHT, Press())
    assert told_from_twins(TWIN, Symbology.ITF, levels, start, end) == TWIN
    assert told_from_twins("4606706010", Symbology.EAN_13, levels, start, end) == "4606706010"
    flat = np.full(len(levels), 200, np.float32)
    assert told_from_twins(TWIN, Symbology.EAN_13, flat, start, end) == TWIN


def test_random_texts_stay() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        digits = "".join(map(str, random.integers(0, 10, 12)))
        check = -sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10
        press = Press(pixels=2, blur=0.5, noise=6, spread=random.uniform(-0.3, 0.3))
        text = f"{digits}{check}"
        assert told_from_twins(text, Symbology.EAN_13, *seen(text, press)) == text
