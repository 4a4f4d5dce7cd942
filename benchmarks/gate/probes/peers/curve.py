"""Bent sheets laid flat by page-dewarp: its pages have margins of their own, so words alone are compared."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from benchmarks.quality import peers
from benchmarks.quality.pages import READ_KINDS, load_sheets, word_f1, words

_NAME = "page-dewarp"
"""The package, and what readers know it by."""


def _cases() -> Sequence[Case]:
    if not peers.is_installed(_NAME):
        return ()
    return [
        Case(f"{one.kind}, {one.photograph.name}", one) for one in load_sheets() if one.kind in READ_KINDS
    ]


def _judge(case: Case) -> Outcome:
    sheet = case.source
    page = peers.flatteners()[_NAME](np.asarray(cv2.imread(str(sheet.photograph)), np.uint8))
    known = words(np.asarray(cv2.imread(str(sheet.flat), cv2.IMREAD_GRAYSCALE), np.uint8))
    found = words(page)
    if known is None or found is None:
        return Outcome({})
    return Outcome({f"{sheet.kind}: word F1": word_f1(known, found)}, reduced(page))


PROBES = (
    Probe(
        "curve",
        "shared",
        [Figure(f"{kind}: word F1") for kind in READ_KINDS],
        _cases,
        _judge,
        needs=f"the photographs of bent sheets, Tesseract, {peers.INSTALL[_NAME]}",
        peer=_NAME,
    ),
)
