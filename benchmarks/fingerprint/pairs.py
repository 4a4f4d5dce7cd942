"""The evidence of all comparisons of a set, and its calibrated rarity."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.fingerprint.rates import Scores
from benchmarks.fingerprint.sets import genuine, impostors, impressions
from imgcore.fingerprint.compare import comparison_scores
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.similarity import Scale
from imgcore.fingerprint.template import Template, without_ridges
from imgcore.types import Image


class SetComparisons:
    """The templates of one set, upright and mirrored, and the evidence of their comparisons.

    Attributes
    ----------
    same, different
        float64 ``(n, k)``: of one finger (280), and of different ones (2880).
    first
        bool mask of `different`: True for pairs of first impressions (45).
    reflected
        Of all prints with all mirrored ones: a mirrored finger is another, as hard as a real one.
    match_ms
        Processor time of a comparison, mean, different fingers' and the same finger's alike.
    """

    def __init__(self, folder: Path, minutiae_only: bool = False, fingers: int = 99) -> None:
        prints = [one for one in impressions(folder) if one.finger % 100 <= fingers]
        self.prints = prints
        self.upright = [_template(one.image, minutiae_only) for one in prints]
        mirrored = [_template(np.ascontiguousarray(one.image[:, ::-1]), minutiae_only) for one in prints]
        pairs = genuine(prints)
        others = impostors(prints, first=False)
        started = time.process_time()
        self.same = evidence((self.upright[i], self.upright[j]) for i, j in pairs)
        self.different = evidence((self.upright[i], self.upright[j]) for i, j in others)
        self.match_ms = 1000 * (time.process_time() - started) / (len(pairs) + len(others))
        self.first = np.array([prints[i].number == prints[j].number == 1 for i, j in others])
        self.reflected = evidence((one, other) for one in self.upright for other in mirrored)

    @property
    def others(self) -> Scores:
        """The evidence of all comparisons of different fingers, mirrored ones included."""
        return np.vstack([self.different, self.reflected])


def _template(image: Image, minutiae_only: bool) -> Template:
    found = extract(image)
    return without_ridges(found) if minutiae_only else found


def evidence(pairs: Iterable[tuple[Template, Template]]) -> Scores:
    """One line a comparison."""
    return np.array([comparison_scores(one, other)[1] for one, other in pairs])


def neg_log_fmrs(scale: Scale, found: Scores) -> Scores:
    """Return the negative log false match rate of each line of evidence, by a scale."""
    return np.array([scale.neg_log_fmr(scale.score(line)) for line in found])
