"""Values of forms: texts beside their labels, with the lines that go on with them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.dates import dates_in
from imgcore.fields.document import Value
from imgcore.fields.rows import GAP, Cell, Row, joined, search

_LEADING = 2.0
"""Distance of a line's middle from that of the one above it, in heights, up to which it goes on."""
_MARGIN = 0.025
"""Share of the document's width within which lines begin alike."""
ENGLISH = "(?:[A-Z]?[a-z.]|VIN)+"
"""Label in English, as it stands in small print below or beside the one in Chinese."""


def labelled(rows: Sequence[Row], pattern: str, labels: str) -> Value | None:
    """Return the first group of a pattern, with the lines below that go on with it.

    Parameters
    ----------
    labels
        Regular expression of all labels of the form: a line that begins with one, or stands beside one,
        goes on with nothing.
    """
    found = search(rows, pattern)
    if found is None:
        return None
    row, match = found
    parts = [row.found(match)]
    origin = row.origins[match.start(1)]
    if origin is None or row.text[match.end(1) : match.end(1) + 1] not in ("", GAP):
        return parts[0]
    cell = row.cells[origin[0]]
    # A label and its value in one line: the value begins somewhere within it.
    left = cell.left + (cell.right - cell.left) * origin[1] / len(cell.text)
    below = [other for later in rows[rows.index(row) + 1 :] for other in later.cells]
    while (following := _continued(below, cell, left, labels)) is not None:
        parts.append(Value(following.text, following.line.score, (following.place(0, len(following.text)),)))
        cell = following
    return joined(parts)


def _continued(below: Sequence[Cell], above: Cell, left: float, labels: str) -> Cell | None:
    """Return the line that goes on with the one above it, from the same margin and without a label."""
    for cell in below:
        near = 0 < cell.middle - above.middle < _LEADING * above.height
        if near and abs(cell.left - left) < _MARGIN and not _is_labelled(cell, below, labels):
            return cell
    return None


def _is_labelled(cell: Cell, cells: Sequence[Cell], labels: str) -> bool:
    """Return whether a line begins with a label, or has one beside it."""
    before = [
        one
        for one in cells
        if one.right <= cell.left
        and abs(one.middle - cell.middle) < cell.height / 2
        and not re.fullmatch(ENGLISH, one.text)
    ]
    nearest = max(before, key=lambda one: one.right, default=cell)
    return any(re.match(labels, one.text) for one in (cell, nearest))


def dated(value: Value | None) -> Value | None:
    """Return a value that names a day as that day, year-month-day; None if it names none."""
    days = dates_in(value.text.replace(GAP, "").replace("—", "-")) if value is not None else []
    if value is None or not days:
        return None
    return Value(f"{days[0][:4]}-{days[0][4:6]}-{days[0][6:]}", value.score, value.places)
