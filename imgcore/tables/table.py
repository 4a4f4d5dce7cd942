"""Tables and their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imgcore.types import Points

_NUMBER = re.compile(r"[-+−]?(?:\d{1,15}|\d{1,3}(?:[,，]\d{3}){1,4})(?:\.\d{1,10})?")
"""Number in figures with a sign, separators of thousands and decimals."""
_LONGEST = 15
"""Digits that a spreadsheet keeps of a number; what has more is a text, such as a card's number."""


@dataclass(frozen=True, slots=True, eq=False)
class TableCell:
    """Cell of a table.

    Attributes
    ----------
    row, column
        Its place, from 0.
    row_span, column_span
        Rows and columns that it takes.
    text
        Its lines, one after the other; empty without any.
    corners
        float32 ``(4, 2)`` on the picture, clockwise from the cell's own top left.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    corners: Points

    @property
    def number(self) -> float | None:
        """The number that its text is; None for other texts, long ones, and those that begin with 0."""
        text = self.text.strip()
        digits = re.sub(r"\D", "", text)
        coded = len(digits) > 1 and re.match(r"[-+−]?0\d", text)
        if not _NUMBER.fullmatch(text) or len(digits) > _LONGEST or coded:
            return None
        return float(re.sub("[,，]", "", text).replace("−", "-"))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Table on a picture.

    Attributes
    ----------
    rows, columns
        Their numbers.
    cells
        Row by row; each place of the table is in one of them.
    corners
        float32 ``(4, 2)`` on the picture, clockwise from the table's own top left.
    ruled
        True if its cells are parted by rules.
    """

    rows: int
    columns: int
    cells: Sequence[TableCell]
    corners: Points
    ruled: bool
