"""Empty corners of turned pages that are filled, and slivers of desk that are found: made pages."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import border
from imgcore.paper.border import fill_border
from imgcore.settings import Fill

_FIRST = 70_000
"""Seed of the first page."""
_PAGES = 12
"""Pages of each kind."""


def _cases() -> Sequence[Case]:
    return [
        Case(f"{kind} {seed}", (kind, _FIRST + seed))
        for kind in ("turned", "sliver")
        for seed in range(_PAGES)
    ]


def _judge(case: Case) -> Outcome:
    kind, seed = case.source
    if kind == "sliver":
        found, taken, false = border.sliver_shares(seed)
        return Outcome(
            {"slivers: found": found, "slivers: page taken with them": taken, "no sliver: page taken": false}
        )
    turned = border.make_turned(seed)
    filled = fill_border(turned.picture, turned.empty, Fill.SURROUND)
    return Outcome(
        {"filled: step at the seam, levels": float(border.step(filled, turned).mean())},
        side_by_side(turned.picture, filled),
    )


PROBES = (
    Probe(
        "border",
        "made",
        (
            Figure("filled: step at the seam, levels", Better.LOWER, 1),
            Figure("slivers: found", unit="%"),
            Figure("slivers: page taken with them", Better.LOWER, unit="%"),
            Figure("no sliver: page taken", Better.LOWER, 0, "%"),
        ),
        _cases,
        _judge,
        thin=8,
    ),
)
