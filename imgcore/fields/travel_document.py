"""Passports, identity cards and visas with a machine-readable zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.mrz import Zone, read_zone
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import GAP, Row

_LINE = re.compile(r"[0-9A-Z<]{26,48}")
_FILLERS = str.maketrans({"«": "<<", "‹": "<", "＜": "<", "〈": "<", "《": "<<", "(": "<", " ": "", GAP: ""})


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
        "expiry": _dashed(zone.expiry),
        "personalNumber": zone.personal_number,
        "mrz": "\n".join(zone.lines),
    }
    score = min(cell.line.score for row in lines for cell in row.cells)
    whole = tuple(place for row in lines for place in row.value(0, len(row.text)).places)
    values = {name: Value(text, score, whole) for name, text in said.items()}
    printed = _printed(rows, lines)
    values |= {name: _also(values[name], printed) for name in ("surname", "givenNames", "number")}
    broken = tuple(f"{name}.check" for name in zone.failed)
    unchecked: tuple[str, ...] = ("surname", "givenNames", "nationality", "gender", "mrz")
    doubts = ("mrz.repaired",) if zone.repaired else ()
    if not zone.surname:
        broken += ("surname.missing",)
    # One check digit alone passes one of ten wrong texts: a zone of a visa is read alike twice.
    if not zone.layout.startswith("TD"):
        unchecked = tuple(said)
    return Draft("passport", values, broken, unchecked, doubts)


def _printed(rows: Sequence[Row], lines: Sequence[Row]) -> list[tuple[Row, int]]:
    """Return the start of each line of print outside of the zone, for the copies of fields there."""
    return [(row, at) for row in rows if row not in lines for at in range(len(row.cells))]


def _also(value: Value, printed: Sequence[tuple[Row, int]]) -> Value:
    """Return a value with the places where people read the same."""
    wanted = re.sub(r"[^0-9A-Z]", "", value.text)
    found = [
        row.cells[at].place(0, len(row.cells[at].text))
        for row, at in printed
        if wanted and wanted in re.sub(r"[^0-9A-Z]", "", row.cells[at].text.upper())
    ]
    return Value(value.text, value.score, (*value.places, *found))


def _dashed(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
