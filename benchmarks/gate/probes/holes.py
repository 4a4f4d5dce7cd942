"""Binder holes: made pages, and real pages without any, which stay as they are."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality import holes
from benchmarks.quality.fingers import load_unheld
from imgcore.holes.removal import remove_holes
from lab.photographs import SHARED
from synthetic.datasets.punched import make_punched

_MADE = 4
"""Every so many of the made pages are taken."""
_REAL = 2
"""Every so many of the real pages."""


def _made() -> Sequence[Case]:
    return [Case(f"page {number}", (number, pattern)) for number, pattern in holes.patterns()[::_MADE]]


def _judge_made(case: Case) -> Outcome:
    number, pattern = case.source
    score = holes.score(make_punched(holes.FIRST + number, pattern=pattern), holes.remove)
    values = {"false": float(score.false), "print touched": score.touched}
    if score.there:
        values["found"] = score.found / score.there
    return Outcome(values)


def _real() -> Sequence[Case]:
    return [Case(str(path.relative_to(SHARED / "data")), path) for path in list(load_unheld())[::_REAL]]


def _judge_real(case: Case) -> Outcome:
    picture = np.asarray(cv2.imread(str(case.source)), np.uint8)
    return Outcome({"real pages without holes: changed": float(remove_holes(picture).image is not picture)})


PROBES = (
    Probe(
        "no holes",
        "shared",
        (Figure("real pages without holes: changed", Better.LOWER, 0, "of"),),
        _real,
        _judge_real,
        needs="the shared pictures",
        thin=15,
    ),
    Probe(
        "holes",
        "made",
        (
            Figure("found", goal=0.98, unit="%"),
            Figure("false", Better.LOWER, 0, "of"),
            Figure("print touched", Better.LOWER, unit="%"),
        ),
        _made,
        _judge_made,
        thin=8,
    ),
)
