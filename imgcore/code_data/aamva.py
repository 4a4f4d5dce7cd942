"""Driving licences and identity cards of North America.

References
----------
AAMVA DL/ID Card Design Standard (2020), annex D.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from imgcore.checks.dates import is_date
from imgcore.code_data.parsed import ParsedData, Scheme

_HEAD = re.compile(
    r"@\n[\x1c\x1e]\r(?:ANSI |AAMVA)([0-9]{6})([0-9]{2})([0-9]{2})?([0-9]{2})(?=[A-Z]{2}[0-9]{8})"
)
"""Compliance indicator, separators, type, issuer, version, jurisdiction's version and number of subfiles."""
_SUBFILE = re.compile(r"([A-Z][A-Z0-9])([0-9]{4})([0-9]{4})")
"""Type, offset and length of a subfile."""
_CARDS = frozenset({"DL", "ID", "EN"})
"""Subfiles of a card; others are a jurisdiction's own."""
_ELEMENT = re.compile(r"([A-Z]{3})([^\n\r]*)")
_DATES = ("DBA", "DBB", "DBD", "DDB", "DDC", "DDH", "DDI", "DDJ")
"""Elements that are days."""
_MANDATORY = ("DAQ", "DCS", "DAC", "DBB", "DBD", "DBA", "DAG", "DAI", "DAJ", "DAK", "DCG")
"""Elements that every card has since version 4."""
_SINCE = 4
_COUNTRIES = frozenset({"USA", "CAN"})
_SEXES = frozenset({"1", "2", "9"})
_MOST = 16
"""Most subfiles of a card."""


def parsed(text: str) -> ParsedData | None:
    """Return the elements of a card's subfiles by their identifiers, with ``IIN`` and ``version``; or None.

    Problems are ``subfile.place`` where one is not where the head says, ``missing``, ``format``, ``date``,
    and ``order`` of days that cannot follow each other.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    fields = {"IIN": head[1], "version": head[2]}
    problems: list[str] = []
    at = head.end()
    for _ in range(min(int(head[4]), _MOST)):
        entry = _SUBFILE.match(text, at)
        if entry is None:
            problems.append("subfile.missing")
            break
        at = entry.end()
        content = _subfile(text, entry)
        if content is None:
            problems.append("subfile.place")
        elif entry[1] in _CARDS:
            fields |= {key: value.strip() for key, value in _ELEMENT.findall(content)}
    country = fields.get("DCG", "USA")
    for key in _DATES:
        if fields.get(key):
            fields[key], wrong = _day(fields[key], country)
            problems += [f"{key}.date"] * wrong
    problems += _problems(fields)
    return ParsedData(Scheme.AAMVA, fields, tuple(dict.fromkeys(problems)))


def _subfile(text: str, entry: re.Match[str]) -> str | None:
    """Return the elements of a subfile; None where it is not in its place."""
    start = int(entry[2])
    whole = text[start : start + int(entry[3])]
    if not whole.startswith(entry[1]) or not whole.endswith("\r"):
        return None
    return whole[len(entry[1]) :]


def _day(value: str, country: str) -> tuple[str, bool]:
    """Return a day as year-month-day, and whether it is none: Canada writes its year first."""
    if not re.fullmatch("[0-9]{8}", value):
        return value, True
    plain = value if country == "CAN" else value[4:] + value[:4]
    return (f"{plain[:4]}-{plain[4:6]}-{plain[6:]}", False) if is_date(plain) else (value, True)


def _problems(fields: dict[str, str]) -> Iterable[str]:
    if int(fields["version"]) >= _SINCE:
        yield from (f"{key}.missing" for key in _MANDATORY if not fields.get(key))
    if fields.get("DCG") and fields["DCG"] not in _COUNTRIES:
        yield "DCG.format"
    if fields.get("DBC") and fields["DBC"] not in _SEXES:
        yield "DBC.format"
    if fields.get("DAJ") and not re.fullmatch("[A-Z]{2}", fields["DAJ"]):
        yield "DAJ.format"
    for earlier, later in (("DBB", "DBD"), ("DBD", "DBA")):
        one = fields.get(earlier, "")
        other = fields.get(later, "")
        if "-" in one and "-" in other and one >= other:
            yield f"{later}.order"
