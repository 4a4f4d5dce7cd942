"""Fit the weights and curves of ``imgcore/fingerprint/similarity.py``, and print them.

Different fingers are all pairs within each set, all pairs across the sets, and all pairs with a mirrored
print: a mirrored finger is another finger, as hard as a real one. What was fitted on all sets but
one is judged on that one first.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.fingerprint.rates import Scores, equal_error_rate, missed
from benchmarks.fingerprint.sets import SETS, genuine, impostors, impressions
from imgcore.fingerprint.compare import collect
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.similarity import Scale
from imgcore.fingerprint.template import Template, without_ridges
from imgcore.types import Image

KNOTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
"""Minus the logarithm of the rate at the points of the curve; the tail goes on from the last two."""

TAIL = (2.0, 3.5)
DAMPING = 1.0


def logistic(evidence: Scores, same: Scores) -> tuple[Scores, float]:
    """Weights and bias of a logistic model, both classes counting alike, slightly damped."""
    mean, spread = evidence.mean(0), evidence.std(0) + 1e-9
    design = np.hstack([(evidence - mean) / spread, np.ones((len(evidence), 1))])
    share = np.where(same == 1, 0.5 / same.sum(), 0.5 / (1 - same).sum()) * 1000
    damping = np.append(np.full(evidence.shape[1], DAMPING), 1e-6)
    weights = np.zeros(design.shape[1])
    for _ in range(60):
        odds = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (share * (odds - same)) + damping * weights
        bend = (design * (share * odds * (1 - odds) + 1e-9)[:, None]).T @ design + np.diag(damping)
        weights -= np.linalg.solve(bend, slope)
    return weights[:-1] / spread, float(weights[-1] - (weights[:-1] * mean / spread).sum())


def curve(answers: Scores) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Points of the answers of different fingers, the tail put straight through its rates."""
    ranked = np.sort(answers)[::-1]
    body = [knot for knot in KNOTS if knot < TAIL[0]]
    points = [float(ranked[min(int(len(ranked) * 10**-knot), len(ranked)) - 1]) for knot in body]
    rates = np.arange(TAIL[0], TAIL[1] + 0.01, 0.1)
    seen = np.array([ranked[max(round(len(ranked) * 10**-rate) - 1, 0)] for rate in rates])
    slope, start = np.polyfit(rates, seen, 1)
    points += [float(slope * rate + start) for rate in TAIL]
    return tuple(np.maximum.accumulate(points).tolist()), (*body, *TAIL)


class Set:
    """The templates of one set, upright and mirrored, and the evidence of their pairs."""

    def __init__(self, name: str, minutiae_only: bool) -> None:
        self.prints = list(impressions(SETS[name]))
        self.upright = [_template(one.image, minutiae_only) for one in self.prints]
        self.mirrored = [
            _template(np.ascontiguousarray(one.image[:, ::-1]), minutiae_only) for one in self.prints
        ]
        self.same = _evidence((self.upright[i], self.upright[j]) for i, j in genuine(self.prints))
        self.different = _evidence(
            (self.upright[i], self.upright[j]) for i, j in impostors(self.prints, False)
        )
        self.reflected = _evidence((one, other) for one in self.upright for other in self.mirrored)

    def others(self) -> Scores:
        """The evidence of all pairs of different fingers, the real ones first."""
        return np.vstack([self.different, self.reflected])


def _template(image: Image, minutiae_only: bool) -> Template:
    found = extract(image)
    return without_ridges(found) if minutiae_only else found


def _evidence(pairs: Iterator[tuple[Template, Template]]) -> Scores:
    return np.array([collect(one, other)[1] for one, other in pairs])


def fit(same: Scores, different: Scores) -> Scale:
    """A scale from evidence of the same and of different fingers."""
    labels = np.concatenate([np.ones(len(same)), np.zeros(len(different))])
    weights, bias = logistic(np.vstack([same, different]), labels)
    answers, rarity = curve(different @ weights + bias)
    return Scale(tuple(weights.tolist()), bias, answers, rarity)


def _judge(scale: Scale, held: Set) -> str:
    """How a scale does on a set it has not seen."""
    same, different = (group @ np.array(scale.weights) + scale.bias for group in (held.same, held.others()))
    real = different[: len(held.different)]
    above = [sum(scale.rare(float(answer)) >= rarity for answer in different) for rarity in (2, 3, 4)]
    accepted = np.mean([scale.rare(float(answer)) >= 4 for answer in same])
    return (
        f"EER {equal_error_rate(same, real):.2%}, missed at 0.1% {missed(same, real, 1e-3):.2%}; "
        f"at similarity 0.68, 0.82, 0.9: {above} of {len(different)} different accepted; "
        f"of the same at 0.9: {accepted:.2%}"
    )


def _rounded(scale: Scale) -> Scale:
    weights, answers = ((round(value, 3) for value in values) for values in (scale.weights, scale.answers))
    return replace(scale, weights=tuple(weights), bias=round(scale.bias, 3), answers=tuple(answers))


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on all, print, and say how what was fitted on one does on the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutiae", action="store_true", help="as if no print had its ridges")
    options = parser.parse_args(arguments)
    sets = {name: Set(name, options.minutiae) for name in SETS}
    for name, held in sets.items():
        rest = [one for one in sets.values() if one is not held]
        scale = fit(np.vstack([one.same for one in rest]), np.vstack([one.others() for one in rest]))
        print(f"fitted without {name}: {_judge(scale, held)}")
    first, second = sets.values()
    across = _evidence((one, other) for one in first.upright for other in second.upright)
    different = np.vstack([one.others() for one in sets.values()] + [across])
    scale = fit(np.vstack([one.same for one in sets.values()]), different)
    rounded = replace(
        scale, weights=tuple(round(weight, 3) for weight in scale.weights), bias=round(scale.bias, 3)
    )
    print(len(different), "pairs of different fingers")
    print(replace(rounded, answers=tuple(round(answer, 2) for answer in scale.answers)))


if __name__ == "__main__":
    main()
