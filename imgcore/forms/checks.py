"""Checks of what zones say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from imgcore.checks.bank_number import luhn_digit
from imgcore.checks.confusions import in_alphabet
from imgcore.checks.credit_code import is_credit_code
from imgcore.checks.dates import is_date
from imgcore.checks.gs1_number import has_gs1_digit
from imgcore.checks.mrz import check_digit
from imgcore.checks.resident_number import resident_number
from imgcore.forms.form import CheckRule, FormZone, ZoneKind

_SPACES = re.compile(r"\s+")
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MRZ = re.compile(r"[0-9A-Z<]+[0-9]")
_FIGURES = "0123456789.,-+/ "
_CHARACTERS: Mapping[str, Callable[[str], bool]] = {
    "9": lambda one: one.isascii() and one.isdigit(),
    "A": lambda one: one.isalpha(),
    "X": lambda one: one.isalnum(),
}
"""Characters that a character of a mask stands for."""


def value(zone: FormZone, text: str) -> str:
    """Return what a zone says: a number in figures, a date as year-month-day, another text as read."""
    text = _SPACES.sub(" ", text).strip()
    if zone.kind is ZoneKind.NUMBER and not set(zone.mask) & set("AX"):
        return in_alphabet(text, _FIGURES).replace(" ", "")
    if zone.kind is ZoneKind.DATE:
        return _day(text)
    for choice in zone.choices:
        if _bare(choice) == _bare(text):
            return choice
    return text


def _bare(text: str) -> str:
    return _SPACES.sub("", text).casefold()


def _day(text: str) -> str:
    if found := _DATE.fullmatch(text) or _EIGHT.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return text
    return f"{year}-{int(month):02}-{int(day):02}"


def problem(zone: FormZone, said: str) -> str:
    """Return the check that a text does not pass, by its name; empty where all hold.

    Returns
    -------
    str
        ``empty``, ``date``, ``mask``, ``check`` or ``list``.
    """
    if not said:
        return "empty" if zone.required else ""
    if zone.kind is ZoneKind.DATE and not is_date(said.replace("-", "")):
        return "date"
    if zone.mask and not _fits(zone.mask, said):
        return "mask"
    if zone.check is not None and not _CHECKS[zone.check](said):
        return "check"
    if zone.choices and said not in zone.choices:
        return "list"
    return ""


def is_checked(zone: FormZone) -> bool:
    """Return whether anything about a zone's text is checked."""
    return bool(zone.kind is ZoneKind.DATE or zone.mask or zone.check or zone.choices)


def _fits(mask: str, text: str) -> bool:
    if len(mask) != len(text):
        return False
    pairs = zip(mask, text, strict=True)
    return all(_CHARACTERS[place](one) if place in _CHARACTERS else place == one for place, one in pairs)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isdigit())


def _holds_luhn(text: str) -> bool:
    digits = _digits(text)
    return len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]


def _holds_gs1(text: str) -> bool:
    digits = _digits(text)
    return len(digits) > 1 and has_gs1_digit(digits)


def _holds_mrz(text: str) -> bool:
    return bool(_MRZ.fullmatch(text)) and check_digit(text[:-1]) == text[-1]


_CHECKS: Mapping[CheckRule, Callable[[str], bool]] = {
    CheckRule.LUHN: _holds_luhn,
    CheckRule.GS1: _holds_gs1,
    CheckRule.RESIDENT: lambda text: resident_number(text.upper()) is not None,
    CheckRule.CREDIT_CODE: is_credit_code,
    CheckRule.MRZ: _holds_mrz,
}
"""Rules of check digits by their names."""
