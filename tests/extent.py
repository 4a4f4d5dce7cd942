"""How much of a range, a table or a stream of examples a run goes through."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

import pytest

T = TypeVar("T")

COUNTED = os.environ.get("GAOPAI_EXHAUSTIVE") == "counted"
"""True where all that ``script/bench reliability`` goes through is tried, and counted."""
EXHAUSTIVE = COUNTED or os.environ.get("GAOPAI_EXHAUSTIVE") == "1"
"""True where all of the rest is tried, too, as in ``script/test --all``."""


def extent(sample: T, whole: T) -> T:
    """Return the number to try, or the cases: a sample that finds what is grossly wrong, or the whole."""
    return whole if EXHAUSTIVE else sample


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the cases that a sample does without: of a test marked `sampled`, all but every so many."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return {item for several in cases.values() for item in several} - {
        item for several in cases.values() for item in several[:: extent(_step(several[0]), 1)]
    }


def _step(item: pytest.Item) -> int:
    mark = item.get_closest_marker("sampled")
    assert mark is not None
    return int(mark.args[0])
