"""One finger's ridges followed on another's, from a minutia that both seem to have.

The idea of dense registration by the ridges themselves is that of Cui, Feng, Zhou, "Dense fingerprint
registration via displacement regression network" (2019) and of their earlier phase-based work; here a
square of ridges is looked for where its neighbours say it has gone, best first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.pattern import SCALE, Ridges
from imgcore.fingerprint.resemblance import Resemblances
from imgcore.fingerprint.template import Template
from imgcore.kernels import grow_ridges

Floats = npt.NDArray[np.float32]

STEP = 8
"""Pixels of the pattern between the places that are looked for."""

AGREED = 0.55
"""The correlation from which on a place is taken to be found."""

STRETCHES = np.array([(1, 1), (1, 0.72), (1, 0.85), (1, 1.17), (1, 1.35), (0.85, 1), (1.17, 1)])
"""How skin may be stretched around a seed, across and along the finger: pulled along is common."""

TRIES = 14
"""Seeds from which ridges are followed, each in all stretches."""

EXPLAINED = 8.0
"""Pixels by which two minutiae may miss each other and still be the same."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Growth:
    """Where places of one finger, 16 pixels apart, are on the other.

    Attributes
    ----------
    places
        float32 ``(rows, cols, 7)``: correlation, -2 where nothing was looked for; x, y on the other finger
        in pixels of its pattern; and how x and y change with x and y: xx, xy, yx, yy.
    """

    places: Floats

    @property
    def grown(self) -> npt.NDArray[np.bool_]:
        """Places that were found."""
        return np.asarray(self.places[..., 0] >= AGREED)

    def carry(self, points: Floats) -> tuple[Floats, Floats]:
        """Where points are on the other finger, NaN where that is not known, and the turn in radians."""
        cells = (points / (SCALE * STEP)).astype(np.intp)
        cols, rows = (np.clip(cells[:, axis], 0, self.places.shape[1 - axis] - 1) for axis in (0, 1))
        found = self.places[rows, cols]
        x, y = (points / SCALE - (np.stack([cols, rows], 1) * STEP + STEP // 2)).T
        carried = SCALE * np.stack(
            [
                found[:, 1] + found[:, 3] * x + found[:, 4] * y,
                found[:, 2] + found[:, 5] * x + found[:, 6] * y,
            ],
            1,
        )
        carried[found[:, 0] < AGREED] = np.nan
        return carried.astype(np.float32), np.arctan2(found[:, 5] - found[:, 4], found[:, 3] + found[:, 6])


def follow(one: Template, other: Template, pairs: Resemblances) -> Growth | None:
    """The furthest the ridges can be followed from one of the pairs; None without any."""
    assert one.ridges is not None and other.ridges is not None
    ours, theirs = one.points[pairs.one], other.points[pairs.other]
    best, size, explained = None, -1, np.zeros(len(pairs), np.bool_)
    tries: Counter[int] = Counter()
    for number, minutia in enumerate(pairs.one.tolist()):
        if tries[minutia] == 2 or explained[number]:
            continue
        tries[minutia] += 1
        found = _from(one.ridges, other.ridges, _seeds(ours[number], theirs[number], pairs.turn[number]))
        if (reached := int(found.grown.sum())) > size:
            best, size, explained = found, reached, _explains(found, ours, theirs)
        if tries.total() == TRIES:
            break
    return best


def _seeds(here: Floats, there: Floats, turn: np.float32) -> Floats:
    """One line for each stretch: two places, and the matrix from one to the other."""
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seeds = np.empty((len(STRETCHES), 8), np.float32)
    seeds[:, :2], seeds[:, 2:4] = here / SCALE, there / SCALE
    seeds[:, 4:] = (turned * STRETCHES[:, None]).reshape(-1, 4)
    return seeds


def _from(one: Ridges, other: Ridges, seeds: Floats) -> Growth:
    return Growth(grow_ridges(one, other, seeds, STEP, AGREED))


def _explains(growth: Growth, ours: Floats, theirs: Floats) -> npt.NDArray[np.bool_]:
    """Which pairs of minutiae a growth puts on each other already."""
    carried, _ = growth.carry(ours)
    return np.asarray(np.hypot(*(carried - theirs).T) < EXPLAINED)
