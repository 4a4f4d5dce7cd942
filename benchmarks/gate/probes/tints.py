"""Pale fields and coloured paper of real pages: what a colour document keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import tints
from imgcore.enhance import colour
from imgcore.paper.layers_net import PageLayersNet
from lab import collected
from server.services.pictures.model_cache import ModelCache


def _cases(half: str) -> Callable[[], Sequence[Case]]:
    return lambda: [Case(entry["file"], entry) for entry in tints.entries(half)]


def _judge(case: Case) -> Outcome:
    page = tints.load(case.source)
    clean = colour(page.page, _net())
    return Outcome(dict(tints.scores(page, clean)), side_by_side(page.page, clean))


@cache
def _net() -> PageLayersNet:
    return ModelCache().page_layers()


PROBES = tuple(
    Probe(
        "tints",
        half,
        (
            Figure("tints that keep .7", goal=1.0, unit="%"),
            Figure("tints beside which paper is white", unit="%"),
            Figure("coloured papers that keep .7", goal=1.0, unit="%"),
        ),
        _cases(half),
        _judge,
        ("page_layers.npz",),
        "the collected tints",
        thin=12,
    )
    for half in collected.HALVES
)
