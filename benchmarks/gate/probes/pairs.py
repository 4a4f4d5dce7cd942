"""Two photographs of one bent sheet from two places: how far apart their flat pages are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality.curve import flattened
from benchmarks.quality.two_photographs import load_collected, load_pairs, pages_apart, sheets_apart
from lab import collected

_STEP = 3
"""Every so many of the shared pairs are taken."""
_FIGURES = (Figure("residual", Better.LOWER, 5.0, "px"), Figure("not matched", Better.LOWER, 0, "of"))


def _shared() -> Sequence[Case]:
    pairs = [pair for some in load_pairs().values() for pair in some]
    return [Case(pair[0].photograph.name, pair) for pair in pairs[::_STEP]]


def _collected(half: str) -> Callable[[], Sequence[Case]]:
    return lambda: [Case(pair[0].name, pair) for some in load_collected(half).values() for pair in some]


def _judge_sheets(case: Case) -> Outcome:
    return _outcome(sheets_apart(lambda image: flattened(image)[0], case.source))


def _judge_pages(case: Case) -> Outcome:
    return _outcome(pages_apart(flattened, *case.source))


def _outcome(residual: float) -> Outcome:
    return Outcome({"residual": residual, "not matched": float(residual != residual)})


_NETS = ("document_*",)
"""Nets that find the sheet."""

PROBES = (
    Probe("pairs", "shared", _FIGURES, _shared, _judge_sheets, _NETS, "the photographs of bent sheets", 8),
    *(
        Probe("pairs", half, _FIGURES, _collected(half), _judge_pages, _NETS, "the collected pairs", 12)
        for half in collected.HALVES
    ),
)
