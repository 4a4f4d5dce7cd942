"""Match scores of two prints from the registration of their ridges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.pattern import SCALE, Ridges
from imgcore.fingerprint.registration import STEP, Registration
from imgcore.fingerprint.template import Template

Floats = npt.NDArray[np.float32]

FEWEST = 3
"""Least number of matched places of a registration that scores more than 0."""
LEAST_COMMON = 12
"""Least number of places in common by which a score is divided, so that few places score little."""
EXPECTED_WITHIN = 12
"""Pixels of 500 dpi around matched places in which minutiae are expected."""

REACH = 9.0
"""Pixels of 500 dpi by which one minutia may differ on two prints."""
TURN = 0.5
"""Radians by which the direction of one minutia may differ on two prints."""


@dataclass(frozen=True, slots=True)
class RidgeScores:
    """Scores of one comparison; all are 0 if the ridges could not be registered.

    Attributes
    ----------
    share
        Share of the common area over which ridges were matched, 0..1.
    minutiae
        Root of the number of matched minutiae.
    found
        Share of the expected minutiae that are matched, weighted by quality.
    """

    share: float
    minutiae: float
    found: float


def score_ridges(one: Template, other: Template, registration: Registration | None) -> RidgeScores:
    """Score a registration."""
    if registration is None or (count := int(registration.matched.sum())) < FEWEST:
        return RidgeScores(0.0, 0.0, 0.0)
    assert one.ridges is not None and other.ridges is not None
    area = max(int(_common(registration, one.ridges, other.ridges).sum()), LEAST_COMMON)
    minutiae, found = _minutiae(registration, one, other)
    return RidgeScores(count / area, float(np.sqrt(minutiae)), found)


def _common(registration: Registration, one: Ridges, other: Ridges) -> npt.NDArray[np.bool_]:
    """Places at which both prints have ridges, the registration extrapolated to the whole finger."""
    rows, cols = registration.places.shape[:2]
    y, x = np.mgrid[:rows, :cols] * STEP + STEP // 2
    places = registration.places
    across, down = (_plane(x, y, places[..., axis], registration.matched) for axis in (1, 2))
    known = (across >= 0) & (down >= 0) & (across < other.shape[1]) & (down < other.shape[0])
    theirs = np.zeros((rows, cols), np.bool_)
    theirs[known] = other[down[known], across[known]] != 0
    return np.asarray((theirs & (one[y, x] != 0)) | registration.matched)


def _plane(
    x: npt.NDArray[np.intp], y: npt.NDArray[np.intp], values: Floats, known: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Fit a plane to the known values by least squares, and evaluate it everywhere, rounded."""
    middle = (float(x[known].mean()), float(y[known].mean()), float(values[known].mean()))
    u = x[known] - middle[0]
    v = y[known] - middle[1]
    w = values[known] - middle[2]
    uu = float((u * u).sum())
    uv = float((u * v).sum())
    vv = float((v * v).sum())
    uw = float((u * w).sum())
    vw = float((v * w).sum())
    # A little of the slope of nothing having changed keeps a single row of places solvable.
    det = max(uu * vv - uv * uv, 1e-6 * (uu + vv) ** 2 + 1e-9)
    slope_x = (vv * uw - uv * vw) / det
    slope_y = (uu * vw - uv * uw) / det
    return np.rint(middle[2] + slope_x * (x - middle[0]) + slope_y * (y - middle[1])).astype(np.intp)


def _minutiae(registration: Registration, one: Template, other: Template) -> tuple[int, float]:
    """Number of matched minutiae, and their share of the expected ones by quality."""
    mapped_points, turn = registration.map_points(one.points)
    known = np.isfinite(mapped_points[:, 0])
    # Of angles counter-clockwise and turns clockwise.
    facing = np.radians(one.angles - other.angles[:, None]).T - turn[:, None]
    apart = np.hypot(*np.moveaxis(mapped_points[:, None] - other.points, 2, 0))
    same = (apart < REACH) & (np.cos(facing) > np.cos(TURN))
    ground = SCALE * registration.places[registration.matched][:, 1:3]
    expected = np.hypot(*np.moveaxis(other.points[:, None] - ground, 2, 0)).min(1) < EXPECTED_WITHIN
    seen = same.any(1)
    seen_there = same.any(0)
    weight = one.quality[known].sum() + other.quality[expected].sum()
    again = one.quality[seen].sum() + other.quality[seen_there & expected].sum()
    return int(min(seen.sum(), seen_there.sum())), float(again / (weight + 1))
