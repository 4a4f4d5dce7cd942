"""Red and blue seals kept on black print: made pages with known masks."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import stamps
from imgcore.enhance.stamp import blue_stamp, red_stamp
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.stamped import make_stamped

_FIRST = 1000
"""Seed of the first page."""
_EACH = 16
"""Pages of each colour."""
_MODELS = ModelCache()
_METHODS = {"red": red_stamp, "blue": blue_stamp}
"""Ours, by the colour of the seal."""
_FIGURES = (
    Figure("seal that is coloured", goal=0.95, unit="%"),
    Figure("ink, F", goal=0.92),
    Figure("print under a seal that is black", unit="%"),
    Figure("letterhead that keeps its colour", unit="%"),
    Figure("colour where there is none", Better.LOWER, unit="%"),
    Figure("paper that is white", unit="%"),
)
"""Figures of either colour."""


def _cases() -> Sequence[Case]:
    return [Case(f"{colour} {seed}", (colour, _FIRST + seed)) for colour in _METHODS for seed in range(_EACH)]


def _judge(case: Case) -> Outcome:
    colour, seed = case.source
    page = make_stamped(seed, colour=colour)
    shown = _METHODS[colour](page.picture, _MODELS.page_layers())
    return Outcome(dict(stamps.scores(page, shown)), side_by_side(page.picture, shown))


PROBES = (Probe("stamps", "made", _FIGURES, _cases, _judge, thin=8),)
