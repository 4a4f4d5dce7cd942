"""Features that tell a page from any other quadrilateral."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.search.feature_maps import FeatureMaps, border_colour
from imgcore.outline.search.line_profiles import STEP, TEXTURE_FLOOR, LineProfiles, sample_nearest
from imgcore.outline.search.lines import Lines
from imgcore.outline.search.quads import Quads, elongation, taper

Floats = npt.NDArray[np.float64]

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
    begin, end = _side_spans(quads, lines)
    first, last = profiles.span(quads.sides, begin, end)
    samples = np.maximum(last - first, 1)
    support = (profiles.support[quads.sides, last] - profiles.support[quads.sides, first]) / samples
    visible = np.minimum((last - first) * STEP / np.maximum(end - begin, 1.0), 1.0)
    return np.where(lines.border[quads.sides], _BORDER_SUPPORT, support), visible


def _beside(quads: Quads, lines: Lines, profiles: LineProfiles) -> tuple[Floats, Floats]:
    """``(q, 4, c + 1)``: mean colour and log texture just inside and just outside each side."""
    first, last = profiles.span(quads.sides, *_side_spans(quads, lines))
    samples = np.maximum(last - first, 1)[:, :, None]
    left = (profiles.left[quads.sides, last] - profiles.left[quads.sides, first]) / samples
    right = (profiles.right[quads.sides, last] - profiles.right[quads.sides, first]) / samples
    centre = quads.corners.mean(axis=1)[:, None]
    facing = (lines.normals[quads.sides] * centre).sum(axis=2) > lines.distances[quads.sides]
    return np.where(facing[:, :, None], left, right), np.where(facing[:, :, None], right, left)


def _side_spans(quads: Quads, lines: Lines) -> tuple[Floats, Floats]:
    """Begin and end of each side along its line."""
    directions = lines.directions[quads.sides]
    one = (quads.corners * directions).sum(axis=2)
    other = (np.roll(quads.corners, -1, axis=1) * directions).sum(axis=2)
    return np.minimum(one, other), np.maximum(one, other)


def _spread(inside: Floats) -> Floats:
    """Colour difference between the four margins, relative to their brightness."""
    colour = inside[:, :, :-1]
    deviation = np.linalg.norm(colour.std(axis=1), axis=1)
    return np.asarray(np.log1p(5 * deviation / (np.abs(colour[:, :, 0]).mean(axis=1) + 20)))
