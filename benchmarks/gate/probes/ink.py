"""Black and white: historical documents whose ink is marked."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from benchmarks.quality.binarization_metrics import score
from benchmarks.quality.binarize import YEARS
from benchmarks.quality.photographs import SHARED
from imgcore.enhance import black_white

_FOLDER = SHARED / "data" / "binarize"


def _cases() -> Sequence[Case]:
    manifest = _FOLDER / "manifest.json"
    entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
    return [Case(entry["image"], entry) for entry in entries]


def _judge(case: Case) -> Outcome:
    entry = case.source
    picture = np.asarray(cv2.imread(str(_FOLDER / entry["image"])), np.uint8)
    truth = np.asarray(cv2.imread(str(_FOLDER / entry["gt"]), cv2.IMREAD_GRAYSCALE)) < 128
    bilevel = black_white(picture)
    found = score(bilevel < 128, truth)
    values = {"F-measure": found.f, f"{entry['year']}: F-measure": found.f, "DRD": found.drd}
    return Outcome(values, reduced(bilevel))


PROBES = (
    Probe(
        "black and white",
        "shared",
        (
            Figure("F-measure", goal=88),
            *(Figure(f"{year}: F-measure") for year in YEARS),
            Figure("DRD", Better.LOWER),
        ),
        _cases,
        _judge,
        needs="the historical documents",
        thin=6,
    ),
)
