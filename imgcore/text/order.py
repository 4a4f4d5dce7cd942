"""Reading order of the lines on a page: columns, rows of tables, vertical text.

Lines are compared in a frame that lies level with the text: x along a line, y from line to line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.text.line import TextLine

_GUTTER = 0.6
"""Least width of the gap between two columns, in heights of a line."""
_LINES, _FILLED, _LONG = 3, 0.7, 6
"""Columns of prose have so many lines at least, which fill so much of their width, and are so many times
as long as high; others are columns of a table, and read row by row."""
_RIM = 0.15
"""Share of a line's height, above and below, that may overlap the next line's."""
_SAME_ROW = 0.5
"""Distance of the middles of two lines in one row, in heights."""


class _Box(NamedTuple):
    """Line `number` in the level frame."""

    number: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def reading_order(lines: Sequence[TextLine]) -> list[int]:
    """Return the numbers of lines in the order in which they are read."""
    if not lines:
        return []
    return [box.number for box in _ordered(_level_boxes(lines))]


def _level_boxes(lines: Sequence[TextLine]) -> list[_Box]:
    """Return the lines' boxes; where most text is vertical, columns from the right become lines."""
    edges = np.stack([line.corners[1] - line.corners[0] for line in lines])
    vertical = np.array([line.vertical for line in lines])
    lengths = np.hypot(*edges.T)
    downwards = lengths[vertical].sum() > lengths[~vertical].sum()
    along = edges[vertical == downwards].sum(axis=0)
    along = along / max(float(np.hypot(*along)), 1e-6)
    # Vertical lines follow each other to the left, others downwards.
    frame = np.stack([along, np.array([-along[1], along[0]])], axis=1)
    return [_box(number, line.corners @ frame) for number, line in enumerate(lines)]


def _box(number: int, points: npt.NDArray[np.floating]) -> _Box:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return _Box(number, float(left), float(top), float(right), float(bottom))


def _ordered(boxes: Sequence[_Box]) -> Iterator[_Box]:
    for region in _regions(boxes):
        columns = _columns(region)
        if len(columns) > 1 and all(map(_is_prose, columns)):
            for column in columns:
                yield from _ordered(column)
        else:
            yield from _by_rows(region)


def _regions(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    """Yield parts from the top: each of lines side by side in the same columns, or of one row."""
    region: list[_Box] = []
    for band in _bands(boxes):
        if region and not (len(_columns(region)) == len(_columns(region + band)) > 1):
            yield region
            region = []
        region = region + band
    if region:
        yield region


def _bands(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    """Yield what no straight gap along the lines divides, from the top."""
    inner = [(box.top + _RIM * box.height, box.bottom - _RIM * box.height, box) for box in boxes]
    yield from _apart(inner, 0.0)


def _columns(boxes: Sequence[_Box]) -> list[list[_Box]]:
    gap = _GUTTER * float(np.median([box.height for box in boxes]))
    return list(_apart([(box.left, box.right, box) for box in boxes], gap))


def _apart(intervals: Sequence[tuple[float, float, _Box]], gap: float) -> Iterator[list[_Box]]:
    """Yield groups of boxes whose intervals are more than `gap` apart, the lowest first."""
    group: list[_Box] = []
    end = -np.inf
    for start, stop, box in sorted(intervals):
        if group and start > end + gap:
            yield group
            group = []
        group.append(box)
        end = max(end, stop)
    yield group


def _is_prose(column: Sequence[_Box]) -> bool:
    width = max(box.right for box in column) - min(box.left for box in column)
    filled = [(box.right - box.left) / max(width, 1e-6) for box in column]
    long = [(box.right - box.left) / max(box.height, 1e-6) for box in column]
    return bool(len(column) >= _LINES and np.median(filled) >= _FILLED and np.median(long) >= _LONG)


def _by_rows(boxes: Sequence[_Box]) -> Iterator[_Box]:
    row: list[_Box] = []
    for box in sorted(boxes, key=lambda one: one.middle):
        if row and box.middle - float(np.mean([one.middle for one in row])) > _SAME_ROW * box.height:
            yield from sorted(row, key=lambda one: one.left)
            row = []
        row.append(box)
    yield from sorted(row, key=lambda one: one.left)
