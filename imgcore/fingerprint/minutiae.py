"""Minutiae as dislocations of the ridges' phase.

Where a ridge ends or forks, the phase of the ridge pattern winds once around the point
(Larkin, Fletcher, "A coherent framework for fingerprint analysis", 2007). The sense of winding tells
to which side there is one ridge more, and so gives the direction all standards use: along the
ending ridge, or between the branches of a fork.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.fields import CELL, Fields, Map
from imgcore.fingerprint.ridges import DIRECTIONS, quantised

Floats = npt.NDArray[np.float32]


def find(
    response: npt.NDArray[np.complex64], fields: Fields, margin: int = 12
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Floats]:
    """All minutiae of a response.

    Returns
    -------
    points
        float32 ``(n, 2)``.
    directions
        float32 ``(n,)``, radians, x right and y down.
    endings
        bool ``(n,)``, whether it is a ridge that ends.
    quality
        float32 ``(n,)``, 0..1.
    """
    # The filters' own directions: the sign of the phase is theirs.
    filtered = (quantised(fields.normal) / DIRECTIONS - 0.5) * np.pi
    normal = np.repeat(np.repeat(filtered.astype(np.float32), CELL, 0), CELL, 1)
    rows, cols, sense = _vortices(np.angle(response).astype(np.float32), normal)
    inner = _inner(fields.inside, margin)[rows, cols]
    rows, cols, sense = rows[inner], cols[inner], sense[inner]
    across = fields.normal[rows // CELL, cols // CELL]
    sense = np.where(np.cos(across - normal[rows, cols]) < 0, -sense, sense)
    # More ridges lie on the side -sense * tangent, the tangent being the normal turned by a quarter.
    direction = across + np.pi / 2 + np.where(sense > 0, np.pi, 0)
    points = np.stack([cols + 0.5, rows + 0.5], 1).astype(np.float32)
    quality = _quality(response, fields)[rows, cols]
    kept = _without_pairs(points, direction, fields.period[rows // CELL, cols // CELL])
    points, direction, quality = points[kept], direction[kept], quality[kept]
    return points, direction.astype(np.float32), _endings(response, points, direction), quality


def _vortices(phase: Map, normal: Map) -> tuple[npt.NDArray[np.intp], ...]:
    """Row and column of the pixel left above each, and the sense of winding."""
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


def _inner(inside: npt.NDArray[np.bool_], margin: int) -> npt.NDArray[np.bool_]:
    framed = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    wide = np.repeat(np.repeat(distance, CELL, 0), CELL, 1)
    return np.asarray(wide * CELL > margin)


def _quality(response: npt.NDArray[np.complex64], fields: Fields) -> Map:
    strength = cv2.GaussianBlur(np.minimum(np.abs(response), 1.0), (0, 0), 6)
    coherence = cv2.resize(
        fields.coherence, (strength.shape[1], strength.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(np.clip(strength * coherence, 0, 1), np.float32)


def _without_pairs(points: Floats, direction: Floats, period: Floats) -> npt.NDArray[np.bool_]:
    """Drop neighbours of opposite direction: gaps in a ridge, and bridges between two."""
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    facing = np.cos(direction[:, None] - direction[None]) < -0.5
    close = facing & (apart < 0.9 * period[:, None])
    kept = np.ones(len(points), bool)
    rows, cols = np.nonzero(np.triu(close, 1))
    for number in np.argsort(apart[rows, cols]):
        one, other = rows[number], cols[number]
        if kept[one] and kept[other]:
            kept[one] = kept[other] = False
    return kept


def _endings(response: npt.NDArray[np.complex64], points: Floats, direction: Floats) -> npt.NDArray[np.bool_]:
    ahead = points + 5 * np.stack([np.cos(direction), np.sin(direction)], 1)
    col, row = (
        np.clip(np.rint(ahead[:, axis]).astype(int), 0, response.shape[1 - axis] - 1) for axis in (0, 1)
    )
    return np.asarray(response.real[row, col] > 0)
