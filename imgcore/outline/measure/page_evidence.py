"""Measures that tell documents on a desk from parts of a page that is the whole picture.

Most are shares, or logarithms of grey levels, degrees and counts; each is defined where it is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.measure.sides import SideProfiles, bare, continuation, ruled, sample_sides, straightness
from imgcore.outline.measure.surroundings import Ground, measure_surroundings
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.uint8]
_Level = TypeVar("_Level", np.uint8, np.int16, np.float32)

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
    "visible",
    "followed",
    "followed_all",
    "end",
    "third_end",
    "agreed",
    "agreed_mean",
    "strays",
    "beyond",
    "desk_inside",
)
"""Measures of the sides of a quadrilateral: largest and mean share of a side without an edge; mean and second
largest share of one that is a line; weakest and mean step in colour across a side; greatest difference
between the sides' colours outside, and inside; brightness inside against outside, and both levels; texture
along a side outside, and inside; sides that the picture shows; least and mean share of a side that an edge
follows; that share near the worst corner, and near the third worst of eight ends; least and mean share of a
side with the same step; farthest that an edge strays; steepest slope outside; share of its inside that has
the colour outside."""
SHAPE_NAMES = ("skew", "taper", "solid", "goes_on")
"""Measures of the shape of a quadrilateral: its skew and taper; its shortest side against the longest; share
of a side beyond which its edges go on."""
INSIDE_NAMES = (
    "paper",
    "saturation",
    "lightest",
    "variety",
    "ring",
    "corners",
    "edges_inside",
    "flat_inside",
)
"""Measures of the inside: share of it that has its commonest colour; median difference between channels;
level of its lightest tenth; deviation of its levels; shares of a ring along the sides, and of the corners,
that have the ring's colour; density of edges, and share without any gradient."""
OUTSIDE_NAMES = ("out_paper", "out_saturation", "out_lightest", "out_variety")
"""Measures of all that lies outside: share of it that has its commonest colour; median difference between
channels; level of its lightest tenth; deviation of its levels."""
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
"""Measures of all that lies around the quadrilaterals: those of `Ground`, contrast against texture among
them; degrees off the level, and of the one that is turned most against the others; edges outside that lie
along the sides; density of edges outside; share without any gradient outside, and of the whole; shares of the
picture's rim and of the outside that have the colour of the paper inside."""
NAMES = (*SIDE_NAMES, *SHAPE_NAMES, *INSIDE_NAMES, *GROUND_NAMES, *OUTSIDE_NAMES)
"""All measures, in the order of the columns."""

_STRONG = 40
"""Sum of Sobel's gradients from which there is an edge."""
_FEWEST = 20
"""Edge pixels from which their direction means anything."""
_PAPER = 12.0
"""Grey levels up to which a pixel has the colour of the paper inside."""
_ALIKE = 10.0
"""Grey levels below which a pixel inside has the colour of the ground outside."""
_FAINT = 6.0
"""Grey levels that are next to nothing."""
_LEVEL = 0.3
"""Degrees up to which a document may be as straight as what is drawn."""
_RIM = 3
"""Pixels at the picture's border that are its rim."""
_UNSEEN = (0, 0, 0, 0, 3, 3, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0)
"""Measures of a quadrilateral none of whose sides the picture shows."""


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
    corners = np.asarray(quads, np.float64)
    rise, fall = _gradients(coloured)
    sides, paper = _measure_sides(picture, corners, covered)
    own = np.column_stack(
        [
            sides,
            _shapes(corners),
            continuation(picture, corners, covered == 0),
            measure_inside(coloured, np.asarray(cv2.add(np.abs(rise), np.abs(fall)), np.int16), corners),
        ]
    )
    around = [
        *_ground(coloured, corners, covered),
        *_edges_outside(rise, fall, corners, covered),
        *_like_paper(coloured, covered == 0, np.median(paper, axis=0)),
        *measure_outside(coloured, covered == 0),
    ]
    return np.column_stack([own, np.tile(around, (len(own), 1))])


def _gradients(coloured: Image) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    plane = cv2.cvtColor(coloured, cv2.COLOR_BGR2GRAY)
    rise, fall = (cv2.Sobel(plane, cv2.CV_16S, *order, ksize=3) for order in ((1, 0), (0, 1)))
    return np.asarray(rise, np.int16), np.asarray(fall, np.int16)


def _measure_sides(
    picture: Plane, quads: Floats, covered: npt.NDArray[np.uint8]
) -> tuple[list[list[float]], list[Floats]]:
    """Measure the sides of each quadrilateral, and the colour of its paper."""
    profiles = sample_sides(picture, covered, quads)
    pixels = sampled_inside(picture, quads)
    measured = _each_side(profiles)
    found = []
    papers = []
    for number in range(len(quads)):
        own = profiles.owner == number
        if own.any():
            row, paper = _of_one(measured[own], pixels[number])
        else:
            row = list(_UNSEEN)
            paper = np.median(pixels[number], axis=0)
        found.append(row)
        papers.append(paper)
    return found, papers


def _each_side(profiles: SideProfiles) -> Floats:
    """Measure each side ``(sides, 17)``: colours inside and outside, and what is a matter of one side."""
    values = profiles.values
    inside, outside = (
        np.median(values[:, :, part].reshape(len(values), 4 * values.shape[1], 3), axis=1)
        for part in (slice(2, 6), slice(11, 15))
    )
    rough = [
        values[:, :, part].mean(axis=3).std(axis=1).mean(axis=1) for part in (slice(12, 16), slice(1, 5))
    ]
    line = straightness(values)
    own = (bare(values), ruled(values), *rough, line.share, line.agreed, line.strays, line.beyond)
    return np.column_stack([inside, outside, *own, line.ends])


def _of_one(sides: Floats, inside: Floats) -> tuple[list[float], Floats]:
    """Return the measures of one quadrilateral, and the colour of its paper."""
    within = sides[:, :3]
    outside = sides[:, 3:6]
    bared, lines, rough_out, rough_in, share, agreed, strays, beyond = sides[:, 6:14].T
    paper = np.median(within, axis=0)
    desk = np.median(outside, axis=0)
    steps = np.linalg.norm(within - outside, axis=1)
    ends = np.sort(sides[:, 14:].ravel())
    return [
        *(bared.max(), bared.mean(), lines.mean(), np.sort(lines)[-min(2, len(lines))]),
        *(_log(steps.min()), _log(steps.mean()), _spread(outside, desk), _spread(within, paper)),
        np.clip((within - outside).mean() / 50, -2, 2),
        *(outside.mean() / 255, paper.mean() / 255, _log(rough_out.max()), _log(rough_in.max())),
        *(len(sides) / 4, share.min(), share.mean(), ends[0], ends[min(2, len(ends) - 1)]),
        *(agreed.min(), agreed.mean(), strays.max(), beyond.max()),
        (np.abs(inside - desk).max(axis=1) < _ALIKE).mean(),
    ], paper


def _shapes(quads: Floats) -> Floats:
    edges = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    taper = np.abs(np.log((edges[:, :2] + 1) / (edges[:, 2:] + 1))).sum(axis=1)
    solid = edges.min(axis=1) / np.maximum(1.0, edges.max(axis=1))
    return np.column_stack([np.log(skews(quads) + _LEVEL), np.minimum(taper, 1.0), solid])


def _log(levels: float) -> float:
    return float(np.log1p(levels / _FAINT))


def _log_degrees(degrees: float) -> float:
    return float(np.log(degrees + _LEVEL))


def _spread(colours: Floats, common: Floats) -> float:
    return _log(np.linalg.norm(colours - common, axis=1).max())


def _ground(small: Image, quads: Floats, covered: npt.NDArray[np.uint8]) -> list[float]:
    """Measure what lies around all of the quadrilaterals, and how they lie in it."""
    ground = measure_surroundings(small, covered) or Ground(0, 0, 0, 0, 0, 0, 128, False)
    return [
        *(ground.ground, ground.bordering, ground.alike),
        float(np.log1p(ground.words)),
        float(np.log1p(ground.contrast / 10)),
        float(np.log(ground.texture + 0.1)),
        float(np.log1p(ground.contrast / (ground.texture + 0.3))) if ground.words else 0.0,
        ground.level / 255,
        float(ground.light),
        _log_degrees(mean_turn(quads)),
        _log_degrees(unparallel(quads)),
    ]


def _edges_outside(
    rise: npt.NDArray[np.int16], fall: npt.NDArray[np.int16], quads: Floats, covered: npt.NDArray[np.uint8]
) -> tuple[float, float, float, float]:
    """Alignment of the edges outside with the sides, their density; shares without gradient."""
    every_other = (slice(1, -1, 2), slice(1, -1, 2))
    rise = rise[every_other]
    fall = fall[every_other]
    slope = np.abs(rise) + np.abs(fall)
    outside = cv2.dilate(covered, np.ones((11, 11), np.uint8))[every_other] == 0
    if np.count_nonzero(outside) < _FEWEST:
        return 0.0, 0.0, 0.5, float((slope == 0).mean()) if slope.size else 0.5
    edges = outside & (slope > _STRONG)
    share = np.count_nonzero(edges) / np.count_nonzero(outside)
    angles = np.arctan2(fall[edges].astype(np.float32), rise[edges].astype(np.float32))
    along = 0.0
    if len(angles) > _FEWEST:
        along = float((np.exp(4j * angles).mean() * np.conj(common_direction(quads))).real)
    return (
        along,
        float(np.log1p(100 * share)),
        float((slope[outside] == 0).mean()),
        float((slope == 0).mean()),
    )


def _like_paper(small: Image, outside: Mask, paper: Floats) -> tuple[float, float]:
    """Shares of the picture's rim and of the outside that have the colour of the paper inside."""
    alike = cv2.inRange(small, paper - _PAPER, paper + _PAPER) > 0
    rim = outside.copy()
    rim[_RIM:-_RIM, _RIM:-_RIM] = False
    rim_share, share = (float(alike[part].mean()) if part.any() else 0.5 for part in (rim, outside))
    return rim_share, share


_COMMON = 16.0
"""Grey levels up to which a pixel has the commonest colour."""
_TONES = 32
"""Bins of grey among which the commonest is looked for."""
_RING = 0.06
"""Width of the ring along the sides, as a share of their lengths."""
_CORNER = 0.13
"""Width of the squares in the corners, as a share of the sides' lengths."""
_PLACES = (np.arange(24) + 0.5) / 24
"""Places of a grid's rows, or columns, as shares of the side."""
_U, _V = (axis.ravel()[:, None] for axis in np.meshgrid(_PLACES, _PLACES))
"""Places of all points of the grid across and down, as shares of the sides."""
_TO_SIDE = (np.minimum(_U, 1 - _U).ravel(), np.minimum(_V, 1 - _V).ravel())
"""Distances of the grid's points from the nearest side, across and down, as shares of the sides."""
_IN_RING = np.minimum(*_TO_SIDE) < _RING
"""Mask of the grid's points in the ring along the sides."""
_IN_CORNERS = np.maximum(*_TO_SIDE) < _CORNER
"""Mask of the grid's points in the corners."""


def sampled_inside(plane: npt.NDArray[_Level], quads: Floats) -> npt.NDArray[_Level]:
    """Return the nearest pixels ``(q, 24 * 24, ...)`` to a grid in each of ``(q, 4, 2)``."""
    a, b, c, d = (quads[:, None, corner] for corner in range(4))
    points = a * (1 - _U) * (1 - _V) + b * _U * (1 - _V) + c * _U * _V + d * (1 - _U) * _V
    limit = np.array(plane.shape[1::-1]) - 1
    x, y = np.moveaxis(np.clip(np.rint(points), 0, limit).astype(np.int64), -1, 0)
    return np.asarray(plane[y, x])


def measure_inside(picture: Image, slope: npt.NDArray[np.int16], quads: Floats) -> Floats:
    """Measure the colours within each: ``(q, 8)``, as `INSIDE_NAMES`.

    Parameters
    ----------
    picture
        BGR.
    slope
        Sum of Sobel's gradients at each pixel.
    """
    colours = sampled_inside(picture, quads)
    slopes = sampled_inside(slope, quads)
    return np.array([_inside(own, steep) for own, steep in zip(colours, slopes, strict=True)])


def _inside(colours: Levels, slopes: npt.NDArray[np.int16]) -> tuple[float, ...]:
    ring = np.median(colours[_IN_RING], axis=0)
    return (
        *_tones(colours),
        *(_like(colours[part], ring) for part in (_IN_RING, _IN_CORNERS)),
        float(np.log1p(100 * (slopes > _STRONG).mean())),
        float((slopes == 0).mean()),
    )


def measure_outside(picture: Image, outside: Mask) -> tuple[float, float, float, float]:
    """Measure the colours outside of all, as `OUTSIDE_NAMES`."""
    every_third = (slice(None, None, 3), slice(None, None, 3))
    colours = picture[every_third][outside[every_third]]
    return _tones(colours) if len(colours) >= _TONES else (0.5, 1.0, 0.5, 1.0)


def _tones(colours: Levels) -> tuple[float, float, float, float]:
    # Medians of bytes take a quarter of the time that those of floats do, and sums are as exact as means.
    sums = colours.sum(axis=1, dtype=np.int32)
    width = 3 * 256 // _TONES
    most = int(np.bincount(sums // width, minlength=_TONES).argmax())
    common = colours[(sums >= (most - 1) * width) & (sums < (most + 2) * width)]
    return (
        _like(colours, np.median(common, axis=0)),
        float(np.log1p(np.median(colours.max(axis=1) - colours.min(axis=1)) / _FAINT)),
        float(np.percentile(sums, 90)) / 3 / 255,
        float(np.log1p(sums.std() / 3 / _FAINT)),
    )


def _like(colours: Levels, colour: Floats) -> float:
    away = np.abs(colours - colour.astype(np.float32))
    return float((away.max(axis=1) < _COMMON).mean())


def mean_turn(quads: Floats) -> float:
    """Degrees by which all sides of ``(q, 4, 2)`` together are turned."""
    return float(np.degrees(abs(np.angle(_turns(quads).mean())) / 4))


def skews(quads: Floats) -> Floats:
    """Degrees ``(q,)`` by which the side of each that is turned most is turned against its others."""
    turns = _turns(quads)
    apart = np.abs(np.angle(turns / turns.mean(axis=1, keepdims=True))).max(axis=1)
    return np.asarray(np.degrees(apart / 4))


def unparallel(quads: Floats) -> float:
    """Largest angle in degrees by which one is turned against all."""
    turns = (_lengths(quads) * _turns(quads)).sum(axis=1)
    turns = turns / np.maximum(np.abs(turns), 1e-9)
    return float(np.degrees(np.abs(np.angle(turns / turns.mean())) / 4).max())


def common_direction(quads: Floats) -> complex:
    """Direction of all sides, the longer ones more, as a unit number to its fourth power."""
    turn = complex((_lengths(quads) * _turns(quads)).sum())
    return turn / max(1e-9, abs(turn))


def _turns(quads: Floats) -> npt.NDArray[np.complex128]:
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(np.exp(4j * np.arctan2(edges[..., 1], edges[..., 0])))


def _lengths(quads: Floats) -> Floats:
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(np.hypot(edges[..., 0], edges[..., 1]))
