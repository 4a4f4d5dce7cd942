"""Dates as documents print them, in the form YYYYMMDD."""

from __future__ import annotations

import re
from datetime import date

LONG_TERM = "长期"
"""Last day of a document that does not expire."""

_CHINESE = re.compile(r"([12]\d{3})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?")
"""A day with 年, 月 and 日 behind its numbers."""
_SEPARATED = re.compile(r"(?<!\d)([12]\d{3})\s*[.．·,，/\-]\s*(\d{1,2})\s*[.．·,，/\-]\s*(\d{1,2})(?!\d)")
"""A day with marks between its numbers."""
_COMPACT = re.compile(r"(?<!\d)([12]\d{3})(\d{2})(\d{2})(?!\d)")
"""A day of eight digits in a row."""


def is_date(text: str) -> bool:
    """Return whether YYYYMMDD is a day of the calendar from 1900 to 2099; no document names a later one."""
    if not re.fullmatch(r"(19|20)\d{6}", text, re.ASCII):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def dates_in(text: str) -> list[str]:
    """Return the days that a text names, in its order: 2030年1月8日, 2030.01.08, 2030-1-8 or 20300108."""
    found = [match for form in (_CHINESE, _SEPARATED, _COMPACT) for match in form.finditer(text)]
    found.sort(key=lambda match: match.start())
    days = [f"{match[1]}{int(match[2]):02}{int(match[3]):02}" for match in found]
    return [day for day in days if is_date(day)]


def has_passed(until: str, today: date) -> bool | None:
    """Return whether a last day, YYYYMMDD, MM/YY or 长期, lies before `today`; None for other text."""
    if until == LONG_TERM:
        return False
    if month := re.fullmatch(r"(0[1-9]|1[0-2])/(\d{2})", until, re.ASCII):
        return (2000 + int(month[2]), int(month[1])) < (today.year, today.month)
    return until < f"{today:%Y%m%d}" if is_date(until) else None


def full_year(two_digits: str, born: bool, born_after: int = 30) -> str:
    """Return YYYYMMDD of a date of which the century is not printed, YYMMDD; empty where no year is.

    Parameters
    ----------
    born
        True for a date of birth: years up to `born_after` are of this century. An expiry always is.
    """
    year = two_digits[:2]
    if not (year.isascii() and year.isdigit()):
        return ""
    return ("19" if born and int(year) > born_after else "20") + two_digits
