"""Tables on a page out of its lines of text and its rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.tables.columns import aligned_rows
from imgcore.tables.rules import RuleGrid, grids
from imgcore.tables.table import Table, TableCell
from imgcore.text.crops import levelled
from imgcore.text.line import TextLine
from imgcore.types import Image, Points

_LEVEL = 0.1
"""Degrees of slope from which a page is set level."""
_HELD = 4
"""Least number of cells with text in a table that has rules."""
_FILLED = 0.25
"""Least share of the cells of a table with rules that have text."""
_UNSURE = 2
"""Number of characters by which a character's place in a line may be wrong."""
_SPARE = 0.3
"""Blank between two characters that belong to different cells, in widths of a wide character."""


class _Piece(NamedTuple):
    """Part of a line that is in one cell, with its middle and its height on the level page."""

    text: str
    x: float
    y: float
    height: float


def find_tables(image: Image, lines: Sequence[TextLine]) -> list[Table]:
    """Find the tables on a page, from the top.

    Parameters
    ----------
    image
        BGR or grey.
    lines
        Its lines of text, as `imgcore.text.TextReader` reads them.
    """
    if not lines:
        return []
    page, matrix = _level(image, lines)
    corners = [_moved(line.corners, matrix) for line in lines]
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    found = []
    left = list(range(len(lines)))
    for grid in grids(page, corners):
        inside = [at for at in left if _within(corners[at], grid)]
        table = _ruled(grid, [(lines[at], corners[at]) for at in inside], back)
        if table is not None:
            found.append(table)
            left = [at for at in left if at not in inside]
    for rows in aligned_rows([corners[at] for at in left]):
        numbered = [[(left[at], column, span) for at, column, span in row] for row in rows]
        found.append(_unruled(numbered, lines, corners, back))
    return sorted(found, key=lambda table: float(table.corners[:, 1].min()))


def _level(image: Image, lines: Sequence[TextLine]) -> tuple[Image, npt.NDArray[np.float64]]:
    """Return the page set level by its text, and the way to its pixels."""
    edges = [line.corners[1] - line.corners[0] for line in lines if not line.vertical]
    across, down = np.sum(edges, axis=0) if edges else (1.0, 0.0)
    slope = float(np.degrees(np.arctan2(down, across)))
    if abs(slope) < _LEVEL:
        return image, np.eye(2, 3)
    return levelled(image, slope)


def _within(corners: Points, grid: RuleGrid) -> bool:
    x, y = corners.mean(axis=0)
    return bool(grid.xs[0] <= x <= grid.xs[-1] and grid.ys[0] <= y <= grid.ys[-1])


def _ruled(
    grid: RuleGrid, lines: Sequence[tuple[TextLine, Points]], back: npt.NDArray[np.floating]
) -> Table | None:
    owner = _owners(grid)
    texts: dict[int, list[_Piece]] = {}
    for line, corners in lines:
        for cell, piece in _pieces(line, corners, grid, owner):
            texts.setdefault(cell, []).append(piece)
    if len(texts) < max(_HELD, _FILLED * len(np.unique(owner))):
        return None
    cells = []
    for cell in sorted(set(owner.ravel().tolist())):
        rows, columns = np.nonzero(owner == cell)
        top = rows.min()
        bottom = rows.max() + 1
        left = columns.min()
        right = columns.max() + 1
        box = _box(grid.xs[left], grid.ys[top], grid.xs[right], grid.ys[bottom])
        text = _joined(texts.get(cell, []))
        cells.append(
            TableCell(int(top), int(left), int(bottom - top), int(right - left), text, _moved(box, back))
        )
    whole = _box(grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1])
    return Table(len(grid.ys) - 1, len(grid.xs) - 1, cells, _moved(whole, back), True)


def _owners(grid: RuleGrid) -> npt.NDArray[np.int64]:
    """Return for each place the number of its cell, which is a rectangle: the number of its first place."""
    rows, columns = grid.below.shape
    owner = np.full((rows, columns), -1, np.int64)
    for row in range(rows):
        for column in range(columns):
            if owner[row, column] >= 0:
                continue
            right = column + 1
            while right < columns and not grid.right[row, right - 1] and owner[row, right] < 0:
                right += 1
            bottom = row + 1
            while bottom < rows and not grid.below[bottom - 1, column:right].any():
                bottom += 1
            owner[row:bottom, column:right] = row * columns + column
    return owner


def _pieces(
    line: TextLine, corners: Points, grid: RuleGrid, owner: npt.NDArray[np.int64]
) -> Iterator[tuple[int, _Piece]]:
    """Yield the parts of a line by the cells they are in: what stands in two may have been found as one."""
    start = (corners[0] + corners[3]) / 2
    end = (corners[1] + corners[2]) / 2
    height = float(np.linalg.norm(corners[3] - corners[0]))
    middles = start + line.spans.mean(axis=1, keepdims=True) * (end - start)
    columns = np.clip(np.searchsorted(grid.xs, middles[:, 0]) - 1, 0, owner.shape[1] - 1)
    rows = np.clip(np.searchsorted(grid.ys, middles[:, 1]) - 1, 0, owner.shape[0] - 1)
    across = np.full_like(columns, round(float(np.median(columns)))) if line.vertical else columns
    down = rows if line.vertical else np.full_like(rows, round(float(np.median(rows))))
    for first, last, cell in _parts(owner[down, across], _spare(line), line.text):
        text = line.text[first:last].strip()
        if text:
            x, y = middles[first:last].mean(axis=0)
            yield cell, _Piece(text, float(x), float(y), height)


def _parts(
    cells: npt.NDArray[np.int64], spare: npt.NDArray[np.floating], text: str
) -> Iterator[tuple[int, int, int]]:
    """Yield first and end of the characters of each cell, and the cell.

    They are parted at a blank near the rule, or where most room is. A character alone that is beyond the rule
    without more room than between others is of the same cell: its place is not known that well.
    """
    parts = [(0, int(cells[0]))]
    for change in np.flatnonzero(np.diff(cells)):
        first = max(0, int(change) - _UNSURE)
        end = int(change) + _UNSURE + 1
        cell = int(cells[change + 1])
        blank = text.find(" ", first + 1, end + 1)
        cut = blank if blank > 0 else first + int(np.argmax(spare[first:end])) + 1
        before = cut - parts[-1][0]
        after = len(text) - cut
        if before > 0 and (blank > 0 or min(before, after) >= _UNSURE or spare[cut - 1] > _SPARE):
            parts.append((cut, cell))
        elif before < _UNSURE:
            parts[-1] = parts[-1][0], cell
    ends = [*(start for start, _ in parts[1:]), len(text)]
    yield from ((start, end, cell) for (start, cell), end in zip(parts, ends, strict=True))


def _spare(line: TextLine) -> npt.NDArray[np.floating]:
    """Return the room between characters beyond their widths, in wide characters."""
    widths = np.array([0.0 if one.isspace() else 1.0 if _is_wide(one) else 0.55 for one in line.text])
    middles = line.spans.mean(axis=1) * widths.sum()
    return np.asarray(np.diff(middles) - (widths[1:] + widths[:-1]) / 2)


def _unruled(
    rows: Sequence[Sequence[tuple[int, int, int]]],
    lines: Sequence[TextLine],
    corners: Sequence[Points],
    back: npt.NDArray[np.floating],
) -> Table:
    """Return a table out of rows of lines, each with its column and the columns that it takes."""
    columns = max(column + span for row in rows for _, column, span in row)
    cells = []
    for number, row in enumerate(rows):
        taken: set[int] = set()
        begun = sorted({column for _, column, _ in row})
        for column, group in groupby(sorted(row, key=lambda one: one[1]), key=lambda one: one[1]):
            held = list(group)
            # A line that reaches over the one beside it leaves that its column.
            end = next((other for other in begun if other > column), columns)
            span = min(max(one[2] for one in held), end - column)
            points = np.concatenate([corners[at] for at, _, _ in held])
            text = _text_of(lines[at].text for at, _, _ in held)
            box = _box(*points.min(axis=0), *points.max(axis=0))
            cells.append(TableCell(number, column, 1, span, text, _moved(box, back)))
            taken |= set(range(column, column + span))
        near = np.concatenate([corners[at] for at, _, _ in row])
        empty = _moved(_box(*near.min(axis=0), *near.max(axis=0)), back)
        cells += [
            TableCell(number, column, 1, 1, "", empty) for column in range(columns) if column not in taken
        ]
    points = np.concatenate([corners[at] for row in rows for at, _, _ in row])
    whole = _moved(_box(*points.min(axis=0), *points.max(axis=0)), back)
    ordered = sorted(cells, key=lambda cell: (cell.row, cell.column))
    return Table(len(rows), columns, ordered, whole, False)


def _joined(pieces: Sequence[_Piece]) -> str:
    """Return the parts in a cell, line by line."""
    waiting = sorted(pieces, key=lambda piece: piece.y)
    texts: list[str] = []
    while waiting:
        first = waiting[0]
        row = [piece for piece in waiting if piece.y - first.y < 0.5 * first.height]
        texts += [piece.text for piece in sorted(row, key=lambda piece: piece.x)]
        waiting = waiting[len(row) :]
    return _text_of(texts)


def _text_of(texts: Iterable[str]) -> str:
    """Return texts as one, with a blank between Latin words alone."""
    said = ""
    for text in texts:
        apart = said and not (_is_wide(said[-1]) or _is_wide(text[0]))
        said += f" {text}" if apart else text
    return said


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _moved(points: Points, matrix: npt.NDArray[np.floating]) -> Points:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)
