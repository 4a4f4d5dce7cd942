"""Cards of foreigners with permanent residence, of 2023."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.dates import dates_in
from imgcore.checks.resident_number import FOREIGNER, number_in
from imgcore.fields.document import Draft, Value
from imgcore.fields.resident_card import contradictions, dashed, term_holds
from imgcore.fields.rows import GAP, Row, search, searches

_TITLE = re.compile("永久居留|PERMANENTRESIDEN", re.IGNORECASE)
"""Title of the card in Chinese or English."""
_DAY = r"[12]\d{3}[.．·,]?\d{2}[.．·,]?\d{2}"
"""Day as year, month and day in figures."""
_LATIN = re.compile(r"(?:^|\t)([A-Z][A-Z,'-]{0,40}[A-Z])(?![A-Za-z0-9])")
"""Name in Latin capitals at the start of a line."""


def read_foreigner(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of the side with the portrait; None if it is not this."""
    number = _number(rows)
    if number is None or search(rows, _TITLE) is None:
        return None
    term = search(rows, rf"({_DAY})\t?[-—–~至]{{1,2}}\t?({_DAY})")
    values: dict[str, Value | None] = {
        "name": _beside(rows, "(?:姓名|Name)", r"[\u3400-\u9fff·]{2,20}"),
        "englishName": _latin_name(rows),
        "gender": _beside(rows, "(?:性别|Sex)", "[男女]"),
        "birth": _birth(rows),
        "nationality": _beside(rows, "(?:国籍|Nationality)", r"[\u3400-\u9fff]{2,20}"),
        "startDate": _day(*term, 1) if term else None,
        "endDate": _day(*term, 2) if term else None,
        "id": number,
    }
    said = {name: value for name, value in values.items() if value is not None}
    # Not everybody has a Chinese name.
    broken = [f"{name}.missing" for name in values if name not in said and name != "name"]
    broken += contradictions({name: said[name] for name in ("id", "birth", "gender") if name in said})
    if "startDate" in said and "endDate" in said:
        holds = term_holds(said["startDate"].text, said["endDate"].text)
        broken += [] if holds else ["endDate.check"]
    unchecked = tuple(name for name in said if name not in ("id", "birth", "gender"))
    # Long names are in small print, and nothing repeats them: reading them alike twice proves little.
    doubts = ("englishName.uncertain",) if "englishName" in said else ()
    return Draft("id-card-front", said, tuple(broken), unchecked, doubts)


def _number(rows: Sequence[Row]) -> Value | None:
    for row, match in searches(rows, r"(?<![0-9A-Z])([0-9OIZSBGDQL|]{17}[0-9OIZSBGDQLX×])(?![0-9A-Z])"):
        if (text := number_in(match[1])).startswith(FOREIGNER):
            return row.found(match, 1, text)
    return None


def _beside(rows: Sequence[Row], label: str, form: str) -> Value | None:
    """Return a text behind its label, which is printed in Latin letters, too."""
    found = search(rows, rf"{label}[/A-Za-z.]*[:：]?\t?({form})(?=\t|/|$|[A-Z])")
    return found[0].found(found[1]) if found else None


def _latin_name(rows: Sequence[Row]) -> Value | None:
    """Return the name in Latin letters, in the row of its label or the one below."""
    at = next((index for index, row in enumerate(rows) if re.search("姓名|Name", row.text)), None)
    if at is None:
        return None
    found = search(rows[at : at + 2], _LATIN)
    return found[0].found(found[1]) if found else None


def _birth(rows: Sequence[Row]) -> Value | None:
    found = search(rows, rf"(?:出生|Birth)[^\t0-9]*\t?({_DAY})")
    return _day(*found, 1) if found else None


def _day(row: Row, match: re.Match[str], group: int) -> Value | None:
    days = dates_in(re.sub(r"[^0-9]", "", match[group].replace(GAP, "")))
    return row.found(match, group, dashed(days[0])) if days else None
