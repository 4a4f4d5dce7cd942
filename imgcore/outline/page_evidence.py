"""Measures that tell documents on a desk from parts of a page that is the whole picture.

Most are shares, or logarithms of grey levels, degrees and counts; each is defined where it is computed.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.side_profiles import across, bare, continuation, parallel, ruled, turn_and_skew
from imgcore.outline.surroundings import Ground, measure_surroundings
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

SIDE_NAMES = (
    "bare_side",
    "bare",
    "ruled",
    "second_ruled",
    "weakest_step",
    "step",
    "outside_spread",
    "inside_spread",
    "brighter",
    "outside_level",
    "inside_level",
    "outside_rough",
    "inside_rough",
    "paper_inside",
    "goes_on",
    "visible",
    "skew",
    "taper",
    "solid",
)
"""Of each quadrilateral: largest and mean share of a side without an edge; mean and second largest share of
one that is a line; weakest and mean step in colour across a side; greatest difference between the sides'
colours outside, and inside; brightness inside against outside, and both levels; texture along a side outside,
and inside; share of its inside that has the colour outside; share of a side beyond which its edges go on;
sides that the picture shows; skew and taper of its shape, shortest against longest side."""
GROUND_NAMES = (
    "ground",
    "bordering",
    "alike",
    "words",
    "contrast",
    "texture",
    "clear",
    "level",
    "light",
    "turn",
    "unparallel",
    "aligned",
    "edges",
    "flat",
    "flat_all",
    "rim_paper",
    "outside_paper",
)
"""Of all together: those of `Ground`, contrast against texture among them; degrees off the level, and of the
one that is turned most against the others; edges outside that lie along the sides; density of edges outside;
share without any gradient outside, and of the whole; shares of the picture's rim and of the outside that have
the colour of the paper inside."""
NAMES = (*SIDE_NAMES, *GROUND_NAMES)

_STRONG = 40
"""Sum of Sobel's gradients from which there is an edge."""
_FEWEST = 20
"""Edge pixels from which their direction means anything."""
_PAPER, _ALIKE = 12.0, 10.0
"""Grey levels up to which a pixel has the colour of the paper inside, and of the ground outside."""
_FAINT = 6.0
"""Grey levels that are next to nothing."""
_LEVEL = 0.3
"""Degrees up to which a document may be as straight as what is drawn."""
_RIM = 3
_FREE = 0.3
"""Share of a side from which it is seen, and not a neighbour's."""
_GRID = (np.arange(16) + 0.5) / 16


def measure_evidence(small: Image, quads: Sequence[Floats]) -> Floats:
    """Measure all that was found in one picture: ``(q, len(NAMES))``.

    Parameters
    ----------
    small
        BGR or grey, reduced to some 250 to 550 px on the long side.
    quads
        Each ``(4, 2)``, in pixels of `small`.
    """
    grey = small.ndim == 2 or small.shape[2] == 1
    coloured = np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR) if grey else small, np.uint8)
    covered = np.zeros(small.shape[:2], np.uint8)
    for quad in quads:
        cv2.fillPoly(covered, [np.rint(quad * 16).astype(np.int32)], 1, shift=4)
    picture = coloured.astype(np.float32)
    measured = [_measure_sides(picture, quad, covered) for quad in quads]
    paper = np.median([paper for _, paper in measured], axis=0)
    around = [*_around(coloured, quads, covered), *_like_paper(coloured, covered == 0, paper)]
    return np.array(
        [[*sides, *_shape(quad), *around] for quad, (sides, _) in zip(quads, measured, strict=True)]
    )


def _measure_sides(picture: Plane, quad: Floats, covered: Image) -> tuple[list[float], Floats]:
    """Measure the sides of one quadrilateral, and the colour of its paper."""
    profiles = _free_sides(picture, quad, covered)
    if not profiles:
        within = picture[covered > 0].astype(np.float64)
        level = np.median(within, axis=0) if len(within) else np.full(3, 128.0)
        return [0, 0, 0, 0, 3, 3, 0, 0, 0, 0.5, float(level.mean()) / 255, 0, 0, 0, 0, 0], level
    inside, outside = (
        np.array([np.median(side[:, part], axis=(0, 1)) for side in profiles], np.float64)
        for part in (slice(2, 6), slice(11, 15))
    )
    paper, desk = (np.asarray(np.median(colours, axis=0), np.float64) for colours in (inside, outside))
    steps = np.linalg.norm(inside - outside, axis=1)
    bared, lines = [bare(side) for side in profiles], sorted(map(ruled, profiles), reverse=True)
    return [
        *(max(bared), float(np.mean(bared)), float(np.mean(lines)), lines[min(1, len(lines) - 1)]),
        *(_log(steps.min()), _log(steps.mean()), _spread(outside, desk), _spread(inside, paper)),
        float(np.clip((inside - outside).mean() / 50, -2, 2)),
        *(float(outside.mean()) / 255, float(paper.mean()) / 255),
        *(_roughest(profiles, part) for part in (slice(12, 16), slice(1, 5))),
        _share_inside(picture, quad, desk),
        continuation(picture, quad, covered == 0),
        len(profiles) / 4,
    ], paper


def _free_sides(picture: Plane, quad: Floats, covered: Image) -> list[Floats]:
    """Sample the profiles across each side, where no other document borders it."""
    marked = np.dstack([picture, covered.astype(np.float32)])
    found = []
    for side in across(marked, quad):
        free = side[:, 11:15, 3].max(axis=1) < 0.5
        if free.mean() >= _FREE:
            found.append(side[free, :, :3])
    return found


def _shape(quad: Floats) -> tuple[float, float, float]:
    edges = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    taper = np.abs(np.log((edges[:2] + 1) / (edges[2:] + 1))).sum()
    solid = edges.min() / max(1.0, edges.max())
    return _log_degrees(turn_and_skew([quad])[1]), float(min(taper, 1.0)), float(solid)


def _log(levels: float) -> float:
    return float(np.log1p(levels / _FAINT))


def _log_degrees(degrees: float) -> float:
    return float(np.log(degrees + _LEVEL))


def _spread(colours: Floats, middle: Floats) -> float:
    return _log(np.linalg.norm(colours - middle, axis=1).max())


def _roughest(profiles: Sequence[Floats], part: slice) -> float:
    """Texture along the side that has most of it, in a strip beside it."""
    return _log(max(float(side[:, part].mean(axis=2).std(axis=0).mean()) for side in profiles))


def _share_inside(picture: Plane, quad: Floats, colour: Floats) -> float:
    """Share of the inside that has a colour."""
    u, v = (axis.ravel()[:, None] for axis in np.meshgrid(_GRID, _GRID))
    a, b, c, d = quad
    points = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    x, y = np.clip(np.rint(points), 0, np.array(picture.shape[1::-1]) - 1).astype(int).T
    return float((np.abs(picture[y, x] - colour).max(axis=1) < _ALIKE).mean())


def _around(small: Image, quads: Sequence[Floats], covered: Image) -> list[float]:
    """Measure what lies around all of the quadrilaterals."""
    ground = measure_surroundings(small, covered) or Ground(0, 0, 0, 0, 0, 0, 128, False)
    return [
        *(ground.ground, ground.bordering, ground.alike),
        float(np.log1p(ground.words)),
        float(np.log1p(ground.contrast / 10)),
        float(np.log(ground.texture + 0.1)),
        float(np.log1p(ground.contrast / (ground.texture + 0.3))) if ground.words else 0.0,
        ground.level / 255,
        float(ground.light),
        _log_degrees(turn_and_skew(quads)[0]),
        _log_degrees(parallel(quads)),
        *_edges_outside(small, quads, covered),
    ]


def _edges_outside(
    small: Image, quads: Sequence[Floats], covered: Image
) -> tuple[float, float, float, float]:
    """Alignment of the edges outside with the sides, their density; shares without gradient."""
    plane = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    every_other = (slice(1, -1, 2), slice(1, -1, 2))
    rise, fall = (cv2.Sobel(plane, cv2.CV_16S, *order, ksize=3)[every_other] for order in ((1, 0), (0, 1)))
    slope = np.abs(rise) + np.abs(fall)
    outside = cv2.dilate(covered, np.ones((11, 11), np.uint8))[every_other] == 0
    if np.count_nonzero(outside) < _FEWEST:
        return 0.0, 0.0, 0.5, float((slope == 0).mean()) if slope.size else 0.5
    edges = outside & (slope > _STRONG)
    share = np.count_nonzero(edges) / np.count_nonzero(outside)
    angles = np.arctan2(fall[edges].astype(np.float32), rise[edges].astype(np.float32))
    along = (
        float((np.exp(4j * angles).mean() * np.conj(_direction(quads))).real)
        if len(angles) > _FEWEST
        else 0.0
    )
    return (
        along,
        float(np.log1p(100 * share)),
        float((slope[outside] == 0).mean()),
        float((slope == 0).mean()),
    )


def _direction(quads: Sequence[Floats]) -> complex:
    """Direction of all sides, modulo 90 degrees, as a unit number to its fourth power."""
    edges = np.roll(quads, -1, axis=1) - np.asarray(quads)
    lengths = np.hypot(edges[..., 0], edges[..., 1])
    turn = complex((lengths * np.exp(4j * np.arctan2(edges[..., 1], edges[..., 0]))).sum())
    return turn / max(1e-9, abs(turn))


def _like_paper(small: Image, outside: npt.NDArray[np.bool_], paper: Floats) -> tuple[float, float]:
    """Shares of the picture's rim and of the outside that have the colour of the paper inside."""
    alike = cv2.inRange(small, paper - _PAPER, paper + _PAPER) > 0
    rim = outside.copy()
    rim[_RIM:-_RIM, _RIM:-_RIM] = False
    rim_share, share = (float(alike[part].mean()) if part.any() else 0.5 for part in (rim, outside))
    return rim_share, share
