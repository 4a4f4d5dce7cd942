"""Fit the weights and curves of ``imgcore/fingerprint/similarity.py``, and print them.

Different fingers are all pairs within each set, all pairs across the sets, and all pairs with a mirrored
print. Without ``--minutiae`` for prints with their ridges, with it for prints that came without.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.fingerprint.model import fit
from benchmarks.fingerprint.pairs import SetComparisons, evidence
from benchmarks.fingerprint.sets import SETS
from imgcore.fingerprint.similarity import Scale


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on all there is, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutiae", action="store_true", help="as if no print had its ridges")
    options = parser.parse_args(arguments)
    first, second = (SetComparisons(folder, options.minutiae) for folder in SETS.values())
    across = evidence((one, other) for one in first.upright for other in second.upright)
    different = np.vstack([first.others, second.others, across])
    print(len(different), "pairs of different fingers")
    print(_rounded(fit(np.vstack([first.same, second.same]), different)))


def _rounded(scale: Scale) -> Scale:
    weights, scores = (tuple(round(value, 3) for value in values) for values in (scale.weights, scale.scores))
    return replace(scale, weights=weights, bias=round(scale.bias, 3), scores=scores)


if __name__ == "__main__":
    main()
