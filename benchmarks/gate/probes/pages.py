"""Real pages that fill the picture: skew that follows a turn, and which way up they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.quality import real_pages
from benchmarks.quality.real_pages import QUARTERS, TURNS, RealPage


@cache
def _pages() -> dict[str, RealPage]:
    return {page.name: page for page in real_pages.load_pages() if page.upright}


def _cases() -> Sequence[Case]:
    return [Case(name, name) for name in _pages()]


def _judge(case: Case) -> Outcome:
    picture = _pages()[case.source].picture
    follows = list(real_pages.follows(picture))
    stands = [real_pages.stands(picture, quarter) for quarter in QUARTERS]
    turned = {f"{case.name}, {turn}": verdict for turn, verdict in zip(TURNS, follows, strict=True)}
    quartered = {
        f"{case.name}, {quarter}": verdict for quarter, verdict in zip(QUARTERS, stands, strict=True)
    }
    return Outcome(
        {
            "skew follows a turn": {name: float(verdict is True) for name, verdict in turned.items()},
            "skew follows a turn: wrong": {name: float(verdict is False) for name, verdict in turned.items()},
            "upright": {name: float(verdict is True) for name, verdict in quartered.items()},
            "upright: wrong": {name: float(verdict is False) for name, verdict in quartered.items()},
        }
    )


PROBES = (
    Probe(
        "pages",
        "shared",
        (
            Figure("skew follows a turn", goal=0.95, unit="%"),
            Figure("skew follows a turn: wrong", Better.LOWER, 0, "of"),
            Figure("upright", goal=0.99, unit="%"),
            Figure("upright: wrong", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        ("page_orientation.npz", "PP-LCNet_x1_0_doc_ori.onnx"),
        "the real pages to read, and those of desks",
        thin=8,
    ),
)
