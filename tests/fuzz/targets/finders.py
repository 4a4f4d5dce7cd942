"""Pictures that are tilings, lines and noise of any measure, for every finder."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from imgcore.types import Image, ImageError
from tests import adversarial
from tests.fuzz.target import Target
from tests.work import FINDERS, calls

MOST_CALLS = 2_000_000
"""Of functions, a second's; the hardest of the pictures drawn by hand takes a third of it."""
LEAST = 64
MOST = 320
"""Pixels of a side."""
_MEASURED = (
    lambda side, one, other: adversarial.finder_patterns(side, 1 + one % 6, 1 + other % 16),
    lambda side, one, other: adversarial.checkerboard(side, 1 + one % 24),
    lambda side, one, other: adversarial.noise(side, one),
    lambda side, one, other: adversarial.blotches(side, one),
    lambda side, one, other: adversarial.fan(side, 2 + one),
    lambda side, one, other: adversarial.comb(side, 2 + one % 62),
    lambda side, one, other: adversarial.lattice(side, 2 + one % 62),
    lambda side, one, other: adversarial.rectangles(side, 8 + one % 120),
    lambda side, one, other: adversarial.nested_squares(side, 2 + one % 62),
    lambda side, one, other: adversarial.spiral(side, 2.0 + one / 4),
    lambda side, one, other: adversarial.discs(side, 4 + one % 60),
    lambda side, one, other: adversarial.specks(side, 3 + one % 29),
    lambda side, one, other: adversarial.bars(side, one),
)
_FINDERS = tuple(FINDERS.values())


def drawn(data: bytes) -> Image:
    """Draw one picture upon the other, four bytes each: kind, two measures, and how it is laid upon."""
    side = LEAST + int.from_bytes(data[:1]) * (MOST - LEAST) // 255
    picture = np.full((side, side), adversarial.PAPER, np.uint8)
    for at in range(1, min(len(data), 13) - 3, 4):
        kind, one, other, way = data[at : at + 4]
        layer = np.rot90(_MEASURED[kind % len(_MEASURED)](side, one, other), way >> 6)
        start, end = sorted((way & 7, way >> 3 & 7))
        part = np.s_[start * side // 8 : (end + 1) * side // 8]
        picture[part] = layer[part] if way & 32 else np.minimum(picture, layer)[part]
    return picture


def attack(data: bytes) -> None:
    """Let the finder that the first byte names look at what the others draw."""
    picture = cv2.cvtColor(drawn(data[1:]), cv2.COLOR_GRAY2BGR)
    find = _FINDERS[int.from_bytes(data[:1]) % len(_FINDERS)]
    try:
        assert calls(find, picture) < MOST_CALLS
    except ImageError:
        return


def seeds() -> Sequence[bytes]:
    """Each finder, and each kind of picture."""
    kinds = max(len(_FINDERS), len(_MEASURED))
    return [bytes((at, 120, at % len(_MEASURED), 1, 0, 39)) for at in range(kinds)]


TARGET = Target(attack, seeds, longest=14)
