"""Skew of text: born-digital pages turned by known angles, clean and spoiled."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality.photographs import SHARED
from imgcore.deskew import find_skew

_FOLDER = SHARED / "data" / "deskew"
_NEAR = 0.1
"""Degrees up to which a skew is right."""


def _cases() -> Sequence[Case]:
    manifest = _FOLDER / "angles.json"
    entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    return [Case(name, entry) for name, entry in entries.items()]


def _judge(case: Case) -> Outcome:
    skew = find_skew(np.asarray(cv2.imread(str(_FOLDER / case.name)), np.uint8))
    quality = case.source["set"]
    error = float("nan") if skew is None else abs(skew.degrees - case.source["angle"])
    return Outcome(
        {f"{quality}: within 0.1 degree": float(error < _NEAR), f"{quality}: error in degrees": error}
    )


PROBES = (
    Probe(
        "skew",
        "shared",
        (
            Figure("clean: within 0.1 degree", goal=0.99, unit="%"),
            Figure("hard: within 0.1 degree", goal=0.95, unit="%"),
            Figure("clean: error in degrees", Better.LOWER),
            Figure("hard: error in degrees", Better.LOWER),
        ),
        _cases,
        _judge,
        needs="the turned pages",
        thin=6,
    ),
)
