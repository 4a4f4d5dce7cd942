"""Separation of seals, print and paper: scores of a made page with known masks."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from synthetic.datasets.stamped import Stamped

Mask = npt.NDArray[np.bool_]

COLOURED = 30
"""Levels between the seal's own channel and the absorbed one from which a pixel counts as seal."""
DARK = 128
"""Brightness below which a pixel without colour counts as print."""
OWN = {"red": (2, 1), "blue": (0, 2)}
"""Channels of a seal's colour: its own, and the one it absorbs."""


def scores(page: Stamped, shown: Image) -> dict[str, float]:
    """Return the shares of one page by the name of their figure; not a number where there is nothing."""
    own, swallowed = OWN[page.colour]
    coloured = shown[:, :, own].astype(np.int16) - shown[:, :, swallowed] >= COLOURED
    dark = ~coloured & (shown.max(axis=2) < DARK)
    away = cv2.dilate((page.seal | page.decoration).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    blank = away & (cv2.dilate(page.ink.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    return {
        "seal that is coloured": _part(coloured, page.seal & ~page.ink),
        "ink, F": 2 * float((dark & page.ink).sum()) / max(1, int(dark.sum() + page.ink.sum())),
        "print under a seal that is black": _part(dark, page.seal & page.ink),
        "letterhead that keeps its colour": _part(coloured, page.decoration),
        "colour where there is none": _part(coloured, away),
        "paper that is white": _part(np.asarray(shown.min(axis=2) >= 250), blank),
    }


def _part(found: Mask, among: Mask) -> float:
    return float(found[among].mean()) if among.any() else float("nan")
