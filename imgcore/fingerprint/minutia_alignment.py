"""Alignment by minutiae alone, for templates without the ridge pattern.

Pairs of similar descriptors raise each other's weight as far as they lie to each other alike on both prints
(relaxation as in Minutia Cylinder-Code); the strongest cluster aligns one print with the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.descriptors import sample_cells
from imgcore.fingerprint.minutia_pairs import MinutiaPairs
from imgcore.fingerprint.template import Template

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

ROUNDS = 6
"""Number of rounds in which pairs raise each other's weight."""
SUPPORTED = 0.4
"""Compatibility, 0..1, above which a pair joins the cluster of the pair with the largest weight."""
REACH = 14.0
"""Pixels of 500 dpi by which one minutia may differ once the prints are aligned."""
TURN = 0.55
"""Radians by which the direction of one minutia may differ once the prints are aligned."""

BEST = 5
"""Number of the most similar pairs whose mean similarity is the score of the descriptors."""


@dataclass(frozen=True, slots=True)
class MinutiaScores:
    """Scores of one comparison of minutiae.

    Attributes
    ----------
    similarity
        Mean similarity of the best pairs.
    support
        Root of the weight of the strongest cluster of pairs.
    found
        Share of the minutiae in the common area that match.
    """

    similarity: float
    support: float
    found: float


def align(one: Template, other: Template, pairs: MinutiaPairs) -> MinutiaScores:
    """Align two prints by their minutiae, and score the alignment."""
    similarity = float(pairs.similarity[:BEST].sum()) / BEST
    if len(pairs) < 2:
        return MinutiaScores(similarity, 0.0, 0.0)
    agreement = _agreement(one, other, pairs)
    weight = _relaxed(pairs.similarity, agreement)
    cluster = agreement[weight.argmax()] > SUPPORTED
    cluster[weight.argmax()] = True
    matrix, shift = _rigid(
        other.points[pairs.other[cluster]], one.points[pairs.one[cluster]], weight[cluster]
    )
    support = float(np.sqrt(weight[cluster].sum()))
    return MinutiaScores(similarity, support, _found(one, other, matrix, shift))


def _agreement(one: Template, other: Template, pairs: MinutiaPairs) -> Matrix:
    """Geometric compatibility ``(k, k)`` of each two pairs, 0..1."""
    here, there = (_polar(print_, number) for print_, number in ((one, pairs.one), (other, pairs.other)))
    furthest = np.maximum(here[0], there[0])
    apart = np.abs(here[0] - there[0]) / (4 + 0.08 * furthest)
    bearing, turn = (
        np.abs(_wrapped(ours - theirs)) for ours, theirs in zip(here[1:], there[1:], strict=True)
    )
    slack = 0.3 + 6 / np.maximum(furthest, 12)
    agreement = _step(apart, 1.5, 4) * _step(bearing, slack, 15) * _step(turn, 0.4, 12)
    distinct = (pairs.one[:, None] != pairs.one) & (pairs.other[:, None] != pairs.other)
    return np.where(distinct & (np.minimum(here[0], there[0]) > 8), agreement, 0)


def _polar(finger: Template, number: npt.NDArray[np.intp]) -> tuple[Matrix, Matrix, Matrix]:
    """Distance, bearing and turn from each minutia to each other one, relative to the first's direction."""
    points = finger.points[number].astype(np.float64)
    directions = np.radians(-finger.angles[number].astype(np.float64))
    x, y = np.moveaxis(points - points[:, None], 2, 0)
    return np.hypot(x, y), np.arctan2(y, x) - directions[:, None], directions - directions[:, None]


def _wrapped(angles: Matrix) -> Matrix:
    return np.asarray(angles - 2 * np.pi * np.rint(angles / (2 * np.pi)))


def _step(value: Matrix, middle: Matrix | float, steep: float) -> Matrix:
    """Sigmoid from 1 below the middle to 0 above it."""
    return np.asarray(1 / (1 + np.exp(np.clip(steep * (value - middle), -30, 30))))


def _relaxed(similarity: Floats, agreement: Matrix) -> Matrix:
    weight = similarity.astype(np.float64)
    for _ in range(ROUNDS):
        weight = np.minimum(0.5 * weight + 0.5 * np.einsum("ij,j->i", agreement, weight) / 8, 3.0)
    return weight


def _rigid(source: Floats, target: Floats, weight: Matrix) -> tuple[Matrix, Matrix]:
    """Fit the rotation and shift from `source` to `target` by weighted least squares."""
    share = (weight + 1e-6) / (weight + 1e-6).sum()
    middles = [np.einsum("i,ij->j", share, points) for points in (source, target)]
    x, y = (source - middles[0]).T
    u, v = (target - middles[1]).T
    turn = np.arctan2((share * (x * v - y * u)).sum(), (share * (x * u + y * v)).sum())
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return matrix, middles[1] - matrix @ middles[0]


def _found(one: Template, other: Template, matrix: Matrix, shift: Matrix) -> float:
    """Share of the minutiae in the common area that lie on each other."""
    theirs = (other.points @ matrix.T + shift).astype(np.float32)
    ours = ((one.points - shift) @ matrix).astype(np.float32)
    turn = np.arctan2(matrix[1, 0], matrix[0, 0])
    apart = np.hypot(*np.moveaxis(one.points[:, None] - theirs, 2, 0))
    facing = np.radians(one.angles[:, None] - other.angles) + turn
    same = (apart < REACH) & (np.cos(facing) > np.cos(TURN))
    count = int(min(same.any(1).sum(), same.any(0).sum()))
    common = (
        sample_cells(other.descriptors.known, ours).sum() + sample_cells(one.descriptors.known, theirs).sum()
    )
    return 2 * count / (int(common) + 4)
