"""Passports, identity cards and visas with a machine-readable zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from imgcore.checks.confusions import DIGITS, in_alphabet
from imgcore.checks.mrz import Zone, read_zone
from imgcore.checks.states import STATES
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import GAP, Cell, Row
from imgcore.types import Points

_LINE = re.compile(r"[0-9A-Z<]{26,48}")
"""Line of a machine-readable zone."""
_LEAST_TERM = timedelta(days=90)
"""Least time from a birth to the end of a document that was issued after it."""
_FILLERS = str.maketrans(
    {"«": "<<", "‹": "<", "＜": "<", "〈": "<", "《": "<<", "(": "<", "|": "I", " ": "", GAP: ""}
)
"""Characters that no zone has, and those that they are taken for; blanks and gaps are left out."""


def read_travel_document(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of the zone; None where the rows have none."""
    lines = [(row, text) for row in rows if (text := _zone_line(row))]
    for count in (3, 2):
        zone = read_zone([text for _, text in lines[-count:]]) if len(lines) >= count else None
        if zone is not None:
            return _draft(zone, [row for row, _ in lines[-count:]], rows)
    return None


def _zone_line(row: Row) -> str:
    """Return a row's text as a line of a zone; empty if it is none."""
    text = row.text.upper().translate(_FILLERS)
    return text if _LINE.fullmatch(text) and ("<" in text or len(text) in (30, 36, 44)) else ""


def _draft(zone: Zone, lines: Sequence[Row], rows: Sequence[Row]) -> Draft:
    said = {
        "surname": zone.surname,
        "givenNames": zone.given_names,
        "number": zone.number,
        "nationality": zone.nationality,
        "birth": _dashed(zone.birth),
        "gender": zone.sex,
        **({"expiry": _dashed(zone.expiry)} if zone.expiry else {}),
        "personalNumber": zone.personal_number,
        "mrz": "\n".join(zone.lines),
    }
    score = min(cell.line.score for row in lines for cell in row.cells)
    whole = tuple(place for row in lines for place in row.value(0, len(row.text)).places)
    print_lines = [cell for row in rows if row not in lines for cell in row.cells]
    copies = {name: _copies(said[name], print_lines) for name in ("surname", "givenNames", "number")}
    values = {
        name: Value(text, score, (*whole, *copies.get(name, ())))
        for name, text in said.items()
        if text or name != "expiry"
    }
    broken = [f"{name}.check" for name in zone.failed]
    broken += [f"{name}.missing" for name in ("surname", "number") if not said[name]]
    unchecked: tuple[str, ...] = ("surname", "givenNames", "nationality", "gender", "mrz")
    if not zone.layout.startswith("TD"):
        # One check digit alone passes one of ten wrong texts: the zone of a visa has to be read alike twice.
        unchecked = tuple(said)
    unconfirmed = [
        f"{name}.uncertain" for name in ("surname", "givenNames") if said[name] and not copies[name]
    ]
    return Draft("passport", values, tuple(broken), unchecked, (*_doubts(zone), *unconfirmed))


def _doubts(zone: Zone) -> tuple[str, ...]:
    """Return what no check digit covers and is not as it should be."""
    doubts = ("mrz.repaired",) if zone.repaired else ()
    if not _is_issued_after_birth(zone):
        doubts = (*doubts, "birth.uncertain")
    unknown = not {zone.issuer, zone.nationality} <= STATES
    # Hardly any state gives passports to others' citizens; a visa is for them.
    abroad = zone.layout.startswith("TD") and zone.issuer != zone.nationality
    return (*doubts, "mrz.uncertain") if unknown or abroad else doubts


def _is_issued_after_birth(zone: Zone) -> bool:
    """Return whether a document ends some time after its holder's birth, whose century is not printed."""
    try:
        expiry = date(int(zone.expiry[:4]), int(zone.expiry[4:6]), int(zone.expiry[6:]))
        birth = date(int(zone.birth[:4]), max(1, int(zone.birth[4:6])), max(1, int(zone.birth[6:])))
    except ValueError:
        # What is no date is told by its own check.
        return True
    return expiry - birth >= _LEAST_TERM


def _copies(text: str, print_lines: Sequence[Cell]) -> tuple[Points, ...]:
    """Return the places where people read the same as the zone says."""
    wanted = _alike(text)
    return tuple(
        cell.place(0, len(cell.text))
        for cell in print_lines
        if wanted and wanted in _alike(cell.text.upper())
    )


def _alike(text: str) -> str:
    """Return letters and digits, those that look alike as one."""
    return in_alphabet(re.sub(r"[^0-9A-Z|]", "", text), DIGITS)


def _dashed(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
