"""Black and white by others: thresholds of OpenCV, scikit-image and doxapy, and unpaper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.gate.probe import Case, Outcome, Probe
from benchmarks.quality import binarize, peers


def _cases(name: str) -> Callable[[], Sequence[Case]]:
    return lambda: binarize.cases() if name in peers.binarizers() else ()


def _judge(name: str) -> Callable[[Case], Outcome]:
    return lambda case: binarize.outcome(case, peers.binarizers()[name])


PROBES = tuple(
    Probe(
        "black and white",
        "shared",
        binarize.FIGURES,
        _cases(name),
        _judge(name),
        needs=f"the historical documents, {peers.INSTALL[package]}",
        peer=name,
    )
    for name, package in peers.BINARIZERS.items()
)
