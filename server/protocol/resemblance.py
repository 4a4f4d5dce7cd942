"""Keys of requests that resemble a known one, such as ``croptype``: mistakes that would pass in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable

SHORTEST = 4
"""Length from which a name with a letter too many, too few or another is taken for a mistake."""
LONG = 8
"""Length from which two such letters are."""
LONGEST = 40
MOST_KEYS = 6
"""Limit of unknown keys that are looked at, and of those that are told."""


def resembling(keys: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the keys that are not known and differ from a known one by case or by one or two letters."""
    strange = [key for key in keys if key not in known][:MOST_KEYS]
    if not strange:
        return ()
    lower = [name.lower() for name in known]
    return tuple(key for key in strange if any(_resembles(key.lower(), name) for name in lower))


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
        before, last = last, line
    return last[-1]
