"""Ink of the digits of EAN-13 and UPC-A, which tells 1 from 7 and 2 from 8.

From edge to like edge these are the same, and only the widths of bars differ, which print makes thinner or
thicker. Twice exchanged they obey the check digit, too. Of a digit's seven modules three or five are ink, or
in the even parity and in the right half four or two: its mean grey tells which, whatever the print.
"""

from __future__ import annotations

import numpy as np

from imgcore.barcode.code import Symbology
from imgcore.barcode.runs import Lengths, Profile

_INK = np.array([3, 3, 3, 5, 3, 3, 5, 5, 5, 3])
"""Dark modules of each digit in odd parity; in even parity and in the right half, seven less these."""
_EVEN = ("", "356", "346", "345", "256", "236", "234", "246", "245", "235")
"""For each first digit, the digits after it that have even parity, counted from 1."""
_TWINS = {"1": "7", "7": "1", "2": "8", "8": "2"}
"""Digits that have the same distances from edge to like edge."""
_MODULES = 95
"""Number of modules from the first bar to the last, outer sides included."""
_DIGIT = 7
"""Number of modules of a digit."""
_BEGINS = np.concatenate([3 + 7 * np.arange(6), 50 + 7 * np.arange(6)])
"""First module of each digit."""
_FEWEST = 4
"""Fewest digits without a twin by which the ink of the others is judged."""
_BETTER = 0.25
"""Ratio to which the exchange must reduce the squared error of the ink."""


def told_from_twins(text: str, symbology: Symbology, levels: Profile, start: float, end: float) -> str:
    """Return the text with its 1, 7, 2 and 8 as their ink says, if that is clear and obeys the check digit.

    Parameters
    ----------
    text, symbology
        As an engine has read them; of other symbologies the text is returned as it is.
    levels
        float32 ``(n,)``, grey levels averaged along the bars.
    start, end
        Places of the first and the last module's outer sides, in the order of reading.
    """
    digits = {Symbology.EAN_13: text, Symbology.UPC_A: f"0{text}"}.get(symbology, "")
    if len(digits) != 13 or not digits.isdigit():
        return text
    stable = np.array([digit not in _TWINS for digit in digits[1:]])
    ink = _ink(digits)
    dark = _darkness(levels, start, end)
    if stable.all() or np.count_nonzero(stable) < _FEWEST or np.ptp(ink[stable]) == 0:
        return text
    # Light may change along the code.
    terms = np.column_stack([ink, np.ones(12), np.arange(12.0)])
    (slope, *_), *_ = np.linalg.lstsq(terms[stable], dark[stable], rcond=None)
    if slope <= 0:
        return text
    twins = digits[0] + "".join(_TWINS.get(digit, digit) for digit in digits[1:])
    change = np.where(stable, 0.0, _ink(twins) - ink)
    away = dark - terms @ np.linalg.lstsq(terms[stable], dark[stable], rcond=None)[0]
    exchanged = ~stable & (np.abs(away - slope * change) < np.abs(away))
    other = digits[0] + "".join(
        twin if exchange else digit
        for digit, twin, exchange in zip(digits[1:], twins[1:], exchanged, strict=True)
    )
    better = np.square(away - slope * np.where(exchanged, change, 0)).sum() < _BETTER * np.square(away).sum()
    return other[-len(text) :] if better and exchanged.any() and _obeys(other) else text


def _ink(digits: str) -> Lengths:
    """Dark modules of the twelve digits after the first, float64 ``(12,)``."""
    odd = _INK[[int(digit) for digit in digits[1:]]].astype(np.float64)
    turned = np.arange(12) >= 6
    turned[[int(place) - 1 for place in _EVEN[int(digits[0])]]] = True
    return np.where(turned, _DIGIT - odd, odd)


def _darkness(levels: Profile, start: float, end: float) -> Lengths:
    """Mean of each digit's samples, the darker the higher, float64 ``(12,)``."""
    sums = np.concatenate([[0.0], np.cumsum(levels, dtype=np.float64)])
    places = start + (end - start) * np.stack([_BEGINS, _BEGINS + _DIGIT]) / _MODULES
    before, after = np.interp(places + 0.5, np.arange(len(sums)), sums)
    return np.asarray((before - after) / (places[1] - places[0]), np.float64)


def _obeys(digits: str) -> bool:
    """Return whether a text obeys the check digit."""
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10 == 0
