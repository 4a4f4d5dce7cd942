"""How much of a range, a table or a stream of examples a run goes through."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

EXHAUSTIVE = os.environ.get("GAOPAI_EXHAUSTIVE") == "1"
"""Whether it is all of it, as in ``script/test --all``."""


def extent(sample: T, whole: T) -> T:
    """Return the number to try, or the cases: a sample that finds what is grossly wrong, or the whole."""
    return whole if EXHAUSTIVE else sample
