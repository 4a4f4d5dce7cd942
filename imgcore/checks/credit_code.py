"""The unified social credit identifier of firms and bodies in China (GB 32100), which is their tax number."""

from __future__ import annotations

import re

from imgcore.checks.resident_number import PROVINCES

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters of an identifier: digits and letters without I, O, S, V and Z."""

_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}[0-9A-HJ-NPQRTUWXY]")
"""Characters of an identifier: registry and kind, division, organisation, check character."""
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the eight characters of an organisation's code: GB 11714."""


def check_character(first: str) -> str:
    """Return the eighteenth character of seventeen: ISO 7064 like, weights 3^i modulo 31."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return ALPHABET[-total % 31]


def organisation_check(first: str) -> str:
    """Return the ninth character of an organisation's code of eight: GB 11714."""
    values = (int(character, 36) for character in first)
    return "0123456789X"[-sum(w * value for w, value in zip(_ORGANISATION, values, strict=True)) % 11]


def is_credit_code(text: str) -> bool:
    """Return whether form, province and both check characters of an identifier hold."""
    if not _FORM.fullmatch(text) or (text[2:4] not in PROVINCES and text[2:4] != "10"):
        return False
    return text[16] == organisation_check(text[8:16]) and text[17] == check_character(text[:17])


def alphabets() -> list[str]:
    """Return the characters allowed at each of the eighteen places."""
    return [ALPHABET] * 2 + ["0123456789"] * 6 + [ALPHABET] * 10
