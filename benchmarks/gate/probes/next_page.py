"""The next page by itself: made minutes of a counter, with the truth of when a new page lies ready."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality.page_sequences import watch

_FIRST = 920_000
"""Seed of the first sequence: no limit was chosen on it."""
_SEQUENCES = 10
"""Number of sequences, of some half a minute each."""


def _cases() -> Sequence[Case]:
    return [Case(f"sequence {seed}", _FIRST + seed) for seed in range(_SEQUENCES)]


def _judge(case: Case) -> Outcome:
    watched = watch(case.source)
    taken = {f"{case.name}, {page}": float(page in watched.delays) for page in watched.due}
    delays = {f"{case.name}, {page}": delay for page, delay in watched.delays.items()}
    return Outcome(
        {
            "pages taken": taken,
            "from rest to shot": delays,
            "taken again": float(watched.repeated),
            "taken with a hand": float(watched.hands),
            "taken where none lay ready": float(watched.nothing),
        }
    )


PROBES = (
    Probe(
        "next page",
        "made",
        (
            Figure("pages taken", goal=0.99, unit="%"),
            Figure("from rest to shot", Better.LOWER, 1.0, "s"),
            Figure("taken again", Better.LOWER, 0, "of"),
            Figure("taken with a hand", Better.LOWER, 0, "of"),
            Figure("taken where none lay ready", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        ("document_*",),
        thin=5,
    ),
)
