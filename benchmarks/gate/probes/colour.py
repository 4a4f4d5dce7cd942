"""Colour documents on real pages: what is printed stays, and paper is white."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import colour_pages
from imgcore.enhance import colour
from imgcore.paper.layers_net import PageLayersNet
from lab import collected
from server.services.pictures.model_cache import ModelCache

FIGURES = (
    Figure("photographs: order of tones", goal=0.98),
    Figure("photographs: order of tones below .95", Better.LOWER, 0, "of"),
    Figure("photographs: blocks off the light", Better.LOWER, 0, "%"),
    Figure("fields: colour kept"),
    Figure("fields that keep .7", goal=1.0, unit="%"),
    Figure("fields: hue off, degrees", Better.LOWER, 6),
    Figure("light print: contrast kept"),
    Figure("light print that keeps .8", goal=1.0, unit="%"),
    Figure("paper: darkest channel", goal=248),
    Figure("paper that is white", unit="%"),
    Figure("paper: unevenness, levels", Better.LOWER, 2),
    Figure("cast shadows: step, levels", Better.LOWER, 3),
)
"""Figures that the marks of a page contribute to."""


def _cases(half: str) -> Callable[[], Sequence[Case]]:
    def cases() -> Sequence[Case]:
        found = []
        for entry in colour_pages.entries(half):
            found.append(Case(f"{entry['file']}", (entry, False), str(entry["sha256"])))
            if "page" in entry:
                found.append(Case(f"{entry['file']}, with its desk", (entry, True), str(entry["sha256"])))
        return found

    return cases


def _judge(case: Case) -> Outcome:
    entry, with_desk = case.source
    page = colour_pages.load(entry, with_desk)
    enhanced = colour(page.picture, _net())
    suffix = ", with its desk" if with_desk else ""
    found = colour_pages.scores(page, enhanced)
    values = {
        figure: {f"{name}{suffix}": value for name, value in contributions.items()}
        for figure, contributions in found.items()
    }
    return Outcome(values, side_by_side(page.picture, enhanced))


@cache
def _net() -> PageLayersNet:
    return ModelCache().page_layers()


PROBES = tuple(
    Probe(
        "colour",
        half,
        FIGURES,
        _cases(half),
        _judge,
        ("page_layers.npz",),
        "the collected pages of colour documents",
        thin=12,
    )
    for half in collected.HALVES
)
