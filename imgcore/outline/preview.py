"""The page in each frame of a preview: found in one, followed through the next."""

from __future__ import annotations

import numpy as np

from imgcore.outline.finder import MIN_SIDE, SURE, clockwise
from imgcore.outline.judge import certainty, rank
from imgcore.outline.refit import refit
from imgcore.outline.search import cut_sides, judged, search, view
from imgcore.types import Image, Outline

_SIDE = 240
_LINES, _KEEP = 20, 150
_REACH = 1.5
"""Pixels to where a side really lies, from where the search says."""
_STRIDE = 4.0
"""Pixels that a side moves at most from one frame to the next; beyond, the page's print is near."""


def find_outline_fast(thumbnail: Image) -> Outline | None:
    """As `find_outline`, in a third of the time.

    Parameters
    ----------
    thumbnail
        BGR or grey, best 240 to 480 px on its long side.
    """
    if min(thumbnail.shape[:2]) < MIN_SIDE:
        return None
    candidates = search(view(thumbnail, _SIDE), _LINES, _KEEP)
    if not len(candidates.corners):
        return None
    best = int(rank(candidates.features).argmax())
    score = float(certainty(candidates.features[best]))
    if score < SURE:
        return None
    corners = refit(thumbnail, candidates.corners[best], candidates.cut[best], _REACH)
    return Outline(clockwise(corners), score)


def follow_outline(thumbnail: Image, before: Outline) -> Outline | None:
    """The page of the frame before, which may have moved a little; a quarter of the time of finding it.

    Parameters
    ----------
    thumbnail
        As for `find_outline_fast`, of the size in which `before` was found.

    Returns
    -------
    Outline or None
        Its corners in the order of `before`; None where the page is not there beyond doubt,
        and has to be looked for.
    """
    if min(thumbnail.shape[:2]) < MIN_SIDE:
        return None
    seen = view(thumbnail, _SIDE)
    corners = before.corners.astype(np.float64)
    cut = cut_sides(seen, corners[None])
    if not len(cut):
        return None
    corners = refit(thumbnail, corners, cut[0], _STRIDE)
    after = judged(seen, corners[None])
    score = float(certainty(after.features[0])) if len(after.corners) else 0.0
    return Outline(np.asarray(corners, np.float32), score) if score >= SURE else None
