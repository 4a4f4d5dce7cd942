"""Characters that recognition takes for one another, and the readings of a text that they allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

DIGITS = "0123456789"
"""The digits, in order."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The letters, in order."""

_LETTER = dict(zip("01245678", "OIZASGTB", strict=True))
"""Letter that each digit is taken for."""
_DIGIT = {letter: digit for digit, letter in _LETTER.items()} | {"D": "0", "Q": "0", "L": "1", "|": "1"}
"""Digit that each letter, and an upright stroke, is taken for."""
# Of one class with another only: no place that takes letters alone, as a name, has two readings.
_OTHER = _LETTER | _DIGIT


def repaired(
    text: str, alphabets: Sequence[str], holds: Callable[[str], bool], changes: int = 1
) -> str | None:
    """Return the one reading of a text that is of the given alphabets and passes a test.

    A character that its place does not allow is taken for one that looks alike. If the text passes so, that
    is the reading; else other characters are taken so, too, the fewer the better.

    Parameters
    ----------
    alphabets
        The characters allowed at each place, as many as the text is long.
    holds
        The test: check digits, dates.
    changes
        Most characters that are changed beside those that their place does not allow.

    Returns
    -------
    str or None
        None if no reading passes, or several that differ as little do.
    """
    choices = [_choices(character, allowed) for character, allowed in zip(text, alphabets, strict=True)]
    if not all(choices):
        return None
    for changed in range(changes + 1):
        found = {reading for reading in _readings(choices, changed) if holds(reading)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def in_alphabet(text: str, alphabet: str) -> str:
    """Return a text with each character that the alphabet lacks replaced by the first of it that looks alike.

    Characters that nothing in the alphabet looks like stay.
    """
    return "".join((_choices(character, alphabet) or (character,))[0] for character in text)


def _choices(character: str, allowed: str) -> tuple[str, ...]:
    own = (character,) if character in allowed else ()
    other = _OTHER.get(character)
    return own if other is None or other not in allowed else (*own, other)


def _readings(choices: Sequence[tuple[str, ...]], changed: int) -> Iterator[str]:
    """Yield the readings that take another choice than the first at exactly so many places."""
    open_places = [place for place, options in enumerate(choices) if len(options) > 1]
    for places in combinations(open_places, changed):
        reading = [options[0] for options in choices]
        for others in product(*(choices[place][1:] for place in places)):
            for place, other in zip(places, others, strict=True):
                reading[place] = other
            yield "".join(reading)
