"""Starts of the documents in a pile: made piles of five kinds."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.quality.document_starts import DOTS, KINDS, make_pile
from imgcore.paper.document_start import document_starts, look_at

_FIRST = 83_000
"""Seed of the first pile."""
_EACH = 3
"""Piles of each kind, of 20 pages each."""


def _cases() -> Sequence[Case]:
    return [Case(f"{kind} {seed}", (_FIRST + seed, kind)) for kind in KINDS for seed in range(_EACH)]


def _judge(case: Case) -> Outcome:
    scans, begins = make_pile(*case.source)
    found = {start.page for start in document_starts(look_at(scan, DOTS) for scan in scans)}
    right = {f"{case.name}, {page}": float(page in begins) for page in found}
    seen = {f"{case.name}, {page}": float(page in found) for page in begins}
    return Outcome({"proposals that are right": right, "beginnings that are proposed": seen})


PROBES = (
    Probe(
        "document starts",
        "made",
        (Figure("proposals that are right", unit="%"), Figure("beginnings that are proposed", unit="%")),
        _cases,
        _judge,
        thin=8,
    ),
)
