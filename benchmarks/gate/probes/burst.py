"""Frames that are merged: real pages before made sensors, whatever happens between the frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import burst
from benchmarks.quality.real_pages import RealPage, load_pages

_FIRST = 71_000
"""Seed of the first burst."""
_STEP = 3
"""Every so many of the pages is shown to the sensors."""
_ERROR = "error, of one frame's"
"""Name of the figure of noise that is left."""


@cache
def _pages() -> Sequence[RealPage]:
    return [page for page in load_pages() if page.column][::_STEP]


def _cases() -> Sequence[Case]:
    return [
        Case(f"{scene}, {page.name}", (scene, number))
        for scene in burst.SCENES
        for number, page in enumerate(_pages())
    ]


def _judge(case: Case) -> Outcome:
    scene, number = case.source
    pages = _pages()
    other = pages[(number + 1) % len(pages)].picture
    made = burst.SCENES[scene](np.random.default_rng(_FIRST + number), number, pages[number].picture, other)
    found, merged = burst.scores(made)
    values = {"whatever happens: worse than one frame": found["worse"]}
    if scene in burst.MERGED:
        values[f"{scene}: {_ERROR}"] = found[_ERROR]
    if scene == burst.REFLECTION:
        values[f"{scene}: share left"] = found["reflection, of one frame's"]
    return Outcome(values, side_by_side(made.frames[0], merged))


PROBES = (
    Probe(
        "merged frames",
        "shared",
        (
            *(Figure(f"{scene}: {_ERROR}", Better.LOWER, 0.5) for scene in burst.MERGED),
            Figure(f"{burst.REFLECTION}: share left", Better.LOWER, unit="%"),
            Figure("whatever happens: worse than one frame", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        needs="the real pages to read",
        thin=16,
    ),
)
