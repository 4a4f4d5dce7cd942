"""Barcodes by others: zxing-cpp and zbar, as they come, and quagga2 where GAOPAI_QUAGGA names its folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.barcode import degraded, readers, score, sets, stress
from benchmarks.gate.probe import Case, Outcome, Probe
from imgcore.barcode import USUAL
from imgcore.barcode.code import Symbology
from imgcore.barcode.engines import best_engine


def _there(name: str, cases: Callable[[], Sequence[Case]]) -> Callable[[], Sequence[Case]]:
    return lambda: cases() if name in readers.others() else ()


def _of_files(name: str) -> Callable[[Case], Outcome]:
    return lambda case: score.outcome(sets.sample(case.source), readers.others()[name])


def _of_drawings(name: str) -> Callable[[Case], Outcome]:
    return lambda case: score.outcome(stress.sample(*case.source), readers.others()[name])


_SHARED = tuple(
    Probe(
        "codes", "shared", score.FIGURES, _there(name, sets.cases), _of_files(name),
        needs="the barcode sets", peer=name,
    )
    for name in (*readers.ENGINES, readers.QUAGGA2)
)  # fmt: skip
_MADE = tuple(
    Probe(
        "codes", "made", score.MADE_FIGURES, _there(name, stress.cases), _of_drawings(name),
        needs="zint", peer=name,
    )
    for name in readers.ENGINES
)  # fmt: skip


def _kinds_by_zxing(case: Case) -> Outcome:
    drawn = degraded.sample(*case.source)
    engine = best_engine(USUAL | {Symbology(drawn.group)})
    assert engine is not None
    return degraded.outcome(drawn, (one.text for one in engine.read_picture(drawn.picture, False)))


_KINDS = Probe(
    "codes by kind", "made", degraded.FIGURES, _there("zxing-cpp", degraded.cases), _kinds_by_zxing,
    needs="zint", peer="zxing-cpp",
)  # fmt: skip
PROBES = (*_SHARED, *_MADE, _KINDS)
