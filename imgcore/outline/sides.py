"""What tells a document among others, side by side: one side may be hidden or touch a neighbour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_across
from imgcore.outline.evidence import Evidence, rim_colour
from imgcore.outline.lines import Lines
from imgcore.outline.quads import Quads, elongation, taper
from imgcore.outline.walks import SMOOTH, STEP, look_up

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

EACH = (
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
"""For each side, the faintest first: support by contrast; share on an edge, and on what continues past the
corners; contrast in colour across it, how much of it has some, in tint, in brightness, in texture; how
much darker the line itself is; how far its margin is from the other margins; the margin's texture."""
WHOLE = ("divided", "area", "elongation", "taper", "borders", "unlike", "print", "desk", "off_desk", "rim")
"""For the whole: the best line through it; its shape; the inside against its margins; how much of it looks
like what is around; margins, and what is around, against the colour of the picture's rim."""
COUNT = 4 * len(EACH) + len(WHOLE)

_FAINT, _BRIGHTER = 6.0, 25.0
_COLOUR, _TEXTURE = 5.0, 8.0
"""Pixels to either side where colour and texture are read."""
_BEYOND = 10.0
"""Pixels past a corner."""
_AT = (np.arange(12) + 0.5) / 12
_GRID = (np.arange(5) + 0.5) / 5


def describe(quads: Quads, lines: Lines, totals: Floats, evidence: Evidence, through: Floats) -> Floats:
    """``(q, COUNT)``; `totals` run along the support of `lines`, `through` is `divided`'s answer."""
    border = lines.border[quads.sides]
    support, beyond = _support(quads, lines, totals)
    inside, outside, on, rough, rough_outside = _beside(quads, evidence)
    mean_inside, mean_outside = inside.mean(axis=2), outside.mean(axis=2)
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
    whole = _whole(quads, mean_inside, mean_outside, evidence)
    return np.column_stack([each.reshape(len(each), 4 * len(EACH)), through, whole, border.sum(axis=1)])


def divided(quads: Quads, lines: Lines, totals: Floats) -> Floats:
    """How well the best line through each quadrilateral lies on an edge."""
    own = ~lines.border
    return np.asarray(edge_across(np.ascontiguousarray(quads.corners), lines.table[own], totals[own], STEP))


def beyond_corners(quads: Quads, lines: Lines, totals: Floats) -> Floats:
    """``(q, 4)``: mean support of each side just past both its ends."""
    low, high = ends(quads, lines)
    before = _mean(quads, lines, totals, low - _BEYOND, low)
    return np.asarray((before + _mean(quads, lines, totals, high, high + _BEYOND)) / 2)


def _support(quads: Quads, lines: Lines, totals: Floats) -> tuple[Floats, Floats]:
    return _mean(quads, lines, totals, *ends(quads, lines)), beyond_corners(quads, lines, totals)


def ends(quads: Quads, lines: Lines) -> tuple[Floats, Floats]:
    """Where each side begins and ends along its line."""
    directions = lines.directions[quads.sides]
    one = (quads.corners * directions).sum(axis=2)
    other = (np.roll(quads.corners, -1, axis=1) * directions).sum(axis=2)
    return np.minimum(one, other), np.maximum(one, other)


def _mean(quads: Quads, lines: Lines, totals: Floats, begin: Floats, end: Floats) -> Floats:
    """Mean support between two positions along the sides' lines; none outside of the picture."""
    enter, leave = lines.table[quads.sides, 3], lines.table[quads.sides, 4]
    sizes = np.maximum(np.floor((leave - enter) / STEP), 0)
    first, last = (np.clip(np.rint((at - enter) / STEP), 0, sizes).astype(np.int64) for at in (begin, end))
    gained = totals[quads.sides, last] - totals[quads.sides, first]
    return np.asarray(np.minimum(gained / np.maximum((end - begin) / STEP, 1), 1.0))


def _beside(quads: Quads, evidence: Evidence) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Colours ``(q, 4, places, c)`` inside, outside and on each side, and texture ``(q, 4)``."""
    edges = quads.edges
    normals = np.stack([-edges[:, :, 1], edges[:, :, 0]], axis=2)
    normals /= np.maximum(np.linalg.norm(edges, axis=2), 1e-9)[:, :, None]
    inwards = ((quads.corners.mean(axis=1)[:, None] - quads.corners) * normals).sum(axis=2) > 0
    normals = np.where(inwards[:, :, None], normals, -normals)[:, :, None]
    points = quads.corners[:, :, None] + _AT[:, None] * edges[:, :, None]
    inside, outside, on = (
        _look_up(evidence.colour, points + off * normals) for off in (_COLOUR, -_COLOUR, 0.0)
    )
    texture = evidence.texture[:, :, None]
    rough, rough_outside = (
        np.log(_look_up(texture, points + off * normals)[..., 0] + SMOOTH).mean(axis=2)
        for off in (_TEXTURE, -_TEXTURE)
    )
    return inside, outside, on, rough, rough_outside


def _look_up(planes: npt.NDArray[np.float32], points: Floats) -> Floats:
    shape = points.shape
    found = look_up(planes, points.reshape(shape[0] * shape[1], shape[2], 2))
    return np.asarray(found.reshape(*shape[:3], planes.shape[2]), np.float64)


def _whole(quads: Quads, inside: Floats, outside: Floats, evidence: Evidence) -> Floats:
    rows, cols = evidence.strength.shape
    u, v = (axis.ravel()[None, :, None] for axis in np.meshgrid(_GRID, _GRID))
    a, b, c, d = (quads.corners[:, None, corner] for corner in range(4))
    points = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    colour = look_up(evidence.colour, points)
    margin, around = (np.median(beside, axis=1)[:, None] for beside in (inside, outside))
    distance = np.linalg.norm(colour - margin, axis=2)
    texture = np.log(look_up(evidence.texture[:, :, None], points)[:, :, 0] + SMOOTH)
    rim = rim_colour(evidence)
    return np.column_stack(
        [
            np.log(quads.areas / (rows * cols)),
            *(np.log(elongation(quads)), taper(quads)),
            *(np.log1p(np.median(distance, axis=1) / _FAINT), texture.mean(axis=1)),
            (np.linalg.norm(colour - around, axis=2) < distance).mean(axis=1),
            np.log1p(np.linalg.norm(margin[:, 0] - rim, axis=1) / _FAINT),
            np.log1p(np.linalg.norm(around[:, 0] - rim, axis=1) / _FAINT),
        ]
    )
