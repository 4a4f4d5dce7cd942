"""Fingerprints: pairs of prints of one finger and of two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.fingerprint import sets
from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from imgcore.fingerprint.compare import comparison_scores
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.similarity import RIDGES

_MATCH = 4.0
"""Negative logarithm of the false match rate from which two prints match: the similarity .9."""


def _cases() -> Sequence[Case]:
    if not sets.available():
        return ()
    return [Case(name, folder, name) for name, folder in sets.SETS.items()]


def _judge(case: Case) -> Outcome:
    folder: Path = case.source
    prints = list(sets.impressions(folder))
    names = [f"{case.name} {one.finger}-{one.number}" for one in prints]
    templates = [extract(one.image) for one in prints]

    def accepted(pairs: Sequence[tuple[int, int]]) -> dict[str, float]:
        return {
            f"{names[i]}, {names[j]}": float(
                RIDGES.neg_log_fmr(RIDGES.score(comparison_scores(templates[i], templates[j])[1])) >= _MATCH
            )
            for i, j in pairs
        }

    return Outcome(
        {
            f"{case.name}: one finger, accepted": accepted(sets.genuine(prints)),
            f"{case.name}: two fingers, accepted": accepted(sets.impostors(prints, first=True)),
        }
    )


PROBES = (
    Probe(
        "prints",
        "shared",
        [
            Figure(f"{name}: {what}", better, unit=unit)
            for name in sets.SETS
            for what, better, unit in (
                ("one finger, accepted", Better.HIGHER, "%"),
                ("two fingers, accepted", Better.LOWER, "of"),
            )
        ],
        _cases,
        _judge,
        needs="the fingerprints",
        thin=2,
    ),
)
