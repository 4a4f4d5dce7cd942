"""Black and white: historical documents whose ink is marked."""

from __future__ import annotations

from benchmarks.gate.probe import Case, Outcome, Probe
from benchmarks.quality import binarize
from imgcore.enhance import black_white


def _judge(case: Case) -> Outcome:
    return binarize.outcome(case, black_white)


PROBES = (
    Probe(
        "black and white",
        "shared",
        binarize.FIGURES,
        binarize.cases,
        _judge,
        needs="the historical documents",
        thin=6,
    ),
)
