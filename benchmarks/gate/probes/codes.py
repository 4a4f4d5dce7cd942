"""Barcodes: photographs, samples and drawn stress, and pictures without a code that is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

from benchmarks.barcode import degraded, score, sets, stress
from benchmarks.barcode.readers import DecodedCode, gaopai
from benchmarks.barcode.sets import BarcodeSample
from benchmarks.gate.probe import Case, Outcome, Probe
from imgcore.barcode import USUAL, read_codes
from imgcore.barcode.code import Symbology


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


def _read(sample: BarcodeSample) -> list[DecodedCode]:
    return gaopai(sample.picture, _helper(), sample.kinds)


def _judge_shared(case: Case) -> Outcome:
    return score.outcome(sets.sample(case.source), _read)


def _judge_made(case: Case) -> Outcome:
    return score.outcome(stress.sample(*case.source), _read)


def _judge_kinds(case: Case) -> Outcome:
    drawn = degraded.sample(*case.source)
    codes = read_codes(drawn.picture, run=_helper().submit, kinds=USUAL | {Symbology(drawn.group)})
    return degraded.outcome(drawn, (one.text for one in codes))


PROBES = (
    Probe(
        "codes", "shared", score.FIGURES, sets.cases, _judge_shared, needs="the barcode sets", thin=20
    ),
    Probe("codes", "made", score.MADE_FIGURES, stress.cases, _judge_made, needs="zint", thin=20),
    Probe(
        "codes by kind", "made", degraded.FIGURES, degraded.cases, _judge_kinds, needs="zint", thin=15,
    ),
)  # fmt: skip
