"""Features of a document among others, by side: one side may be hidden or touch a neighbour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.kernels import dividing_support
from imgcore.outline.search.feature_maps import FeatureMaps, border_colour
from imgcore.outline.search.line_profiles import STEP, TEXTURE_FLOOR, sample_nearest
from imgcore.outline.search.lines import Lines
from imgcore.outline.search.quads import Quads, elongation, taper

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

SIDE_FEATURES = (
    "edge",
    "support",
    "beyond",
    "contrast",
    "changes",
    "tint",
    "brighter",
    "rougher",
    "dark",
    "odd",
    "rough",
)
"""Features of each side, the faintest first: support by contrast; share on an edge, and on its continuation
past the corners; contrast in colour across it, the share of it that has some, in tint, in brightness, in
texture; darkness of the line itself; distance of its margin from the other margins; the margin's texture."""
QUAD_FEATURES = (
    "divided",
    "area",
    "elongation",
    "taper",
    "borders",
    "unlike",
    "print",
    "desk",
    "off_desk",
    "rim",
)
"""Features of a whole quadrilateral: support of the best dividing line; its shape; the inside against its
margins; the share of it that looks like its surroundings; margins and surroundings against the border's
colour."""
COUNT = 4 * len(SIDE_FEATURES) + len(QUAD_FEATURES)
"""Number of features of a quadrilateral, those of its four sides among them."""

_FAINT = 6.0
"""Grey levels of a contrast that is hardly one."""
_BRIGHTER = 25.0
"""Grey levels that are the unit of differences in brightness."""
_COLOUR = 5.0
"""Pixels to either side of a side at which colour is read."""
_TEXTURE = 8.0
"""Pixels to either side of a side at which texture is read."""
_BEYOND = 10.0
"""Pixels past a corner in which the support of a side is measured."""
_AT = (np.arange(12) + 0.5) / 12
"""Positions along a side at which colour and texture are read, as shares of its length."""
_GRID = (np.arange(5) + 0.5) / 5
"""Positions across, and down, at which the inside is read, as shares of the sides."""


def measure_sides(quads: Quads, lines: Lines, totals: Floats, maps: FeatureMaps, dividing: Floats) -> Floats:
    """Compute the features ``(q, COUNT)``; `totals` accumulate the support of `lines`."""
    border = lines.border[quads.sides]
    support, beyond = _support(quads, lines, totals)
    inside, outside, on, rough, rough_outside = _beside(quads, maps)
    mean_inside = inside.mean(axis=2)
    mean_outside = outside.mean(axis=2)
    step = mean_inside - mean_outside
    contrast = np.log1p(np.linalg.norm(step, axis=2) / _FAINT)
    changes = (np.linalg.norm(inside - outside, axis=3) > _FAINT).mean(axis=2)
    dark = ((inside + outside)[..., 0] / 2 - on[..., 0]).mean(axis=2)
    odd = np.log1p(np.linalg.norm(mean_inside - np.median(mean_inside, axis=1)[:, None], axis=2) / _FAINT)
    each = np.stack(
        [
            *(support * contrast, support, beyond, contrast, changes),
            np.log1p(np.linalg.norm(step[:, :, 1:], axis=2) / _FAINT),
            np.clip(step[:, :, 0] / _BRIGHTER, -1.5, 1.5),
            *(np.clip(rough_outside - rough, -1.0, 1.5), np.clip(dark / _FAINT, -2, 3), odd, rough),
        ],
        axis=2,
    )
    each = np.where(border[:, :, None], 0.0, each)
    order = np.argsort(each[:, :, 0], axis=1, kind="stable")
    each = np.take_along_axis(each, order[:, :, None], axis=1)
    whole = _quad_features(quads, mean_inside, mean_outside, maps)
    return np.column_stack(
        [each.reshape(len(each), 4 * len(SIDE_FEATURES)), dividing, whole, border.sum(axis=1)]
    )


def dividing_line_support(quads: Quads, lines: Lines, totals: Floats) -> Floats:
    """Edge support of the best line that divides each quadrilateral."""
    own = ~lines.border
    return np.asarray(
        dividing_support(np.ascontiguousarray(quads.corners), lines.table[own], totals[own], STEP)
    )


def support_past_corners(quads: Quads, lines: Lines, totals: Floats) -> Floats:
    """Mean support ``(q, 4)`` of each side just past both its ends."""
    low, high = side_spans(quads, lines)
    before = _mean(quads, lines, totals, low - _BEYOND, low)
    return np.asarray((before + _mean(quads, lines, totals, high, high + _BEYOND)) / 2)


def _support(quads: Quads, lines: Lines, totals: Floats) -> tuple[Floats, Floats]:
    return _mean(quads, lines, totals, *side_spans(quads, lines)), support_past_corners(quads, lines, totals)


def side_spans(quads: Quads, lines: Lines) -> tuple[Floats, Floats]:
    """Begin and end of each side along its line."""
    directions = lines.directions[quads.sides]
    one = (quads.corners * directions).sum(axis=2)
    other = (np.roll(quads.corners, -1, axis=1) * directions).sum(axis=2)
    return np.minimum(one, other), np.maximum(one, other)


def _mean(quads: Quads, lines: Lines, totals: Floats, begin: Floats, end: Floats) -> Floats:
    """Mean support between two positions along the sides' lines; none outside of the picture."""
    enter = lines.table[quads.sides, 3]
    leave = lines.table[quads.sides, 4]
    sizes = np.maximum(np.floor((leave - enter) / STEP), 0)
    first, last = (np.clip(np.rint((at - enter) / STEP), 0, sizes).astype(np.int64) for at in (begin, end))
    gained = totals[quads.sides, last] - totals[quads.sides, first]
    return np.asarray(np.minimum(gained / np.maximum((end - begin) / STEP, 1), 1.0))


def _beside(quads: Quads, maps: FeatureMaps) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Colours ``(q, 4, places, c)`` inside, outside and on each side, and texture ``(q, 4)``."""
    edges = quads.edges
    normals = np.stack([-edges[:, :, 1], edges[:, :, 0]], axis=2)
    normals /= np.maximum(np.linalg.norm(edges, axis=2), 1e-9)[:, :, None]
    inwards = ((quads.corners.mean(axis=1)[:, None] - quads.corners) * normals).sum(axis=2) > 0
    normals = np.where(inwards[:, :, None], normals, -normals)[:, :, None]
    points = quads.corners[:, :, None] + _AT[:, None] * edges[:, :, None]
    inside, outside, on = (
        _sample_sides(maps.colour, points + off * normals) for off in (_COLOUR, -_COLOUR, 0.0)
    )
    texture = maps.texture[:, :, None]
    rough, rough_outside = (
        np.log(_sample_sides(texture, points + off * normals)[..., 0] + TEXTURE_FLOOR).mean(axis=2)
        for off in (_TEXTURE, -_TEXTURE)
    )
    return inside, outside, on, rough, rough_outside


def _sample_sides(planes: npt.NDArray[np.float32], points: Floats) -> Floats:
    shape = points.shape
    found = sample_nearest(planes, points.reshape(shape[0] * shape[1], shape[2], 2))
    return np.asarray(found.reshape(*shape[:3], planes.shape[2]), np.float64)


def _quad_features(quads: Quads, inside: Floats, outside: Floats, maps: FeatureMaps) -> Floats:
    rows, cols = maps.strength.shape
    u, v = (axis.ravel()[None, :, None] for axis in np.meshgrid(_GRID, _GRID))
    a, b, c, d = (quads.corners[:, None, corner] for corner in range(4))
    points = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    colour = sample_nearest(maps.colour, points)
    margin, around = (np.median(beside, axis=1)[:, None] for beside in (inside, outside))
    distance = np.linalg.norm(colour - margin, axis=2)
    texture = np.log(sample_nearest(maps.texture[:, :, None], points)[:, :, 0] + TEXTURE_FLOOR)
    desk = border_colour(maps)
    return np.column_stack(
        [
            np.log(quads.areas / (rows * cols)),
            *(np.log(elongation(quads)), taper(quads)),
            *(np.log1p(np.median(distance, axis=1) / _FAINT), texture.mean(axis=1)),
            (np.linalg.norm(colour - around, axis=2) < distance).mean(axis=1),
            np.log1p(np.linalg.norm(margin[:, 0] - desk, axis=1) / _FAINT),
            np.log1p(np.linalg.norm(around[:, 0] - desk, axis=1) / _FAINT),
        ]
    )
