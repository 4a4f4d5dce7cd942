"""Verdicts on captures: made pages, each spoilt in one way, against what Tesseract reads of them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from benchmarks.verdict.pages import make_page
from benchmarks.verdict.reading import misread_share
from imgcore.verdict import DOUBT, judge

_BAD = 0.1
"""Share of wrong letters from which a page cannot be read."""
_PAGES = 60
"""Number of pages."""


def _cases() -> Sequence[Case]:
    return [Case(f"page {seed}", seed) for seed in range(_PAGES)] if shutil.which("tesseract") else ()


def _judge(case: Case) -> Outcome:
    page = make_page(case.source)
    doubted = float(judge(page.picture).worst >= DOUBT)
    what = "unreadable: refused" if misread_share(page) > _BAD else "readable: refused"
    return Outcome({what: doubted}, reduced(page.picture))


PROBES = (
    Probe(
        "verdicts",
        "made",
        (Figure("unreadable: refused", unit="%"), Figure("readable: refused", Better.LOWER, unit="%")),
        _cases,
        _judge,
        needs="Tesseract with Chinese",
        thin=15,
    ),
)
