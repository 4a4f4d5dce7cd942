"""Skew of text by others: jdeskew, deskew, a Radon transform, and unpaper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.gate.probe import Case, Outcome, Probe
from benchmarks.quality import peers, skewed


def _cases(name: str) -> Callable[[], Sequence[Case]]:
    return lambda: skewed.cases() if name in peers.skew_finders() else ()


def _judge(name: str) -> Callable[[Case], Outcome]:
    return lambda case: skewed.outcome(case, peers.skew_finders()[name])


PROBES = tuple(
    Probe(
        "skew",
        "shared",
        skewed.FIGURES,
        _cases(name),
        _judge(name),
        needs=f"the turned pages, {peers.INSTALL[package]}",
        peer=name,
    )
    for name, package in peers.SKEW_FINDERS.items()
)
