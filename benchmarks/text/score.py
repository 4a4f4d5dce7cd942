"""Agreement of a text that was read with the true one: characters, their neighbours, and their order."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

Pairs = Counter[tuple[str, str]]
_Item = TypeVar("_Item")


def pairs(lines: Iterable[str]) -> Pairs:
    """Count the pairs of neighbouring characters of lines, without spaces, capitals as small letters."""
    found: Pairs = Counter()
    for line in lines:
        letters = "".join(line.split()).casefold()
        found.update(pairwise(letters))
    return found


def f1(true: Iterable[str], read: Iterable[str]) -> float:
    """Return the F1 of the pairs that were read."""
    return _f1(pairs(true), pairs(read))


def character_f1(true: Iterable[str], read: Iterable[str]) -> float:
    """Return the F1 of the characters that were read, wherever they stand."""
    return _f1(Counter(_plain(true)), Counter(_plain(read)))


def order(true: Iterable[str], read: Iterable[str]) -> float:
    """Return the share, of the characters that were read, that stand in the true order.

    The longest common subsequence over what the texts have in common without their order: 1 where the lines
    come as they are read, about a half where two columns are mixed line by line.
    """
    wanted = _plain(true)
    got = _plain(read)
    return _common_length(wanted, got) / max(1, (Counter(wanted) & Counter(got)).total())


def _f1(wanted: Counter[_Item], got: Counter[_Item]) -> float:
    return 2 * (wanted & got).total() / max(1, wanted.total() + got.total())


def _plain(lines: Iterable[str]) -> str:
    """Return a text without spaces, wide forms as the usual ones, capitals as small letters."""
    return "".join(unicodedata.normalize("NFKC", "".join(lines)).casefold().split())


def _common_length(one: str, other: str) -> int:
    """Return the length of the longest common subsequence: bit-parallel, after Hyyrö (2004)."""
    places: dict[str, int] = {}
    for at, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << at
    every = (1 << len(one)) - 1
    row = every
    for character in other:
        taken = row & places.get(character, 0)
        row = ((row + taken) | (row - taken)) & every
    return len(one) - row.bit_count()
