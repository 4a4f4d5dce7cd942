"""Straight lines that could be sides of a page."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import hough_votes
from imgcore.outline.search.feature_maps import FeatureMaps

Floats = npt.NDArray[np.float64]

FLOOR = 0.25
"""Strength of an edge, relative to its neighbourhood, above which it votes in the Hough transform."""
SPREAD = 8
"""Uncertainty of an edge's direction in the Hough transform, in degrees."""
_GAP = 4.0
"""Pixels below which two lines, all along, are one."""
_PEAKS = 160
"""Number of local maxima of the Hough transform that are looked at."""
_SHORTEST = 20.0
"""Least length of a line within the picture, in pixels of the searched one."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines in a picture; the origin is the picture's centre.

    Attributes
    ----------
    table
        float64 ``(n, 5)``: normal (x, y), distance along it, and the positions at which the line
        enters and leaves the picture, counted along ``(-normal_y, normal_x)``.
    border
        bool ``(n,)``: True for the picture's own border, at which a page may be cut.
    """

    table: Floats
    border: npt.NDArray[np.bool_]

    @property
    def normals(self) -> Floats:
        return self.table[:, :2]

    @property
    def distances(self) -> Floats:
        return self.table[:, 2]

    @property
    def directions(self) -> Floats:
        return np.column_stack([-self.table[:, 1], self.table[:, 0]])

    @property
    def ends(self) -> Floats:
        """Points ``(n, 2, 2)`` at which each line enters and leaves the picture."""
        foot = self.normals * self.distances[:, None]
        return foot[:, None] + self.table[:, 3:5, None] * self.directions[:, None]


def find_lines(maps: FeatureMaps, count: int) -> Lines:
    """Find the `count` lines with most edge on them, best first, then the four borders."""
    shape = maps.strength.shape
    votes = hough_votes(maps.strength, maps.gradient_x, maps.gradient_y, FLOOR, SPREAD)
    candidates = clip_to_picture(hough_peaks(votes)[:, :3], shape)
    candidates = candidates[candidates[:, 4] - candidates[:, 3] >= _SHORTEST]
    chosen = candidates[_distinct(Lines(candidates, np.zeros(len(candidates), bool)), count)]
    return with_border(chosen[:, :3], shape)


def with_border(lines: Floats, shape: tuple[int, ...]) -> Lines:
    """Make lines of normals and distances ``(..., 3)``, then of the picture's four borders."""
    table = np.vstack([lines.reshape(-1, 3), _border(shape)])
    return Lines(clip_to_picture(table, shape), np.arange(len(table)) >= len(table) - 4)


def hough_peaks(votes: npt.NDArray[np.float32], most: int = _PEAKS) -> Floats:
    """Find the normal, distance and votes ``(n, 4)`` of the `most` local maxima, largest first."""
    # An angle past 180 degrees is the same line with its distance turned in sign.
    ring = np.vstack([votes[-4:, ::-1], votes, votes[:4, ::-1]])
    smooth = cv2.GaussianBlur(ring, (5, 5), 0)
    crest = cv2.dilate(smooth, np.ones((5, 7), np.uint8))
    inner = smooth[4:-4]
    top = crest[4:-4]
    angle, distance = np.nonzero((inner >= top) & (inner > 0))
    best = np.argsort(-inner[angle, distance], kind="stable")[:most]
    radians = np.radians(angle[best].astype(np.float64))
    reach = (votes.shape[1] - 1) // 2
    weights = inner[angle[best], distance[best]]
    return np.column_stack([np.cos(radians), np.sin(radians), distance[best] - float(reach), weights])


def _border(shape: tuple[int, ...]) -> Floats:
    rows, cols = shape
    return np.array([(0, 1, -rows / 2), (1, 0, cols / 2), (0, 1, rows / 2), (1, 0, -cols / 2)], np.float64)


def clip_to_picture(lines: Floats, shape: tuple[int, ...]) -> Floats:
    """Append to `lines` the positions at which they enter and leave the picture."""
    half = np.array([shape[1] / 2, shape[0] / 2])
    foot = lines[:, :2] * lines[:, 2:]
    direction = np.column_stack([-lines[:, 1], lines[:, 0]])
    # A direction of zero never leaves; a tiny one leaves far away, which comes to the same.
    steady = np.where(np.abs(direction) < 1e-9, 1e-9, direction)
    first = (-half - foot) / steady
    second = (half - foot) / steady
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    return np.column_stack([lines, enter, leave])


def _distinct(lines: Lines, count: int) -> list[int]:
    """Select greedily the first `count` lines that lie apart from all before them."""
    apart = np.abs(np.einsum("pek,qk->peq", lines.ends, lines.normals) - lines.distances)
    near = apart.max(axis=1) < _GAP
    chosen: list[int] = []
    for number in range(len(near)):
        if not near[number, chosen].any():
            chosen.append(number)
        if len(chosen) == count:
            break
    return chosen
