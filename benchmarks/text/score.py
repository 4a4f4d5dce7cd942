"""Agreement of a text that was read with the true one: neighbouring characters within lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

Pairs = Counter[tuple[str, str]]


def pairs(lines: Iterable[str]) -> Pairs:
    """Count the pairs of neighbouring characters of lines, whose spaces are left out."""
    found: Pairs = Counter()
    for line in lines:
        letters = "".join(line.split())
        found.update(pairwise(letters))
    return found


def f1(true: Iterable[str], read: Iterable[str]) -> float:
    """Return the F1 of the pairs that were read."""
    wanted, got = pairs(true), pairs(read)
    return 2 * (wanted & got).total() / max(1, wanted.total() + got.total())
