"""Judgement of finds against the hypothesis that the picture is the page.

Finders look for what a document is like. This looks for what no document leaves outside: print on the paper
around it, paper that goes on beyond its sides, a frame that is printed. What fails is a part of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.side_profiles import across, bare, framed, goes_on, parallel, ruled, turn_and_skew
from imgcore.outline.surroundings import Ground, measure_surroundings
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_BARE_SIDE = 0.6
_RULED = 0.4
_RULED_SIDE = 0.65
_COMMON = 0.3
"""Least share of the surroundings that is one ground, times its share of the documents' border."""
_PRINTS = ((9.0, 22.0, 24.0), (9.0, 15.0, 40.0), (60.0, 30.0, 14.0))
"""Least number of words, their contrast in grey levels, and that in multiples of the ground's texture: any of
these is print. On a desk with grain, pens and cables it is not so clear."""
_ON_WHITE = ((3.0, 30.0, 24.0), (1.0, 45.0, 36.0))
"""The same on smooth white paper, where there is hardly anything else."""
_LIGHT = ((9.0, 40.0, 30.0), (9.0, 28.0, 60.0))
"""The same of light print on a dark ground, on which bright things lie."""
_WHITE, _EVEN, _FLAT = 215, 3.0, 0.12
"""Level of white paper, its most texture, and the texture of a ground that is no surface at all."""
_PARALLEL, _EXACT, _MANY = 0.8, 0.2, 5
"""Degrees by which the figures of a page may differ; the same for many, which documents in rows may be."""
_MOST_DOUBTED = 0.3
"""Share of finds up to which their sides may look printed, as a card's on a desk of its colour may."""
_SURFACE, _CALM = 0.8, 3.0
"""Share of the surroundings up to which they are more than one surface, and texture they have as drawn."""
_LEVEL, _SMOOTH = 0.15, 0.3
"""Degrees by which they are off the level; or texture of their surroundings, which no camera sees."""
_ONE_LEVEL = 0.93
"""Share of the documents' border that is of one level from which it is one surface in any case."""
_SQUARE, _SQUARES = 0.1, 0.4
"""Degrees by which the sides of one that is drawn are off its right angles; the same for several."""


class Refusal(StrEnum):
    """Reasons for which finds are parts of a page."""

    PRINT = "print outside of it"
    BARE = "a side on bare paper"
    FRAME = "a printed frame"
    CONTINUED = "paper beyond a side"
    DRAWN = "drawn surfaces around it"


def judge_whole_page(small: Image, quads: Sequence[Floats]) -> Refusal | None:
    """Return the reason for which the picture, not what was found in it, is the page; None without one.

    Parameters
    ----------
    small
        BGR or grey, reduced to some 250 to 550 px on the long side.
    quads
        Each ``(4, 2)``, in pixels of `small`: all that is to be cut out of one picture.
    """
    covered = np.zeros(small.shape[:2], np.uint8)
    for quad in quads:
        cv2.fillPoly(covered, [np.rint(quad * 16).astype(np.int32)], 1, shift=4)
    surroundings = measure_surroundings(small, covered)
    if surroundings is not None:
        if _printed(surroundings) and parallel(quads) < (_PARALLEL if len(quads) < _MANY else _EXACT):
            return Refusal.PRINT
        if _drawn(surroundings, quads):
            return Refusal.DRAWN
    picture = small.reshape(*small.shape[:2], -1).astype(np.float32)
    reasons = [reason for quad in quads if (reason := _judge_sides(picture, quad, covered)) is not None]
    return reasons[0] if len(reasons) > _MOST_DOUBTED * len(quads) else None


def _printed(around: Ground) -> bool:
    """Return whether there is print on the ground that surrounds the finds."""
    if around.ground * around.bordering < _COMMON:
        return False
    white = around.level >= _WHITE and around.texture < _EVEN
    prints = (*_PRINTS, *_ON_WHITE) if white or around.texture < _FLAT else _PRINTS
    return any(
        around.words >= words and around.contrast >= max(levels, times * around.texture)
        for words, levels, times in (_LIGHT if around.light else prints)
    )


def _drawn(around: Ground, quads: Sequence[Floats]) -> bool:
    """Return whether exact rectangles lie among several plain surfaces, as in a program's window."""
    one = around.ground * around.bordering > _SURFACE or around.alike > _ONE_LEVEL
    if one or around.texture > _CALM:
        return False
    turn, skew = turn_and_skew(quads)
    level = turn < _LEVEL or around.texture < _SMOOTH
    return level and skew < (_SQUARE if len(quads) == 1 else _SQUARES)


def _judge_sides(picture: npt.NDArray[np.float32], quad: Floats, covered: Image) -> Refusal | None:
    sides = across(picture, quad)
    if not sides:
        return None
    if max(bare(side) for side in sides) >= _BARE_SIDE:
        return Refusal.BARE
    lines = sorted((ruled(side) for side in sides), reverse=True)
    if (
        np.mean(lines) >= _RULED
        or (len(lines) > 1 and lines[1] >= _RULED_SIDE)
        or framed(picture, quad, sides)
    ):
        return Refusal.FRAME
    return Refusal.CONTINUED if goes_on(picture, quad, covered == 0) else None
