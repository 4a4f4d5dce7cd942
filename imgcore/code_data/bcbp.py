"""Bar coded boarding passes.

References
----------
IATA Resolution 792, version 8; Bar Coded Boarding Pass Implementation Guide, 7th edition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from imgcore.code_data.parsed import ParsedData, Scheme

_HEAD = re.compile(r"M(?P<legs>[1-9])(?P<name>[A-Z][A-Z /'.-]{19})(?P<ticket>[E ])")
"""Format, number of legs, passenger, and whether the ticket is electronic."""
_LEG = re.compile(
    r"(?P<pnr>[A-Z0-9 ]{7})(?P<from>[A-Z]{3})(?P<to>[A-Z]{3})(?P<carrier>[A-Z0-9]{2}[A-Z ])"
    r"(?P<flight>[0-9]{4}[A-Z ]|[0-9 ]{5})(?P<day>[0-9]{3})(?P<cabin>[A-Z])(?P<seat>[0-9A-Z ]{4})"
    r"(?P<sequence>[0-9A-Z ]{5})(?P<status>[0-9A-Z])(?P<size>[0-9A-F]{2})"
)
"""Booking, airports, carrier, flight, day of the year, cabin, seat, number at check-in, status of the
passenger, and the length of what is conditional, in hexadecimal."""
_DAYS = 366


def parsed(text: str) -> ParsedData | None:
    """Return the mandatory fields of a boarding pass; those of further legs as ``2.from``; or None.

    ``day`` is that of a year that a pass does not tell. Problems are ``legs.missing`` for a leg that is not
    there, ``size.format`` for lengths that do not add up, ``day.date`` for one that no year has, and
    ``to.same`` for an airport that is left for itself.
    """
    head = _HEAD.match(text)
    first = _LEG.match(text, head.end()) if head is not None else None
    if head is None or first is None:
        return None
    fields = {"name": head["name"].strip(), "legs": head["legs"], "ticket": head["ticket"].strip()}
    problems: list[str] = []
    at = head.end()
    for number in range(1, int(head["legs"]) + 1):
        leg = _LEG.match(text, at)
        if leg is None:
            problems.append("legs.missing")
            return ParsedData(Scheme.BCBP, fields, tuple(problems))
        prefix = f"{number}." if number > 1 else ""
        values = {name: value.strip() for name, value in leg.groupdict().items() if name != "size"}
        fields |= {f"{prefix}{name}": value for name, value in values.items()}
        problems += [f"{prefix}{problem}" for problem in _problems(values)]
        at = leg.end() + int(leg["size"], 16)
    if not _ends(text, at):
        problems.append("size.format")
    return ParsedData(Scheme.BCBP, fields, tuple(problems))


def _problems(values: Mapping[str, str]) -> list[str]:
    found = [] if 1 <= int(values["day"]) <= _DAYS else ["day.date"]
    return [*found, "to.same"] if values["from"] == values["to"] else found


def _ends(text: str, at: int) -> bool:
    """Return whether a text ends there, or a signature with its own length follows."""
    if not text[at:].strip():
        return at <= len(text)
    signed = re.fullmatch(r"\^[0-9]([0-9A-F]{2})(.*)", text[at:], re.DOTALL)
    return signed is not None and len(signed[2]) == int(signed[1], 16)
