"""Fields that were taken for paper: pale ones, and the rest of those that were found in part."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import max_channel
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_WINDOW = 5
"""Parts of the long side that are half the window over which the colour of paper is averaged."""
_OTHER = 0.03
"""Distance from the colour of paper at which a place hardly counts when that colour is measured again."""
_COLOURED = 0.018
"""Distance from the colour of paper, as a share, from which a place may be a pale field."""
_BESIDE = 15
"""Side in pixels of the square around a coloured place that does not count: it may be of the same field."""
_ROUNDS = 3
"""Number of times that the colour of paper is measured, each without what was coloured before."""
_STEP = 0.028
"""Change of colour across the edge of a pale field, at least: that of light is spread more widely."""
_AS_BRIGHT = 0.97
"""Share of the brightness outside that a pale field has inside, at least: a shadow is darker."""
_ALONG = 0.8
"""Share of a pale field's edge along which its colour changes."""
_LEAST_AREA = 0.004
"""Share of a picture that a pale field takes at least."""
_HALF = 8.0
"""Half the least width in pixels of a pale field: ground that coloured print colours is narrower."""
_FULL = 0.9
"""Share of its hull that a pale field fills, at least."""
_EDGE = 2.0
"""Distance in pixels from an edge up to which colours are mixed."""
_NEAR = 7.0
"""Distance in pixels from an edge up to which both sides are compared."""
_MARGIN = 3
"""Pixels from the edge of a picture within which no pale field lies."""
_SIDE = 6
"""Parts of the long side that are the widest strip of which the rest is looked for."""
_STEPS = 4
"""Pixels from one to the next of those from which the level around is found."""
_DARKER = 0.93
"""Share of the level around below which a field that was found in part is told from paper."""
_DARKER_BY = 0.06
"""Change of level across the edge of such a field, at least: the facets of creased paper differ by less."""
_ALIKE = 0.035
"""Difference of level, as a share, up to which a place belongs to a field that was found in part."""
_LEAST_PART = 60
"""Fewest pixels of a part from which the level of its field is known."""
_MOST_REST = 4.0
"""Largest size of the rest of a field, in sizes of the part that was found."""


def find_missed_fields(ground: Image, paper: Mask, fields: Mask) -> Mask:
    """Find fields that were taken for paper.

    Parameters
    ----------
    ground
        uint8, BGR or grey: what print stands on, in a reduced picture of the page.
    paper, fields
        bool ``(rows, cols)``: what was taken for paper, and for fields.

    Returns
    -------
    Mask
        bool ``(rows, cols)``.
    """
    found = _rests(ground, paper, fields)
    if ground.ndim == 3 and paper.any():
        found |= _pale(ground, paper, fields)
    return found


def _rests(ground: Image, paper: Mask, fields: Mask) -> Mask:
    """Return what lies in one row or column with a part of a field, connected to it and of its level."""
    found = np.zeros_like(paper)
    rows, cols = paper.shape
    size = (max(1, cols // _STEPS), max(1, rows // _STEPS))
    some = cv2.resize(ground, size, interpolation=cv2.INTER_AREA)
    side = max(3, max(rows, cols) // (_SIDE * _STEPS))
    closed = cv2.morphologyEx(some, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    around = cv2.resize(closed, (cols, rows), interpolation=cv2.INTER_LINEAR)
    levels = ((ground.astype(np.float32) + 1) / (around.astype(np.float32) + 1)).reshape(*paper.shape, -1)
    for part in _regions(fields, _LEAST_PART):
        typical = np.median(levels[part], axis=0).astype(np.float64)
        if typical.min() > _DARKER:
            continue
        alike = paper & (cv2.inRange(levels, typical - _ALIKE, typical + _ALIKE) > 0)
        row = np.asarray(part.any(axis=1, keepdims=True))
        col = np.asarray(part.any(axis=0, keepdims=True))
        whole = (alike & (row | col)) | part
        label = cv2.connectedComponents(whole.astype(np.uint8), connectivity=4)[1]
        rest = alike & np.isin(label, np.unique(label[part]))
        if 0 < rest.sum() < _MOST_REST * part.sum() and _has_edge(
            part | rest, paper & ~rest, levels, _DARKER_BY
        ):
            found |= rest
    return found


def _pale(ground: Image, paper: Mask, fields: Mask) -> Mask:
    """Return pale regions, known in part or not at all, whose edge is sharp and of colour alone."""
    planes = cv2.blur(ground, (3, 3)).astype(np.float32) + 1
    planes /= np.median(planes[paper], axis=0)
    level = max_channel(np.asarray(planes, np.float32)).reshape(paper.shape)
    tints = np.asarray(planes / level[:, :, None], np.float32)
    off = _distance_from_paper(tints, paper)
    coloured = (paper | fields) & (off > _COLOURED)
    solid = cv2.morphologyEx(coloured.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    # At the edge of a crop, the colour of the desk is mixed into paper.
    beside_desk = np.ones_like(paper)
    beside_desk[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = False
    found = np.zeros_like(paper)
    for wide in _regions(solid, _LEAST_AREA * paper.size):
        # Light of another colour beside a field is nearer to the paper's colour than the field is.
        region = wide & (off > np.median(off[wide]) / 2)
        if (region & beside_desk).any():
            continue
        if _is_compact(region) and _has_edge_of_colour(region, paper & ~coloured, tints, level):
            found |= region
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _regions(mask: Mask, least: float) -> Iterator[Mask]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    for label, area in enumerate(stats[1:, cv2.CC_STAT_AREA], 1):
        if area > least:
            yield np.asarray(labels == label)


def _distance_from_paper(tints: Floats, paper: Mask) -> Floats:
    """Return how far the colour of each place is from that of the paper around, as a share."""
    off = np.zeros(paper.shape, np.float32)
    window = (2 * (max(paper.shape) // _WINDOW) + 1,) * 2
    beside = np.ones((_BESIDE, _BESIDE), np.uint8)
    for _ in range(_ROUNDS):
        coloured = cv2.dilate((off > _COLOURED).astype(np.uint8), beside) > 0
        alike = np.asarray((paper & ~coloured) * np.exp(-((off / _OTHER) ** 2)), np.float32)
        mean = _mean(tints, alike, window)
        away = max_channel(np.asarray(np.abs(tints / np.maximum(mean, np.float32(1e-3)) - 1), np.float32))
        off = np.asarray(cv2.blur(away.reshape(paper.shape), (5, 5)), np.float32)
    return off


def _mean(planes: Floats, weight: Floats, window: tuple[int, int]) -> Floats:
    """Return the weighted mean over a window, 0 where nothing has weight."""
    share = np.asarray(cv2.blur(weight, window), np.float32)[:, :, None]
    total = np.asarray(cv2.blur(planes * weight[:, :, None], window), np.float32).reshape(planes.shape)
    return np.asarray(total / np.maximum(share, np.float32(1e-4)), np.float32)


def _is_compact(region: Mask) -> bool:
    """Return whether a region is wide and fills its hull; print within it counts as filled."""
    contours, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = contours[0]
    filled = cv2.drawContours(np.zeros(region.shape, np.uint8), contours, 0, 1, cv2.FILLED)
    if cv2.contourArea(outline) < _FULL * cv2.contourArea(cv2.convexHull(outline)):
        return False
    return bool(cv2.distanceTransform(np.pad(filled, 1), cv2.DIST_L2, 3).max() > _HALF)


def _has_edge_of_colour(region: Mask, around: Mask, tints: Floats, level: Floats) -> bool:
    """Return whether colour changes along the edge of a region, and brightness does not."""
    bright, _ = _change(region, around, level[:, :, None])
    return bool(bright.min() > _AS_BRIGHT - 1) and _has_edge(region, around, tints, _STEP)


def _has_edge(region: Mask, around: Mask, planes: Floats, least: float) -> bool:
    """Return whether a plane changes sharply, by `least` or more, along the edge of a region."""
    change, along = _change(region, around, planes)
    return bool(np.abs(change).max() > least and along > _ALONG)


def _change(region: Mask, around: Mask, planes: Floats) -> tuple[Floats, float]:
    """Return the median change of each plane inward over an edge, and the share of edge with half of it."""
    side = int(2 * _NEAR) + 3
    left, top, wide, high = cv2.boundingRect(region.astype(np.uint8))
    near = np.s_[max(0, top - side) : top + high + side, max(0, left - side) : left + wide + side]
    region, around, planes = region[near], around[near], planes[near]
    window = (side, side)
    inside = _band(region).astype(np.float32)
    outside = (_band(~region) & around).astype(np.float32)
    inner = cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    edge = region & ~inner
    both = edge & (cv2.blur(inside, window) > 0) & (cv2.blur(outside, window) > 0)
    if not both.any():
        return np.zeros(planes.shape[2], np.float32), 0.0
    change = np.asarray(
        _mean(planes, inside, window)[both] / _mean(planes, outside, window)[both] - 1, np.float32
    )
    median = np.median(change, axis=0)
    most = np.abs(median).argmax()
    half = change[:, most] * np.sign(median[most]) > np.abs(median[most]) / 2
    return np.asarray(median, np.float32), float(half.sum() / edge.sum())


def _band(side: Mask) -> Mask:
    """Return what is near the edge of a region, on this side, and not mixed with the other."""
    away = np.asarray(cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    return np.asarray((away > _EDGE) & (away <= _NEAR))
