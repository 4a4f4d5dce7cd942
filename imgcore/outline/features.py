"""What tells a page from any other quadrilateral, as numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.evidence import Evidence, rim_colour
from imgcore.outline.lines import Lines
from imgcore.outline.quads import Quads, elongation, taper
from imgcore.outline.walks import SMOOTH, STEP, Walks, look_up

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

_BORDER_SUPPORT = 0.6
"""A side on the picture's border is neither seen nor refuted."""
_FAINT, _EQUAL, _BRIGHTER = 6.0, 3.0, 25.0
"""Grey levels: a contrast that is hardly one, none, and one beyond doubt."""
_GRID = 7


def measure(quads: Quads, lines: Lines, walks: Walks, evidence: Evidence) -> Floats:
    """One row of `NAMES` for each candidate."""
    shape = evidence.strength.shape
    border = lines.border[quads.sides]
    support, visible = _support(quads, lines, walks)
    inside, outside = _beside(quads, lines, walks)
    lengths = np.linalg.norm(quads.edges, axis=2)
    contrast = np.linalg.norm((inside - outside)[:, :, :-1], axis=2)
    seen = _Seen(~border)
    steps = np.log1p(contrast / _FAINT)
    weakest_step = seen.least(steps)
    rougher = np.clip(outside[:, :, -1] - inside[:, :, -1], -1.0, 1.2)
    tint = np.log1p(np.linalg.norm((inside - outside)[:, :, 1:-1], axis=2) / _FAINT)
    brighter = np.clip((inside - outside)[:, :, 0] / _BRIGHTER, -1.0, 1.0)
    unlike, print_, outside_inside = _interior(quads, inside, outside, evidence)
    desk = rim_colour(evidence)
    off_desk = np.log1p(np.linalg.norm(inside[:, :, :-1] - desk, axis=2) / _FAINT)
    desk_off_desk = np.log1p(np.linalg.norm(outside[:, :, :-1] - desk, axis=2) / _FAINT)
    columns = (
        *(support.mean(axis=1), support.min(axis=1), (support * lengths).sum(axis=1) / lengths.sum(axis=1)),
        *(seen.mean(steps), weakest_step, weakest_step < np.log1p(_EQUAL / _FAINT)),
        *(seen.mean(rougher), seen.least(rougher)),
        *(inside[:, :, -1].mean(axis=1), inside[:, :, -1].max(axis=1)),
        *(seen.mean(brighter), seen.least(brighter)),
        *(seen.mean(tint), seen.least(tint), _clear_cut(inside, contrast, border)),
        *(seen.mean(support * steps), seen.least(support * steps)),
        *(unlike, print_, outside_inside),
        *(off_desk.mean(axis=1), off_desk.min(axis=1), seen.mean(desk_off_desk)),
        _spread(inside),
        np.log(quads.areas / (shape[0] * shape[1])),
        lengths.sum(axis=1) / (2 * (shape[0] + shape[1])),
        np.abs(np.log(elongation(quads)) - np.log(2) / 2),
        *(taper(quads), border.sum(axis=1), visible.min(axis=1)),
    )
    return np.column_stack(columns)


class _Seen:
    """Figures over the sides that are seen, those not on the picture's border; each candidate has two."""

    def __init__(self, sides: npt.NDArray[np.bool_]) -> None:
        self._sides = sides
        self._counts = sides.sum(axis=1)

    def mean(self, values: Floats) -> Floats:
        """Of ``(q, 4)``."""
        return np.asarray(np.where(self._sides, values, 0).sum(axis=1) / self._counts)

    def least(self, values: Floats) -> Floats:
        """Of ``(q, 4)``."""
        return np.asarray(np.where(self._sides, values, np.inf).min(axis=1))


def _interior(
    quads: Quads, inside: Floats, outside: Floats, evidence: Evidence
) -> tuple[Floats, Floats, Floats]:
    """How far the inside is from the margins' colour, how much is on it, and how much of it is desk."""
    grid = (np.arange(_GRID) + 0.5) / _GRID
    u, v = (axis.ravel()[None, :, None] for axis in np.meshgrid(grid, grid))
    a, b, c, d = (quads.corners[:, None, corner] for corner in range(4))
    points = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    colour = look_up(evidence.colour, points)
    margin, around = (beside[:, :, :-1].mean(axis=1)[:, None] for beside in (inside, outside))
    distance = np.linalg.norm(colour - margin, axis=2)
    desk = (np.linalg.norm(colour - around, axis=2) < distance).mean(axis=1)
    texture = np.log(look_up(evidence.texture[:, :, None], points)[:, :, 0] + SMOOTH)
    return np.log1p(np.median(distance, axis=1) / _FAINT), texture.mean(axis=1), desk


def _clear_cut(inside: Floats, contrast: Floats, border: npt.NDArray[np.bool_]) -> Floats:
    """Contrast across the sides against the contrast among the margins, as a logarithm."""
    among = np.linalg.norm(inside[:, :, :-1].std(axis=1), axis=1)
    across = np.where(border, 0, contrast).sum(axis=1) / (~border).sum(axis=1)
    return np.asarray(np.log((across + 2) / (among + 2)))


def promise(quads: Quads, lines: Lines, walks: Walks, shape: tuple[int, ...]) -> Floats:
    """A cheap first judgement of each candidate, to measure only the best ones."""
    support, visible = _support(quads, lines, walks)
    perimeter = np.linalg.norm(quads.edges, axis=2).sum(axis=1) / (2 * (shape[0] + shape[1]))
    return np.asarray(2 * support.mean(axis=1) + support.min(axis=1) + perimeter + 0.5 * visible.min(axis=1))


def _support(quads: Quads, lines: Lines, walks: Walks) -> tuple[Floats, Floats]:
    """Share of each side that lies on an edge, and share that lies in the picture."""
    begin, end = _stretch(quads, lines)
    first, last = walks.stretch(quads.sides, begin, end)
    samples = np.maximum(last - first, 1)
    support = (walks.support[quads.sides, last] - walks.support[quads.sides, first]) / samples
    visible = np.minimum((last - first) * STEP / np.maximum(end - begin, 1.0), 1.0)
    return np.where(lines.border[quads.sides], _BORDER_SUPPORT, support), visible


def _beside(quads: Quads, lines: Lines, walks: Walks) -> tuple[Floats, Floats]:
    """``(q, 4, c + 1)``: mean colour and log texture just inside and just outside each side."""
    first, last = walks.stretch(quads.sides, *_stretch(quads, lines))
    samples = np.maximum(last - first, 1)[:, :, None]
    left = (walks.left[quads.sides, last] - walks.left[quads.sides, first]) / samples
    right = (walks.right[quads.sides, last] - walks.right[quads.sides, first]) / samples
    centre = quads.corners.mean(axis=1)[:, None]
    facing = (lines.normals[quads.sides] * centre).sum(axis=2) > lines.distances[quads.sides]
    return np.where(facing[:, :, None], left, right), np.where(facing[:, :, None], right, left)


def _stretch(quads: Quads, lines: Lines) -> tuple[Floats, Floats]:
    """Where each side begins and ends along its line."""
    directions = lines.directions[quads.sides]
    one = (quads.corners * directions).sum(axis=2)
    other = (np.roll(quads.corners, -1, axis=1) * directions).sum(axis=2)
    return np.minimum(one, other), np.maximum(one, other)


def _spread(inside: Floats) -> Floats:
    """How much the four margins differ in colour, relative to their brightness."""
    colour = inside[:, :, :-1]
    deviation = np.linalg.norm(colour.std(axis=1), axis=1)
    return np.asarray(np.log1p(5 * deviation / (np.abs(colour[:, :, 0]).mean(axis=1) + 20)))
