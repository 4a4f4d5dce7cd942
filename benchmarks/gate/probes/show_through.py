"""Print that shines through thin paper: made pages by one side and by both, and marked ink of real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import binarize
from benchmarks.quality.show_through import changed, gone, make_sheet
from imgcore.paper.show_through import remove_show_through

_FIRST = 71_000
"""Seed of the first sheet."""
_EACH = 4
"""Sheets of each language."""
_LANGUAGES = ("en", "zh")
"""Languages of the sheets."""
_PALER = 0.5
"""Share of its depth that ink loses where a stroke is lost."""
_LEAST_DEPTH = 20
"""Levels that ink counts as darker than paper at least."""


def _made() -> Sequence[Case]:
    return [
        Case(f"{language} {seed}", (_FIRST + seed, language))
        for language in _LANGUAGES
        for seed in range(_EACH)
    ]


def _judge_made(case: Case) -> Outcome:
    sheet = make_sheet(*case.source)
    by_tone = remove_show_through(sheet.thin).image
    by_back = remove_show_through(sheet.thin, sheet.back).image
    return Outcome(
        {
            "gone, by tone": gone(sheet, by_tone),
            "gone, by the back": gone(sheet, by_back),
            "opaque paper: pixels changed": changed(sheet),
        },
        side_by_side(sheet.thin, by_back),
    )


def _judge_real(case: Case) -> Outcome:
    """Take a piece of an old page for a whole sheet, which makes its strokes broader than any."""
    picture, ink = binarize.load(case)
    result = remove_show_through(picture).image
    before, after = (each.reshape(*ink.shape, -1).mean(axis=2) for each in (picture, result))
    depth = np.maximum(np.median(before[~ink]) - before, _LEAST_DEPTH)
    lost = float((after - before > _PALER * depth)[ink].mean())
    return Outcome({"ink taken with it": lost}, side_by_side(picture, result))


PROBES = (
    Probe(
        "show-through",
        "shared",
        (Figure("ink taken with it", Better.LOWER, unit="%"),),
        binarize.cases,
        _judge_real,
        needs="the historical documents",
        thin=12,
    ),
    Probe(
        "show-through",
        "made",
        (
            Figure("gone, by tone", unit="%"),
            Figure("gone, by the back", unit="%"),
            Figure("opaque paper: pixels changed", Better.LOWER, unit="%"),
        ),
        _made,
        _judge_made,
        thin=8,
    ),
)
