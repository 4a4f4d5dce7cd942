"""Outline of the page in a preview: detected in one frame, tracked through the next."""

from __future__ import annotations

import numpy as np

from imgcore.outline.finder import MIN_CONFIDENCE, MIN_SIDE, Finding, Judge, if_likely, pages, without_drawn
from imgcore.outline.refinement import refine_quad
from imgcore.outline.scoring.feature_score import confidence
from imgcore.outline.search.candidates import (
    SIDE,
    border_sides,
    downscale,
    measure_quads,
    reduce_picture,
    search_quads,
)
from imgcore.types import Image, Outline

_SIDE = 240
"""Long side in pixels of the picture that is searched."""
_LINES = 20
"""Number of lines that are combined to quadrilaterals; the cost grows with the fourth power."""
_KEEP = 150
"""Number of quadrilaterals that are measured in full."""
_REACH = 1.5
"""Pixels of the thumbnail within which a side's edge is looked for around the one that was found."""
_STRIDE = 4.0
"""Pixels that a side moves at most from one frame to the next; farther away, the page's print is near."""


def find_outline_fast(thumbnail: Image) -> Outline | None:
    """Find the page as `find_outline` does, in a third of the time.

    Parameters
    ----------
    thumbnail
        BGR or grey, best 240 to 480 px on its long side.
    """
    if min(thumbnail.shape[:2]) < MIN_SIDE:
        return None
    detections = pages(search_quads(reduce_picture(thumbnail, _SIDE), _LINES, _KEEP), thumbnail.shape)
    found = Judge(thumbnail, *downscale(thumbnail, SIDE), _REACH).first(if_likely(detections))
    return None if found is None else without_drawn(thumbnail, Finding((found.outline,))).outline


def track_outline(thumbnail: Image, before: Outline) -> Outline | None:
    """Track the page of the frame before, which may have moved a little, in a quarter of the time.

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
    reduced = reduce_picture(thumbnail, _SIDE)
    corners = before.corners.astype(np.float64)
    on_border = border_sides(reduced, corners[None])
    if not len(on_border):
        return None
    corners = refine_quad(thumbnail, corners, on_border[0], _STRIDE)
    after = measure_quads(reduced, corners[None])
    score = float(confidence(after.features[0])) if len(after.corners) else 0.0
    return Outline(np.asarray(corners, np.float32), score) if score >= MIN_CONFIDENCE else None
