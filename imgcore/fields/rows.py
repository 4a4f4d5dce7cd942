"""Rows of text on a straightened document: lines side by side as one text that knows each one's place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imgcore.fields.document import Value
from imgcore.text import TextLine
from imgcore.types import Points

GAP = "\t"
"""Character between two lines of a row that lie apart."""
_APART = 0.5
"""Distance from which two lines lie apart, in their heights."""
_TALL = 1.6
"""Ratio of height to width above which a line is read downwards."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A line without its spaces, in a box of shares of the document's width and height.

    Attributes
    ----------
    indices
        The place of each character in the line's own text.
    """

    line: TextLine
    text: str
    indices: tuple[int, ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Share of the document's height."""
        return self.bottom - self.top

    def place(self, start: int, end: int) -> Points:
        """Return the corners of some characters on the straightened document."""
        return self.line.part(self.indices[start], self.indices[end - 1] + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Cells side by side.

    Attributes
    ----------
    text
        Their texts from the left, with `GAP` between those that lie apart.
    origins
        The cell and the index in its text of each character; None for a gap.
    aspect
        Width of the document in heights.
    """

    cells: tuple[Cell, ...]
    text: str
    origins: tuple[tuple[int, int] | None, ...]
    aspect: float

    @property
    def top(self) -> float:
        """Share of the document's height."""
        return min(cell.top for cell in self.cells)

    @property
    def bottom(self) -> float:
        """Share of the document's height."""
        return max(cell.bottom for cell in self.cells)

    def value(self, start: int, end: int, text: str | None = None) -> Value:
        """Return a part of the row as a field's value, which says `text` if that is given."""
        taken: dict[int, list[int]] = {}
        for origin in self.origins[start:end]:
            if origin is not None:
                taken.setdefault(origin[0], []).append(origin[1])
        said = self.text[start:end].replace(GAP, "") if text is None else text
        places = tuple(self.cells[at].place(min(held), max(held) + 1) for at, held in taken.items())
        return Value(said, min((self.cells[at].line.score for at in taken), default=0.0), places)

    def found(self, match: re.Match[str], group: int | str = 1, text: str | None = None) -> Value:
        """Return a group of a match in the row's text as a value."""
        return self.value(*match.span(group), text)


def cells_of(lines: Iterable[TextLine], shape: tuple[int, ...]) -> list[Cell]:
    """Return level lines of text as cells, those that are read downwards left out."""
    size = np.array([shape[1], shape[0]], np.float64)
    cells = []
    for line in lines:
        extent = np.ptp(line.corners, axis=0)
        kept = tuple(at for at, character in enumerate(line.text) if not character.isspace())
        if not kept or (line.vertical or (len(kept) > 1 and extent[1] > _TALL * extent[0])):
            continue
        low = line.corners.min(axis=0) / size
        high = line.corners.max(axis=0) / size
        text = "".join(line.text[at] for at in kept)
        cells.append(Cell(line, text, kept, float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return cells


def rows_of(cells: Sequence[Cell], aspect: float) -> list[Row]:
    """Group cells into rows from the top; one of a row starts within the height of its first.

    Parameters
    ----------
    aspect
        Width of the document in heights.
    """
    waiting = sorted(cells, key=lambda cell: cell.middle)
    rows = []
    while waiting:
        first = waiting[0]
        row = [
            cell for cell in waiting if abs(cell.middle - first.middle) < 0.5 * max(first.height, cell.height)
        ]
        rows.append(_row(sorted(row, key=lambda cell: cell.left), aspect))
        waiting = [cell for cell in waiting if cell not in row]
    return rows


def beside(rows: Iterable[Row], right: float) -> list[Row]:
    """Return rows without the cells that begin to the right of a share of the width."""
    kept = [([cell for cell in row.cells if cell.left < right], row.aspect) for row in rows]
    return [_row(cells, aspect) for cells, aspect in kept if cells]


def search(rows: Iterable[Row], pattern: str | re.Pattern[str]) -> tuple[Row, re.Match[str]] | None:
    """Return the first row in which a pattern is found, and where."""
    return next(searches(rows, pattern), None)


def searches(rows: Iterable[Row], pattern: str | re.Pattern[str]) -> Iterator[tuple[Row, re.Match[str]]]:
    """Yield each place in rows at which a pattern is found."""
    form = re.compile(pattern)
    for row in rows:
        for match in form.finditer(row.text):
            yield row, match


def joined(values: Sequence[Value]) -> Value:
    """Return values one after the other as one."""
    places = tuple(place for value in values for place in value.places)
    return Value("".join(value.text for value in values), min(value.score for value in values), places)


def _row(cells: list[Cell], aspect: float) -> Row:
    text = ""
    right = -1.0
    origins: list[tuple[int, int] | None] = []
    for number, cell in enumerate(cells):
        if number and (cell.left - right) * aspect > _APART * cell.height:
            text += GAP
            origins.append(None)
        text += cell.text
        origins += [(number, at) for at in range(len(cell.text))]
        right = cell.right
    return Row(tuple(cells), text, tuple(origins), aspect)
