"""Rows and columns of tables without rules, by where lines of text stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from imgcore.types import Points

_ROWS = 3
"""Least number of rows of a table."""
_COLUMNS = 2
"""Least number of columns of a table."""
_PITCH = 3.5
"""Greatest distance between rows, in heights of a line."""
_GAP = 0.7
"""Least width of a gap between columns, in heights of a line."""
_BRIDGED = 0.15
"""Share of rows that may run across a gap: titles, and heads over several columns."""
_PROSE = 7.0
"""Least length of a line of prose, in its heights."""
_SHORT = 14.0
"""Greatest median length of a cell's line, in its heights: longer ones are prose in columns."""

Numbered = tuple[int, int, int]
"""Line, its column, and the columns that it takes."""


class _Line(NamedTuple):
    number: int
    left: float
    right: float
    middle: float
    height: float


def aligned_rows(corners: Sequence[Points]) -> Iterator[list[list[Numbered]]]:
    """Yield tables of lines, row by row.

    Parameters
    ----------
    corners
        Of lines on a level page.
    """
    lines = [
        _Line(at, float(each[:, 0].min()), float(each[:, 0].max()), float(each[:, 1].mean()), _height(each))
        for at, each in enumerate(corners)
    ]
    for block in _blocks(_rows(lines)):
        gaps = _gaps(block)
        if len(gaps) + 1 >= _COLUMNS and _is_table(block):
            yield [[(line.number, *_columns(line, gaps)) for line in row] for row in block]


def _height(corners: Points) -> float:
    """Return the height of a level line, or of a single character that is higher than wide."""
    return float(np.ptp(corners[:, 1]))


def _rows(lines: Sequence[_Line]) -> list[list[_Line]]:
    waiting = sorted(lines, key=lambda line: line.middle)
    rows = []
    while waiting:
        first = waiting[0]
        row = [line for line in waiting if line.middle - first.middle < 0.5 * max(first.height, line.height)]
        rows.append(sorted(row, key=lambda line: line.left))
        waiting = [line for line in waiting if line not in row]
    return rows


def _blocks(rows: Sequence[list[_Line]]) -> Iterator[list[list[_Line]]]:
    """Yield rows that follow each other closely, from the first of several lines to the last."""
    block: list[list[_Line]] = []
    for row in rows:
        if block and row[0].middle - block[-1][0].middle > _PITCH * row[0].height:
            yield from _trimmed(block)
            block = []
        block.append(row)
    yield from _trimmed(block)


def _trimmed(block: Sequence[list[_Line]]) -> Iterator[list[list[_Line]]]:
    """Yield the longest part of a block in which no two rows that follow each other are one line each."""
    parts: list[list[list[_Line]]] = [[]]
    for at, row in enumerate(block):
        single = len(row) < _COLUMNS
        if single and (at + 1 == len(block) or len(block[at + 1]) < _COLUMNS or not parts[-1]):
            parts.append([])
        else:
            parts[-1].append(row)
    yield from (part for part in parts if len(part) >= _ROWS)


def _gaps(block: Sequence[Sequence[_Line]]) -> list[tuple[float, float]]:
    """Return the gaps between columns, from the left: hardly a row runs across them."""
    lines = [line for row in block for line in row]
    height = float(np.median([line.height for line in lines]))
    left = min(line.left for line in lines)
    right = max(line.right for line in lines)
    steps = np.arange(left, right, height / 4)
    crossed = np.zeros(len(steps))
    for row in block:
        crossed += np.any([(steps > line.left) & (steps < line.right) for line in row], axis=0)
    free = np.flatnonzero(crossed <= _BRIDGED * len(block))
    groups = np.split(free, np.flatnonzero(np.diff(free) > 1) + 1) if len(free) else []
    wide = [group for group in groups if len(group) * height / 4 >= _GAP * height]
    gaps = [(float(steps[group[0]]), float(steps[group[-1]])) for group in wide]
    # Of a head that is longer than all below it, the end is no column.
    return [
        (start, end)
        for number, (start, end) in enumerate(gaps)
        if _has_lines(block, end, gaps[number + 1][0] if number + 1 < len(gaps) else right)
    ]


def _has_lines(block: Sequence[Sequence[_Line]], left: float, right: float) -> bool:
    """Return whether several rows have a line that has its middle between two places."""
    held = [any(left < (line.left + line.right) / 2 < right for line in row) for row in block]
    return sum(held) >= max(2, _BRIDGED * len(block))


def _columns(line: _Line, gaps: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """Return the column that a line begins in, and how many it takes."""
    middles = [(start + end) / 2 for start, end in gaps]
    first = sum(middle < line.left for middle in middles)
    last = sum(middle < line.right for middle in middles)
    if last > first and (line.left + line.right) / 2 > middles[first] and line.left > gaps[first][0]:
        first += 1
    return first, max(1, last - first + 1)


def _is_table(block: Sequence[Sequence[_Line]]) -> bool:
    """Return whether most rows have several short lines."""
    several = np.mean([len(row) >= _COLUMNS for row in block])
    lengths = [(line.right - line.left) / line.height for row in block for line in row]
    # Of prose in columns nearly every row is two long lines.
    prose = np.mean(
        [sum(line.right - line.left > _PROSE * line.height for line in row) >= 2 for row in block]
    )
    return bool(several >= 0.6 and np.median(lengths) <= _SHORT and prose < 0.5)
