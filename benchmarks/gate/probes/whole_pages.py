"""Made whole pages that no crop may cut, and made documents that look like less or more than they are."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import outlined
from benchmarks.quality import whole_pages
from lab.page_shares import kept
from synthetic.datasets.whole_pages import KINDS, make_whole_page

_EACH = 8
"""Pages of each kind."""


def _cases() -> Sequence[Case]:
    return [Case(f"{kind} {seed}", (kind, seed)) for kind in KINDS for seed in range(_EACH)]


def _judge(case: Case) -> Outcome:
    kind, seed = case.source
    page = make_whole_page(whole_pages.FIRST_SEED + seed, kind)
    found = {name: finder(page.picture) for name, finder in whole_pages.FINDERS.items()}
    values = {f"cut, {name}": float(kept(page, quads).cut) for name, quads in found.items()}
    return Outcome(values, outlined(page.picture, found["multi"], [page.sheet]))


PROBES = (
    Probe(
        "whole pages",
        "made",
        [Figure(f"cut, {name}", Better.LOWER, 0, "of") for name in whole_pages.FINDERS],
        _cases,
        _judge,
        ("document_*",),
        thin=8,
    ),
)
