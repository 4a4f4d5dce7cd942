"""Shape of fingers in a mask: thick, round at the end, no longer than a hand, unlike bars and squares."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.paper.colour import Mask
from imgcore.paper.components import Box
from imgcore.types import Image

THICK = 17
"""Diameter in pixels of a disc that fits into every finger, in a picture of 800 pixels."""
_LONGEST = 0.6
"""Largest share of a page's width or height that a hand takes."""
_ARM = 0.6
"""Thickness, as a part of the region's, up to which an arm of a region is no finger."""

_BAR = 0.38
"""Share of the page's width or height from which a straight run is a bar's."""
_PIECE = 9
"""Diameter in pixels of a disc that fits into what a finger leaves beside a bar."""
_HULL = 0.85
"""Share of its hull that a finger fills at least."""
_SQUARE = 0.92
"""Largest share of its smallest rectangle that a finger fills."""
_HAND = 0.35
"""Largest span of fingers side by side, as a share of the page."""
_BESIDE = 24
"""Least length in pixels of a finger that lies along the border."""
_DEEP = 6
"""Least depth in pixels of a finger that lies along the border."""
_ENDS = 0.65
"""Largest depth of a finger along the border at its ends, as a share of its depth: a wedge of desk is deepest
there."""

_WHOLE: Box = np.s_[:, :]
"""Rows and columns of a whole mask."""


def without_arms(region: Mask) -> Mask | None:
    """Remove arms much thinner than the region if it is longer than fingers are; None if it still is.

    A bar of skin's tint under a finger is such an arm.
    """
    if span(region) <= _LONGEST:
        return region
    radius = cv2.distanceTransform(np.pad(region.astype(np.uint8), 1), cv2.DIST_L2, 3).max()
    core = opened(region, max(THICK, round(_ARM * 2 * float(radius)))) > 0
    return core if core.any() and span(core) <= _LONGEST else None


def without_bars(region: Mask) -> Mask:
    """Remove bars, such as a table's head, that a finger lies on or beside; the region itself without any."""
    rows, cols = region.shape
    if span(region) <= _BAR:
        return region
    bars = np.zeros(region.shape, np.uint8)
    for kernel in ((1, round(_BAR * cols)), (round(_BAR * rows), 1)):
        if (region.sum(axis=1 if kernel[0] == 1 else 0) >= max(kernel)).any():
            run = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, np.ones(kernel, np.uint8))
            bars |= np.asarray(run, np.uint8)
    rest = opened(region & (bars == 0), _PIECE) if bars.any() else bars
    if not rest.any():
        return region
    return hull(_largest(rest, bars > 0)) & region


def _largest(rest: Image, bars: Mask) -> Mask:
    """Largest piece of the rest, and those across the bar from it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=4)
    main = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height = stats[main, :4]
    near = np.zeros(bars.shape, bool)
    near[max(0, top - 2 * THICK) : top + height + 2 * THICK, max(0, left - THICK) : left + width + THICK] = (
        True
    )
    return np.asarray((labels > 0) & near, bool)


def hull(mask: Mask) -> Mask:
    """Fill the convex hull of a mask."""
    points = cv2.findNonZero(mask.astype(np.uint8))
    return cv2.fillConvexPoly(np.zeros(mask.shape, np.uint8), cv2.convexHull(points), 1) > 0


def is_finger_shaped(region: Mask) -> bool:
    """Return whether a region is convex, not square, and no longer than a finger or some side by side."""
    contours = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    largest = max(contours, key=cv2.contourArea)
    share = cv2.contourArea(largest) / max(1.0, cv2.contourArea(cv2.convexHull(largest)))
    return bool(share > _HULL and squareness(region) < _SQUARE and span(region) < _HAND)


def along_border(mask: Mask) -> Image:
    """Mark fingers that lie along the border, showing less than their thickness, by 1 among 0."""
    marked = np.zeros(mask.shape, np.uint8)
    for turn in range(4):
        # Each side in turn is the left one.
        strip = np.rot90(mask, turn)[:, : THICK + 2]
        if np.count_nonzero(strip[:, 0]) >= _BESIDE:
            np.rot90(marked, turn)[:, : THICK + 2] |= _bulges(strip)
    return marked


def _bulges(strip: Mask) -> Image:
    """Mark parts at the left side of a strip that are deepest between their ends, and less deep than it."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THICK, THICK))
    padded = np.pad(strip.astype(np.uint8), THICK, mode="edge")
    marked = np.array(cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc)[THICK:-THICK, THICK:-THICK], np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=4)
    for number, (_, top, _, height, _) in enumerate(stats.tolist()):
        part = labels[top : top + height] == number
        if number and not _is_bulge(part):
            marked[top : top + height][part] = 0
    # Opening has taken the thin ends.
    return np.asarray(dilated(marked > 0, 2 * THICK + 1) & strip, np.uint8)


def _is_bulge(part: Mask) -> bool:
    depth = part.sum(axis=1)
    ends = max(2, len(depth) // 12)
    deepest = int(depth.max())
    outer = max(float(depth[:ends].mean()), float(depth[-ends:].mean()))
    inside = bool(part[:, 0].any()) and not part[:, -1].any()
    return inside and len(depth) >= _BESIDE and deepest >= _DEEP and outer < _ENDS * deepest


def span(region: Mask) -> float:
    """Longer side of the bounding box, as a part of the picture's side."""
    _, _, width, height = cv2.boundingRect(region.astype(np.uint8))
    rows, cols = region.shape
    return float(max(width / cols, height / rows))


def squareness(region: Mask, box: Box = _WHOLE) -> float:
    """Share of its smallest rectangle that the largest part of a region fills; `box` is where it lies."""
    contours = cv2.findContours(
        region.astype(np.uint8),
        cv2.RETR_EXTERNAL,
        cv2.CHAIN_APPROX_NONE,
        offset=(box[1].start or 0, box[0].start or 0),
    )[0]
    largest = max(contours, key=cv2.contourArea)
    width, height = cv2.minAreaRect(largest)[1]
    return float(cv2.contourArea(largest) / max(1.0, width * height))


def opened(mask: Mask, width: int) -> Image:
    """Open a mask by a disc of `width`, to 0 and 1; beyond the border it is empty."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    padded = cv2.morphologyEx(np.pad(mask.astype(np.uint8), width), cv2.MORPH_OPEN, disc)
    return np.ascontiguousarray(padded[width:-width, width:-width])


def dilated(mask: Mask, width: int) -> Mask:
    """Grow a mask by a square of `width`."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((width, width), np.uint8)) > 0)


def filled(mask: Mask) -> Mask:
    """Fill holes: nails and highlights are paler than the skin around them."""
    contours = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, -1) > 0
