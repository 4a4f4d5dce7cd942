"""Skew of text: born-digital pages turned by known angles, clean and spoiled."""

from __future__ import annotations

from benchmarks.gate.probe import Case, Outcome, Probe
from benchmarks.quality import skewed
from imgcore.deskew import find_skew
from imgcore.types import Image


def _judge(case: Case) -> Outcome:
    return skewed.outcome(case, _degrees)


def _degrees(picture: Image) -> float | None:
    skew = find_skew(picture)
    return None if skew is None else skew.degrees


PROBES = (Probe("skew", "shared", skewed.FIGURES, skewed.cases, _judge, needs="the turned pages", thin=6),)
