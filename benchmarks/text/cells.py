"""Agreement of tables that were found with a true one, cell by cell."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from imgcore.tables import Table

Cell = tuple[int, int, int, int, str]
"""Row, column, rows and columns that it takes, and text."""


def cells_right(true: Sequence[Cell], found: Sequence[Table]) -> int:
    """Return how many cells with a text one found table has in the same place, with the same spans.

    Where the whole table is moved by rows or columns, as by a title that was taken for its first row, that
    counts once: places are compared after the shift that most cells agree with.
    """
    return max((_right(true, table) for table in found), default=0)


def _right(true: Sequence[Cell], table: Table) -> int:
    shifts = Counter(
        (cell.row - row, cell.column - column)
        for row, column, rows, columns, text in true
        for cell in table.cells
        if (cell.row_span, cell.column_span, _plain(cell.text)) == (rows, columns, _plain(text))
        and _plain(text)
    )
    return max(shifts.values(), default=0)


def _plain(text: str) -> str:
    """Return a text without spaces, wide forms as the usual ones, capitals as small letters."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
