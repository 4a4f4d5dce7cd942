"""Dense registration of one finger's ridges on another's, from a minutia that both seem to have.

The idea is that of Cui, Feng, Zhou, "Dense fingerprint registration via displacement regression network"
(2019) and of their earlier phase-based work; here a patch of ridges is searched where its neighbours
predict it, best first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.minutia_pairs import MinutiaPairs
from imgcore.fingerprint.pattern import SCALE, Ridges
from imgcore.fingerprint.template import Template
from imgcore.kernels import grow_ridges

Floats = npt.NDArray[np.float32]

STEP = 8
"""Pixels of the pattern between the places that are registered."""

MIN_CORRELATION = 0.55
"""Correlation from which a place is matched."""

STRETCHES = np.array([(1, 1), (1, 0.72), (1, 0.85), (1, 1.17), (1, 1.35), (0.85, 1), (1.17, 1)])
"""Stretches of the skin that are tried around a seed, across and along the finger: along is common."""

TRIES = 14
"""Seeds from which ridges are registered, each in all stretches."""

MAPPED = 8.0
"""Pixels within which two minutiae are mapped onto each other."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Registration:
    """Positions on one finger of places of the other, 16 pixels apart.

    Attributes
    ----------
    places
        float32 ``(rows, cols, 7)``: correlation, -2 if not searched; x, y on the other finger in pixels
        of its pattern; and the Jacobian: xx, xy, yx, yy.
    """

    places: Floats

    @property
    def matched(self) -> npt.NDArray[np.bool_]:
        """Mask of the matched places."""
        return np.asarray(self.places[..., 0] >= MIN_CORRELATION)

    def map_points(self, points: Floats) -> tuple[Floats, Floats]:
        """Map points to the other finger, NaN where unknown; also returns the turn in radians."""
        cells = (points / (SCALE * STEP)).astype(np.intp)
        cols, rows = (np.clip(cells[:, axis], 0, self.places.shape[1 - axis] - 1) for axis in (0, 1))
        found = self.places[rows, cols]
        x, y = (points / SCALE - (np.stack([cols, rows], 1) * STEP + STEP // 2)).T
        mapped_points = SCALE * np.stack(
            [
                found[:, 1] + found[:, 3] * x + found[:, 4] * y,
                found[:, 2] + found[:, 5] * x + found[:, 6] * y,
            ],
            1,
        )
        mapped_points[found[:, 0] < MIN_CORRELATION] = np.nan
        return mapped_points.astype(np.float32), np.arctan2(
            found[:, 5] - found[:, 4], found[:, 3] + found[:, 6]
        )


def register(one: Template, other: Template, pairs: MinutiaPairs) -> Registration | None:
    """Register the ridges from each of the pairs and return the largest registration; None without pairs."""
    assert one.ridges is not None and other.ridges is not None
    ours = one.points[pairs.one]
    theirs = other.points[pairs.other]
    best = None
    size = -1
    mapped = np.zeros(len(pairs), np.bool_)
    tries: Counter[int] = Counter()
    for number, minutia in enumerate(pairs.one.tolist()):
        if tries[minutia] == 2 or mapped[number]:
            continue
        tries[minutia] += 1
        found = _from(one.ridges, other.ridges, _seeds(ours[number], theirs[number], pairs.turn[number]))
        if (reached := int(found.matched.sum())) > size:
            best = found
            size = reached
            mapped = _maps_onto(found, ours, theirs)
        if tries.total() == TRIES:
            break
    return best


def _seeds(here: Floats, there: Floats, turn: np.float32) -> Floats:
    """Make a seed for each stretch: two places, and the matrix from one to the other."""
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seeds = np.empty((len(STRETCHES), 8), np.float32)
    seeds[:, :2] = here / SCALE
    seeds[:, 2:4] = there / SCALE
    seeds[:, 4:] = (turned * STRETCHES[:, None]).reshape(-1, 4)
    return seeds


def _from(one: Ridges, other: Ridges, seeds: Floats) -> Registration:
    return Registration(grow_ridges(one, other, seeds, STEP, MIN_CORRELATION))


def _maps_onto(registration: Registration, ours: Floats, theirs: Floats) -> npt.NDArray[np.bool_]:
    """Mask of the pairs of minutiae that a registration maps onto each other."""
    mapped_points, _ = registration.map_points(ours)
    return np.asarray(np.hypot(*(mapped_points - theirs).T) < MAPPED)
