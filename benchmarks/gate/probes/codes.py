"""Barcodes: photographs, samples and drawn stress, and pictures without a code that is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from benchmarks.barcode import sets
from benchmarks.barcode.readers import gaopai
from benchmarks.barcode.score import ReaderScore
from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe

_NO_CODE = "no code that is read"
"""The group of pictures in which any text is wrong."""
_GROUPS = (
    "zxing-cpp, QR",
    "zxing-cpp, linear",
    sets.BOOFCV,
    "jsqr",
    "zbar",
    "stress, QR",
    "stress, linear",
    "stress, MSI",
    "stress, Pharmacode",
)
"""Groups whose codes are known."""


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


def _cases() -> Sequence[Case]:
    manifest = sets.FOLDER / "manifest.json"
    entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
    return [Case(entry["path"], entry) for entry in entries if sets.group(entry) is not None]


def _judge(case: Case) -> Outcome:
    sample = sets.sample(case.source)
    if sample is None:
        return Outcome({})
    score = ReaderScore()
    score.add(sample, gaopai(sample.picture, _helper()))
    if sample.group == _NO_CODE:
        return Outcome({"false texts": float(score.wrong)})
    values = {f"{sample.group}: right": score.share, "wrong texts": float(score.wrong)}
    return Outcome(values)


PROBES = (
    Probe(
        "codes",
        "shared",
        (
            *(Figure(f"{group}: right", unit="%") for group in _GROUPS),
            Figure("wrong texts", Better.LOWER, 0, "of"),
            Figure("false texts", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        needs="the barcode sets",
        thin=20,
    ),
)
