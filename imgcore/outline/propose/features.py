"""Features that tell a document from any other quadrilateral.

Of a page, which stands alone, they are means and extremes over its sides; of one document among others, whose
sides may be hidden or touch a neighbour, each side has its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.kernels import dividing_support
from imgcore.outline.propose.feature_maps import FeatureMaps, border_colour
from imgcore.outline.propose.lines import STEP, TEXTURE_FLOOR, LineProfiles, Lines, sample_nearest
from imgcore.outline.propose.quads import Quads, elongation, taper

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

NAMES = (
    *("support", "weakest_support", "supported_length"),
    *("contrast", "weakest_contrast", "equal_side"),
    *("rougher_outside", "least_rougher_outside", "roughness", "greatest_roughness"),
    *("brighter", "least_brighter", "tint", "weakest_tint", "clear_cut"),
    *("edge", "weakest_edge", "unlike_margin", "print", "outside_inside"),
    *("off_desk", "weakest_off_desk", "desk_off_desk"),
    *("colour_spread", "area", "perimeter", "elongation", "taper", "borders", "visible"),
)
"""Features of a candidate, in the order of the columns."""

_BORDER_SUPPORT = 0.6
"""Support of a side on the picture's border, which is neither seen nor refuted."""
_FAINT = 6.0
"""Grey levels of a contrast that is hardly one."""
_EQUAL = 3.0
"""Grey levels of a contrast below which both sides of an edge are equal."""
_BRIGHTER = 25.0
"""Grey levels of a contrast in brightness that is beyond doubt."""
_GRID = 7
"""Number of places, across and down, at which the inside is looked at."""


def measure(quads: Quads, lines: Lines, profiles: LineProfiles, maps: FeatureMaps) -> Floats:
    """Compute the features `NAMES` of each candidate, one row each."""
    shape = maps.strength.shape
    border = lines.border[quads.sides]
    support, visible = _support(quads, lines, profiles)
    inside, outside = _beside(quads, lines, profiles)
    lengths = np.linalg.norm(quads.edges, axis=2)
    contrast = np.linalg.norm((inside - outside)[:, :, :-1], axis=2)
    visible_sides = _VisibleSides(~border)
    steps = np.log1p(contrast / _FAINT)
    weakest_step = visible_sides.least(steps)
    rougher = np.clip(outside[:, :, -1] - inside[:, :, -1], -1.0, 1.2)
    tint = np.log1p(np.linalg.norm((inside - outside)[:, :, 1:-1], axis=2) / _FAINT)
    brighter = np.clip((inside - outside)[:, :, 0] / _BRIGHTER, -1.0, 1.0)
    unlike, print_, outside_inside = _interior(quads, inside, outside, maps)
    desk = border_colour(maps)
    off_desk = np.log1p(np.linalg.norm(inside[:, :, :-1] - desk, axis=2) / _FAINT)
    desk_off_desk = np.log1p(np.linalg.norm(outside[:, :, :-1] - desk, axis=2) / _FAINT)
    columns = (
        *(support.mean(axis=1), support.min(axis=1), (support * lengths).sum(axis=1) / lengths.sum(axis=1)),
        *(visible_sides.mean(steps), weakest_step, weakest_step < np.log1p(_EQUAL / _FAINT)),
        *(visible_sides.mean(rougher), visible_sides.least(rougher)),
        *(inside[:, :, -1].mean(axis=1), inside[:, :, -1].max(axis=1)),
        *(visible_sides.mean(brighter), visible_sides.least(brighter)),
        *(visible_sides.mean(tint), visible_sides.least(tint), _clear_cut(inside, contrast, border)),
        *(visible_sides.mean(support * steps), visible_sides.least(support * steps)),
        *(unlike, print_, outside_inside),
        *(off_desk.mean(axis=1), off_desk.min(axis=1), visible_sides.mean(desk_off_desk)),
        _spread(inside),
        np.log(quads.areas / (shape[0] * shape[1])),
        lengths.sum(axis=1) / (2 * (shape[0] + shape[1])),
        np.abs(np.log(elongation(quads)) - np.log(2) / 2),
        *(taper(quads), border.sum(axis=1), visible.min(axis=1)),
    )
    return np.column_stack(columns)


class _VisibleSides:
    """Statistics over the sides that are not on the picture's border; each candidate has at least two."""

    def __init__(self, sides: npt.NDArray[np.bool_]) -> None:
        self._sides = sides
        self._counts = sides.sum(axis=1)

    def mean(self, values: Floats) -> Floats:
        """Mean of ``(q, 4)`` values over the visible sides."""
        return np.asarray(np.where(self._sides, values, 0).sum(axis=1) / self._counts)

    def least(self, values: Floats) -> Floats:
        """Least of ``(q, 4)`` values over the visible sides."""
        return np.asarray(np.where(self._sides, values, np.inf).min(axis=1))


def _interior(
    quads: Quads, inside: Floats, outside: Floats, maps: FeatureMaps
) -> tuple[Floats, Floats, Floats]:
    """Distance of the inside from the margins' colour, its texture, and the share of it that is desk."""
    grid = (np.arange(_GRID) + 0.5) / _GRID
    u, v = (axis.ravel()[None, :, None] for axis in np.meshgrid(grid, grid))
    a, b, c, d = (quads.corners[:, None, corner] for corner in range(4))
    points = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    colour = sample_nearest(maps.colour, points)
    margin, around = (beside[:, :, :-1].mean(axis=1)[:, None] for beside in (inside, outside))
    distance = np.linalg.norm(colour - margin, axis=2)
    desk = (np.linalg.norm(colour - around, axis=2) < distance).mean(axis=1)
    texture = np.log(sample_nearest(maps.texture[:, :, None], points)[:, :, 0] + TEXTURE_FLOOR)
    return np.log1p(np.median(distance, axis=1) / _FAINT), texture.mean(axis=1), desk


def _clear_cut(inside: Floats, contrast: Floats, border: npt.NDArray[np.bool_]) -> Floats:
    """Contrast across the sides against the contrast among the margins, as a logarithm."""
    among = np.linalg.norm(inside[:, :, :-1].std(axis=1), axis=1)
    across = np.where(border, 0, contrast).sum(axis=1) / (~border).sum(axis=1)
    return np.asarray(np.log((across + 2) / (among + 2)))


def prescreening_score(quads: Quads, lines: Lines, profiles: LineProfiles, shape: tuple[int, ...]) -> Floats:
    """Cheap score of each candidate, so that only the best ones are measured."""
    support, visible = _support(quads, lines, profiles)
    perimeter = np.linalg.norm(quads.edges, axis=2).sum(axis=1) / (2 * (shape[0] + shape[1]))
    return np.asarray(2 * support.mean(axis=1) + support.min(axis=1) + perimeter + 0.5 * visible.min(axis=1))


def _support(quads: Quads, lines: Lines, profiles: LineProfiles) -> tuple[Floats, Floats]:
    """Shares of each side that lie on an edge and in the picture."""
    begin, end = side_spans(quads, lines)
    first, last = profiles.span(quads.sides, begin, end)
    samples = np.maximum(last - first, 1)
    support = (profiles.support[quads.sides, last] - profiles.support[quads.sides, first]) / samples
    visible = np.minimum((last - first) * STEP / np.maximum(end - begin, 1.0), 1.0)
    return np.where(lines.border[quads.sides], _BORDER_SUPPORT, support), visible


def _beside(quads: Quads, lines: Lines, profiles: LineProfiles) -> tuple[Floats, Floats]:
    """``(q, 4, c + 1)``: mean colour and log texture just inside and just outside each side."""
    first, last = profiles.span(quads.sides, *side_spans(quads, lines))
    samples = np.maximum(last - first, 1)[:, :, None]
    left = (profiles.left[quads.sides, last] - profiles.left[quads.sides, first]) / samples
    right = (profiles.right[quads.sides, last] - profiles.right[quads.sides, first]) / samples
    centre = quads.corners.mean(axis=1)[:, None]
    facing = (lines.normals[quads.sides] * centre).sum(axis=2) > lines.distances[quads.sides]
    return np.where(facing[:, :, None], left, right), np.where(facing[:, :, None], right, left)


def _spread(inside: Floats) -> Floats:
    """Colour difference between the four margins, relative to their brightness."""
    colour = inside[:, :, :-1]
    deviation = np.linalg.norm(colour.std(axis=1), axis=1)
    return np.asarray(np.log1p(5 * deviation / (np.abs(colour[:, :, 0]).mean(axis=1) + 20)))


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

_BRIGHTNESS = 25.0
"""Grey levels that are the unit of differences in brightness."""
_COLOUR = 5.0
"""Pixels to either side of a side at which colour is read."""
_TEXTURE = 8.0
"""Pixels to either side of a side at which texture is read."""
_BEYOND = 10.0
"""Pixels past a corner in which the support of a side is measured."""
_AT = (np.arange(12) + 0.5) / 12
"""Positions along a side at which colour and texture are read, as shares of its length."""
_INNER_GRID = (np.arange(5) + 0.5) / 5
"""Positions across, and down, at which the inside is read, as shares of the sides."""


def measure_sides(quads: Quads, lines: Lines, totals: Floats, maps: FeatureMaps, dividing: Floats) -> Floats:
    """Compute the features ``(q, COUNT)``; `totals` accumulate the support of `lines`."""
    border = lines.border[quads.sides]
    support, beyond = _support_of_each(quads, lines, totals)
    inside, outside, on, rough, rough_outside = _beside_each(quads, maps)
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
            np.clip(step[:, :, 0] / _BRIGHTNESS, -1.5, 1.5),
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


def _support_of_each(quads: Quads, lines: Lines, totals: Floats) -> tuple[Floats, Floats]:
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


def _beside_each(quads: Quads, maps: FeatureMaps) -> tuple[Floats, Floats, Floats, Floats, Floats]:
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
    u, v = (axis.ravel()[None, :, None] for axis in np.meshgrid(_INNER_GRID, _INNER_GRID))
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
