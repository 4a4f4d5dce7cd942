"""Scales fitted to comparison scores: a logistic model, and the calibration curve of its answers."""

from __future__ import annotations

import numpy as np

from benchmarks.fingerprint.rates import Scores
from imgcore.fingerprint.similarity import Scale

KNOTS = (0.0, 0.5, 1.0, 1.5)
TAIL = (2.0, 3.5)
"""Minus the logarithm of the rate at the points of the curve; the tail is straight, and goes on."""

DAMPING = 1.0
"""Damping of each weight, of measures in units of their spread."""


def scale_of(found: Scores, same: Scores) -> tuple[Scores, float]:
    """Return weights and bias of a logistic model, both classes counting alike, slightly damped."""
    # SciPy is a library of the fits alone, and not every environment that measures has it.
    from lab.fitting import logistic  # noqa: PLC0415

    mean = found.mean(0)
    spread = found.std(0) + 1e-9
    inputs = np.hstack([(found - mean) / spread, np.ones((len(found), 1))])
    weight = np.where(same == 1, 0.5 / same.sum(), 0.5 / (1 - same).sum()) * 1000
    damping = np.append(np.full(found.shape[1], DAMPING), 1e-6)
    weights = logistic(inputs, same, weight, damping)
    return weights[:-1] / spread, float(weights[-1] - (weights[:-1] * mean / spread).sum())


def calibration_curve(answers: Scores) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return points of the answers of different fingers, the tail a straight line fitted to its rates."""
    ranked = np.sort(answers)[::-1]
    points = [float(ranked[min(int(len(ranked) * 10**-knot), len(ranked)) - 1]) for knot in KNOTS]
    rates = np.arange(TAIL[0], TAIL[1] + 0.01, 0.1)
    seen = np.array([ranked[max(round(len(ranked) * 10**-rate) - 1, 0)] for rate in rates])
    slope, start = np.polyfit(rates, seen, 1)
    points += [float(slope * rate + start) for rate in TAIL]
    return tuple(np.maximum.accumulate(points).tolist()), (*KNOTS, *TAIL)


def fit(same: Scores, different: Scores) -> Scale:
    """Fit a scale to the comparisons of same and of different fingers."""
    labels = np.concatenate([np.ones(len(same)), np.zeros(len(different))])
    weights, bias = scale_of(np.vstack([same, different]), labels)
    answers, rarity = calibration_curve(different @ weights + bias)
    return Scale(tuple(weights.tolist()), bias, answers, rarity)
