"""Names that were probably meant: those that differ from a known one by case, or by a letter or two."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

SHORTEST = 4
"""Length from which a name with a letter too many, too few or another is taken for a mistake."""
LONG = 8
"""Length of a name from which two wrong letters are taken for a mistake, not one alone."""
LONGEST = 40
"""Length of a name above which it is compared with no other, in characters."""
MOST_KEYS = 6
"""Limit of the unknown keys of a request that are compared with the known ones, and so of those told."""
_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")
"""Form of a key that is told to its page again."""
_WORDS = re.compile(r"[A-Za-z][a-z0-9]*")
"""Words of a key, such as ``image`` and ``Path`` of ``imagePath``."""


def resembling(keys: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the keys that are not known and differ from a known one by case or by one or two letters."""
    strange = [key for key in keys if key not in known][:MOST_KEYS]
    if not strange:
        return ()
    lower = [name.lower() for name in known]
    return tuple(key for key in strange if any(_resembles(key.lower(), name) for name in lower))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to `name`, up to case and two letters; None if none is near."""
    lower = name.lower()
    near = [each for each in known if _resembles(lower, each.lower())]
    return min(near, key=lambda each: _distance(lower, each.lower()), default=None)


def kin(keys: Iterable[str], wanted: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return the first key that may stand for one of those wanted, and which of them; None if there is none.

    It resembles one, or has a word in common with it, as ``filePath`` has with ``imagePath``.
    """
    for key in keys:
        if not _KEY.fullmatch(key):
            continue
        words = _words(key)
        near = tuple(each for each in wanted if words & _words(each) or _resembles(key.lower(), each.lower()))
        if near:
            return key, near
    return None


def _words(key: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(key)}


def _resembles(key: str, name: str) -> bool:
    if key == name:
        return True
    longest = max(len(key), len(name))
    if min(len(key), len(name)) < SHORTEST or longest > LONGEST:
        return False
    most = 2 if len(name) >= LONG else 1
    # Each change of a letter adds or takes one letter, or both.
    if abs(len(key) - len(name)) > most or len(set(key) ^ set(name)) > 2 * most:
        return False
    return _distance(key, name) <= most


def _distance(one: str, other: str) -> int:
    """Return the least number of letters to insert, delete, replace or exchange with the next one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, letter_of_other in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != letter_of_other))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == letter_of_other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before = last
        last = line
    return last[-1]
