"""The page in each frame of a preview."""

from __future__ import annotations

from imgcore.outline.finder import MIN_SIDE, SURE, clockwise
from imgcore.outline.judge import certainty, rank
from imgcore.outline.search import search, view
from imgcore.types import Image, Outline

_SIDE = 240
_LINES, _KEEP = 20, 150


def find_outline_fast(thumbnail: Image) -> Outline | None:
    """As `find_outline`, without the last fraction of a pixel, in a quarter of the time.

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
    return Outline(clockwise(candidates.corners[best]), score) if score >= SURE else None
