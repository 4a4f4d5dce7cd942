"""Bent sheets laid flat, against the flat page."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from benchmarks.quality.curve import KINDS, flattened, known_words
from benchmarks.quality.pages import (
    READ_KINDS,
    SheetPhotograph,
    compared,
    displacement,
    load_sheets,
    ms_ssim,
    word_f1,
    words,
)

_GOALS = {
    "perspective": (0.8, 5.0, 0.8),
    "curled": (0.72, 14.0, 0.8),
    "crumpleshard": (0.55, 17.0, 0.45),
}
"""Goals of MS-SSIM, of displacement in pixels, and of the F1 of words, by kind."""


def _cases() -> Sequence[Case]:
    return [Case(f"{one.kind}, {one.photograph.name}", one) for one in load_sheets()]


def _judge(case: Case) -> Outcome:
    sheet: SheetPhotograph = case.source
    picture = np.asarray(cv2.imread(str(sheet.photograph)), np.uint8)
    flat = np.asarray(cv2.imread(str(sheet.flat), cv2.IMREAD_GRAYSCALE), np.uint8)
    page = flattened(picture)[0]
    truth, made = compared(flat, page)
    values = {
        f"{sheet.kind}: MS-SSIM": ms_ssim(truth, made),
        f"{sheet.kind}: displacement": displacement(truth, made),
    }
    known = known_words(sheet.flat) if sheet.kind in READ_KINDS else None
    found = words(page) if known is not None else None
    if known is not None and found is not None:
        values[f"{sheet.kind}: word F1"] = word_f1(known, found)
    return Outcome(values, reduced(page))


def _figures() -> Sequence[Figure]:
    found = []
    for kind in KINDS:
        likeness, pixels, f1 = _GOALS.get(kind, (None, None, None))
        found.append(Figure(f"{kind}: MS-SSIM", goal=likeness))
        found.append(Figure(f"{kind}: displacement", Better.LOWER, pixels, "px"))
        if kind in READ_KINDS:
            found.append(Figure(f"{kind}: word F1", goal=f1))
    return found


PROBES = (
    Probe(
        "curve",
        "shared",
        _figures(),
        _cases,
        _judge,
        ("document_*",),
        "the photographs of bent sheets",
        thin=30,
    ),
)
