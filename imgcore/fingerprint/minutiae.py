"""Detection of minutiae as vortices of the ridges' phase.

At the end or bifurcation of a ridge the phase of the ridge pattern winds once around the point
(Larkin, Fletcher, "A coherent framework for fingerprint analysis", 2007). The sense of winding tells
to which side there is one ridge more, and so gives the direction all standards use: along the
ending ridge, or between the branches of a bifurcation.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.fields import CELL, Fields, Map
from imgcore.fingerprint.ridges import DIRECTIONS, quantised
from imgcore.fingerprint.template import Minutia

Floats = npt.NDArray[np.float32]
Response = npt.NDArray[np.complex64]


MARGIN = 12
"""Pixels from the edge of a print within which minutiae are dropped."""

LEAST_QUALITY = 0.1
"""Quality, 0..1, up to which a minutia is dropped."""
AHEAD = 5
"""Pixels along a minutia's direction at which its type is read."""


def find(response: Response, fields: Fields) -> list[Minutia]:
    """Find all minutiae of a filtered picture with some quality, in no order."""
    # The filters' own directions: the sign of the phase is theirs.
    filtered = (quantised(fields.normal) / DIRECTIONS - 0.5) * np.pi
    normal = np.repeat(np.repeat(filtered.astype(np.float32), CELL, 0), CELL, 1)
    rows, cols, sense = _vortices(np.angle(response).astype(np.float32), normal)
    quality = _quality(response, fields)[rows, cols]
    inner = _inner(fields.inside)[rows, cols]
    rows = rows[inner]
    cols = cols[inner]
    sense = sense[inner]
    quality = quality[inner]
    points = np.stack([cols + 0.5, rows + 0.5], 1).astype(np.float32)
    directions = _directions(fields.normal[rows // CELL, cols // CELL], normal[rows, cols], sense)
    kept = _without_pairs(points, directions, fields.period[rows // CELL, cols // CELL])
    kept &= quality > LEAST_QUALITY
    points = points[kept]
    directions = directions[kept]
    quality = quality[kept]
    endings = _endings(response, points, directions)
    return [
        Minutia(x, y, angle % 360, ending, value)
        for (x, y), angle, ending, value in zip(
            points.tolist(), np.degrees(-directions).tolist(), endings.tolist(), quality.tolist(), strict=True
        )
    ]


def _directions(normal: Floats, filtered: Floats, sense: npt.NDArray[np.intp]) -> Floats:
    """Directions to the side with one ridge more, radians, x right and y down.

    With the phase growing along the normal, that is the side against the normal turned by a quarter if
    the phase winds the same way, clockwise as displayed.
    """
    same = np.where(np.cos(normal - filtered) < 0, -sense, sense) > 0
    return np.asarray(normal + np.pi / 2 + np.where(same, np.pi, 0), np.float32)


def _vortices(phase: Map, normal: Map) -> tuple[npt.NDArray[np.intp], ...]:
    """Row and column of the pixel left above each vortex, and its sense of winding."""
    corner = normal[:-1, :-1]
    loop = [
        (slice(None, -1), slice(None, -1)),
        (slice(None, -1), slice(1, None)),
        (slice(1, None), slice(1, None)),
        (slice(1, None), slice(None, -1)),
    ]
    phases = [phase[part] * np.where(np.cos(normal[part] - corner) < 0, -1, 1) for part in loop]
    turns = np.zeros(corner.shape, np.float32)
    for one, other in zip(phases, [*phases[1:], phases[0]], strict=True):
        # The difference wrapped to -pi..pi is the difference less whole turns; differences add up to 0.
        turns -= np.rint((other - one) / (2 * np.pi))
    rows, cols = np.nonzero(turns)
    return rows, cols, turns[rows, cols].astype(np.intp)


def _inner(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mask of pixels far enough from the edge of the print, which may be that of the picture."""
    framed = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    wide = np.repeat(np.repeat(distance, CELL, 0), CELL, 1)
    return np.asarray(wide * CELL > MARGIN)


def _quality(response: Response, fields: Fields) -> Map:
    """Quality map 0..1: strength of the ridges around each pixel by the coherence of their direction."""
    strength = cv2.GaussianBlur(np.minimum(np.abs(response), 1.0), (0, 0), 6)
    coherence = cv2.resize(
        fields.coherence, (strength.shape[1], strength.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(np.clip(strength * coherence, 0, 1), np.float32)


def _without_pairs(points: Floats, direction: Floats, period: Floats) -> npt.NDArray[np.bool_]:
    """Drop neighbours of opposite direction: gaps in a ridge, and bridges between two."""
    kept = np.ones(len(points), bool)
    if not len(points):
        return kept
    rows, cols = _neighbours(points, 0.9 * float(period.max()))
    apart = np.hypot(*(points[rows] - points[cols]).T)
    facing = np.cos(direction[rows] - direction[cols]) < -0.5
    close = facing & (apart < 0.9 * period[rows])
    rows = rows[close]
    cols = cols[close]
    apart = apart[close]
    for number in np.argsort(apart):
        one = rows[number]
        other = cols[number]
        if kept[one] and kept[other]:
            kept[one] = False
            kept[other] = False
    return kept


def _neighbours(points: Floats, reach: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Find the pairs of points no farther apart than `reach`, and some more; each once, in order.

    By cells, as all pairs of a picture that is ridges everywhere would take gigabytes.
    """
    cells = np.floor(points / reach).astype(np.intp) + 1
    wide = int(cells[:, 0].max()) + 2
    number = cells[:, 1] * wide + cells[:, 0]
    order = np.argsort(number, kind="stable")
    # Three cells side by side have numbers in a row.
    beside = number + np.array([[-wide], [0], [wide]])
    first = np.searchsorted(number[order], beside - 1, "left").ravel()
    count = np.searchsorted(number[order], beside + 1, "right").ravel() - first
    one = np.repeat(np.tile(np.arange(len(points)), 3), count)
    at = np.arange(len(one)) + np.repeat(first - (np.cumsum(count) - count), count)
    other = order[at]
    one, other = one[one < other], other[one < other]
    by_first = np.lexsort((other, one))
    return one[by_first], other[by_first]


def _endings(response: Response, points: Floats, direction: Floats) -> npt.NDArray[np.bool_]:
    """Mask of the minutiae with a ridge ahead, which ends there; a valley ahead is a bifurcation."""
    ahead = points + AHEAD * np.stack([np.cos(direction), np.sin(direction)], 1)
    col, row = (
        np.clip(np.rint(ahead[:, axis]).astype(int), 0, response.shape[1 - axis] - 1) for axis in (0, 1)
    )
    return np.asarray(response.real[row, col] > 0)
