"""Numbers of bank cards: ISO/IEC 7812."""

from __future__ import annotations

import re

from imgcore.checks.confusions import DIGITS, in_alphabet
from imgcore.checks.resident_number import resident_number

LENGTHS = range(13, 20)
"""Numbers of digits that a card's number has: thirteen to nineteen."""

_ISSUERS = re.compile(r"[234569]")
"""Major industry identifiers of payment cards: airlines' and petrol cards among them, 9 for national ones."""
_GROUPS = re.compile(
    r"\d{4} ?\d{4} ?\d{4} ?\d{1,7}|\d{4} ?\d{6} ?\d{4,5}|\d{6} ?\d{13}|\d{4}( ?\d{4}){3} ?\d{3}"
)
"""Digits of a number, all together or in the groups in which cards print them."""


def luhn_digit(digits: str) -> str:
    """Return the last digit of a number without it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_bank_number(text: str) -> bool:
    """Return whether digits without spaces are of a card's length and issuers, and their last one fits."""
    if not re.fullmatch(r"\d+", text, re.ASCII) or len(text) not in LENGTHS:
        return False
    right = bool(_ISSUERS.match(text)) and luhn_digit(text[:-1]) == text[-1]
    if len(set(text[:-1])) == 1:
        # A sample: no account has it.
        return False
    # One resident number in ten holds by Luhn's rule too.
    return right and resident_number(text) is None


def digits_in(text: str) -> str:
    """Return the digits of a line of print that is a card's number; empty for another line.

    That is one laid out as cards' numbers mostly are, and one of any groups whose last digit fits.
    Letters are taken for the digits they look like where most of the line is digits.
    """
    printed = re.sub(r"[.\-·]", " ", text.upper().strip())
    if sum(character in DIGITS for character in printed) < 10:
        return ""
    read = " ".join(in_alphabet(printed, DIGITS + " ").split())
    digits = read.replace(" ", "")
    return digits if _GROUPS.fullmatch(read) or is_bank_number(digits) else ""
