"""Cast shadows that were taken for print: text runs on across their edge, and across no printed one."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_STRONG = 0.12
"""Share of the ground's level by which a stroke is darker than its ground, at least."""
_LEAST_AREA = 0.01
"""Share of a picture that a shadow takes at least to be looked for."""
_EDGE = 1.5
"""Distance in pixels from a shadow's edge up to which tones are mixed."""
_RIM = 6.0
"""Distance in pixels from an edge up to which print keeps a margin."""
_NEAR = 26.0
"""Distance in pixels from an edge up to which text is compared with that at the rim."""
_TEXT = 0.1
"""Share of a place that strokes take at least where there is text."""
_RUNS_ON = 0.6
"""Share of the text near an edge that runs on at its rim: printed fields and pictures keep a margin."""
_ALIKE = 2.3
"""Largest factor between the text on both sides of a shadow's edge: it is the same, or has a margin there."""
_FEW = 60
"""Number of pixels from which a share is measured."""
_DARK = 0.7
"""Share of the level around below which a region may be a shadow: those taken for print are that dark."""
_EVEN = 1.65
"""Largest factor between the light and the dark of the ground in a shadow; pictures have more."""
_GREY = 0.3
"""Largest difference, as a share, by which a shadow changes the channels of paper."""


def find_cast_shadows(small: Image, ground: Image, paper: Mask, printed: Mask) -> Mask:
    """Find what was taken for print and is paper in a cast shadow.

    Parameters
    ----------
    small
        uint8, BGR or grey: a reduced picture of the page.
    ground
        uint8, of its shape: what its print stands on.
    paper, printed
        bool ``(rows, cols)``: what was taken for paper, and for a picture or a field.

    Returns
    -------
    Mask
        bool ``(rows, cols)``, with what was taken for beyond the page where a shadow comes from its edge.
    """
    found = np.zeros_like(printed)
    levels = ground.reshape(*printed.shape, -1).astype(np.float32)
    grey = small.reshape(*printed.shape, -1).mean(axis=2, dtype=np.float32)
    strokes = np.asarray(grey < (1 - _STRONG) * levels.mean(axis=2))
    # A shadow that comes from the page's edge may be in pieces, the darkest of them taken for the desk.
    for region in (*_regions(printed, paper), *_regions(~paper, paper)):
        if found[region].all():
            continue
        away = _distance(~region)
        inside = _text(strokes, region, _distance(region))
        outside = _text(strokes, paper, away)
        if not inside or not outside or max(inside, outside) > _ALIKE * min(inside, outside):
            continue
        if _is_shaded(levels + 1, region, paper & (away <= _NEAR)):
            found |= region
    return found


def _regions(mask: Mask, paper: Mask) -> Iterator[Mask]:
    """Yield the connected parts of a mask that are as large as a shadow, and smaller than the paper."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    for label, area in enumerate(stats[1:, cv2.CC_STAT_AREA], 1):
        if _LEAST_AREA * mask.size < area < paper.sum():
            yield np.asarray(labels == label)


def _distance(mask: Mask) -> Floats:
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _text(strokes: Mask, side: Mask, distance: Floats) -> float:
    """Return the share of strokes on one side of an edge, 0 where text keeps away from the edge."""
    rim = side & (distance > _EDGE) & (distance <= _RIM)
    near = side & (distance > _RIM) & (distance <= _NEAR)
    if rim.sum() < _FEW or near.sum() < _FEW:
        return 0.0
    text = float(strokes[near].mean())
    return text if text > _TEXT and float(strokes[rim].mean()) > _RUNS_ON * text else 0.0


def _is_shaded(ground: Floats, region: Mask, around: Mask) -> bool:
    """Return whether a region is the paper around, only evenly darker."""
    own = ground[region]
    ratio = np.median(own, axis=0) / np.median(ground[around], axis=0)
    dark, light = np.percentile(own.mean(axis=1), (10, 90))
    return bool(ratio.mean() < _DARK and np.ptp(ratio) < _GREY * ratio.mean() and light < _EVEN * dark)
