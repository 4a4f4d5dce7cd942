"""Reading order of the lines on a page: columns, rows of tables, vertical text.

Lines are compared in a frame that lies level with the text: x along a line, y from line to line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.text.line import TextLine

_GUTTER = 0.6
"""Least width of the gap between two columns, in heights of a line."""
_LINES = 3
"""Fewest lines of a column of prose; a shorter one is a column of a table, and read row by row."""
_LONG = 6
"""Least length of the lines of prose, in heights; shorter ones are of a table, and read row by row."""
_FILLED = 0.7
"""Least share of their column's width that lines of prose fill."""
_JUSTIFIED = 0.4
"""Least share of lines of prose that begin and end where the next one does, as beside a picture, where they
are shorter than their column."""
_TIGHT = 2.2
"""Distance of lines of prose in heights, at most."""
_CANDIDATES = 48
"""Gaps between columns that are tried on a page."""
_BESIDE = 0.5
"""Share of a line's height above which it overlaps a line beside it."""
_OVER = 0.8
"""Length in heights up to which a line may reach over the middle of a gap."""
_SLOPED = 8
"""Length in heights from which a line's slope counts."""
_BRIDGED = 1.8
"""Distance in heights to lines of both columns from a line that runs on from one into the other."""
_SAME_ROW = 0.5
"""Distance of the middles of two lines in one row, in heights, where the one's slope meets the other."""


class _Box(NamedTuple):
    """Line `number` in the level frame; `slope` is what it still has."""

    number: int
    left: float
    top: float
    right: float
    bottom: float
    slope: float

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
    left = points[:, 0].min()
    right = points[:, 0].max()
    middle_left = points[[0, 3], 1].mean()
    middle_right = points[[1, 2], 1].mean()
    middle = (middle_left + middle_right) / 2
    half = abs(points[[2, 3], 1] - points[[1, 0], 1]).mean() / 2
    # The edges of a short line tell little of its slope.
    long = right - left > 2 * _SLOPED * half
    slope = (middle_right - middle_left) / (right - left) if long else 0.0
    return _Box(number, float(left), float(middle - half), float(right), float(middle + half), float(slope))


def _ordered(boxes: Sequence[_Box]) -> Iterator[_Box]:
    """Yield boxes as they are read: a recursive cut at the gap that parts most lines of prose."""
    cut = _best_cut(boxes)
    if cut is None:
        yield from _by_rows(boxes)
        return
    for part in cut.parts:
        if isinstance(part, _Sides):
            yield from _ordered(part.left)
            yield from _ordered(part.right)
        else:
            yield from _ordered(part)
    yield from _by_rows(cut.floats)


class _Sides(NamedTuple):
    """Lines on both sides of a gap."""

    left: list[_Box]
    right: list[_Box]


class _Cut(NamedTuple):
    """Cut along a gap between columns.

    Attributes
    ----------
    parts
        From the top: both sides of the gap, or what it does not part, such as a heading.
    floats
        Lines that stand in the gap beside lines of both sides, such as a caption; read after them.
    parted
        Lines that it parts.
    """

    parts: list[_Sides | list[_Box]]
    floats: list[_Box]
    parted: int
    width: float


def _best_cut(boxes: Sequence[_Box]) -> _Cut | None:
    """Return the cut that parts most lines, and of those that part nearly as many that of the widest gap."""
    cuts = [cut for x in _gaps(boxes) if (cut := _cut_at(boxes, x)) is not None]
    most = max((cut.parted for cut in cuts), default=0)
    return max((cut for cut in cuts if cut.parted >= 0.9 * most), key=lambda cut: cut.width, default=None)


def _gaps(boxes: Sequence[_Box]) -> list[float]:
    """Return places to cut at, those that fewest lines cross first."""
    if len(boxes) < 2 * _LINES:
        return []
    left, right = (np.array([getattr(box, side) for box in boxes]) for side in ("left", "right"))
    step = _GUTTER * float(np.median([box.height for box in boxes]))
    places = np.unique(np.round((right + step / 2) / step)) * step
    crossed = ((left[:, None] < places) & (right[:, None] > places)).sum(axis=0)
    return [float(place) for place in places[np.argsort(crossed, kind="stable")][:_CANDIDATES]]


def _cut_at(boxes: Sequence[_Box], x: float) -> _Cut | None:
    # Boxes are drawn larger than lines, and a gap on a curled page is not straight.
    crossing = [box for box in boxes if x - box.left > _OVER * box.height < box.right - x]
    others = [box for box in boxes if not x - box.left > _OVER * box.height < box.right - x]
    sides = _Sides(
        [box for box in others if box.left + box.right < 2 * x],
        [box for box in others if box.left + box.right >= 2 * x],
    )
    if min(map(len, sides)) < _LINES:
        return None
    heights = [np.array([(box.top, box.bottom, box.middle) for box in side]).T for side in sides]
    floats = [box for box in crossing if all(_has_beside(box, side) for side in heights)]
    bridges = [box for box in crossing if box not in floats and all(_has_near(box, side) for side in heights)]
    sides = _Sides([*sides.left, *bridges], sides.right)
    wide = sorted((box for box in crossing if box not in (*floats, *bridges)), key=lambda box: box.middle)
    parts, parted, widths = _parts(sides, wide)
    return _Cut(parts, floats, parted, min(widths)) if parted else None


def _parts(sides: _Sides, wide: Sequence[_Box]) -> tuple[list[_Sides | list[_Box]], int, list[float]]:
    """Return the parts of a cut between the lines that cross it, the lines parted, and the gap's widths."""
    parts: list[_Sides | list[_Box]] = []
    whole: list[_Box] = []
    parted = 0
    widths = []
    ends = [-np.inf, *(box.middle for box in wide), np.inf]
    for number, (top, bottom) in enumerate(pairwise(ends)):
        within = _Sides(*([box for box in side if top < box.middle <= bottom] for side in sides))
        if all(map(_is_prose, within)):
            parts += [whole, within] if whole else [within]
            whole = []
            parted += len(within.left) + len(within.right)
            widths.append(min(box.left for box in within.right) - _right_end(within.left))
        else:
            whole += [*within.left, *within.right]
        whole += wide[number : number + 1]
    return [*parts, whole] if whole else parts, parted, widths


def _has_near(box: _Box, side: npt.NDArray[np.floating]) -> bool:
    """Return whether a line has others close above and below: where both sides have, it is two in one."""
    off = (side[2] - box.middle) / box.height
    return bool(((off > 0) & (off < _BRIDGED)).any() and ((off < 0) & (off > -_BRIDGED)).any())


def _right_end(lines: Sequence[_Box]) -> float:
    """Return where nearly all lines end: few may run on into the next column."""
    return float(np.percentile([box.right for box in lines], 80))


def _has_beside(box: _Box, side: npt.NDArray[np.floating]) -> bool:
    tops, bottoms, _ = side
    overlap = np.minimum(bottoms, box.bottom) - np.maximum(tops, box.top)
    return bool((overlap > _BESIDE * np.minimum(bottoms - tops, box.height)).any())


def _is_prose(side: Sequence[_Box]) -> bool:
    """Return whether lines are of prose, in one column or several."""
    if len(side) < _LINES:
        return False
    long = [(box.right - box.left) / max(box.height, 1e-6) for box in side]
    # A page of prose may have pictures with words, and a folio.
    held = sum(len(column) for column in _columns(side) if len(column) >= _LINES and _is_column(column))
    return bool(np.median(long) >= _LONG and 2 * held > len(side))


def _columns(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    """Yield the lines that begin at one margin, or a little beside it."""
    near = 3 * float(np.median([box.height for box in boxes]))
    column: list[_Box] = []
    for box in sorted(boxes, key=lambda one: one.left):
        if column and box.left - column[-1].left > near:
            yield column
            column = []
        column.append(box)
    yield column


def _is_column(lines: Sequence[_Box]) -> bool:
    ordered = sorted(lines, key=lambda box: box.middle)
    height = float(np.median([box.height for box in ordered]))
    width = max(box.right for box in ordered) - min(box.left for box in ordered)
    filled = float(np.median([box.right - box.left for box in ordered])) / max(width, 1e-6)
    distances = [below.middle - above.middle for above, below in pairwise(ordered)]
    alike = [
        max(abs(below.left - above.left), abs(below.right - above.right)) < height
        for above, below in pairwise(ordered)
    ]
    tight = float(np.median(distances)) < _TIGHT * height
    return filled >= _FILLED or (tight and float(np.mean(alike)) >= _JUSTIFIED)


def _by_rows(boxes: Sequence[_Box]) -> Iterator[_Box]:
    """Yield rows from the top, each from the left: a row follows the slope of its lines."""
    following = _followers(boxes)
    firsts = set(range(len(boxes))) - set(following.values())
    rows = []
    for first in firsts:
        row = [first]
        while row[-1] in following:
            row.append(following[row[-1]])
        rows.append([boxes[at] for at in row])
    for row_boxes in sorted(rows, key=lambda row: float(np.mean([box.middle for box in row]))):
        yield from row_boxes


def _followers(boxes: Sequence[_Box]) -> dict[int, int]:
    """Return for each line the nearest one to its right in its row, each of which follows one line alone."""
    left, right, middle, height, slope = (
        np.array([getattr(box, name) for box in boxes])
        for name in ("left", "right", "middle", "height", "slope")
    )
    pairs = []
    for at in range(len(boxes)):
        distance = left - right[at]
        lengths = right[at] - left[at], right - left
        tilt = (slope[at] * lengths[0] + slope * lengths[1]) / np.maximum(sum(lengths), 1e-6)
        # A line's middle, carried on along its slope, meets that of the next one.
        off = abs(middle - middle[at] - tilt * (left + right - left[at] - right[at]) / 2)
        near = (
            (off < _SAME_ROW * np.minimum(height, height[at])) & (distance > -height[at]) & (left > left[at])
        )
        pairs += [(float(distance[other]), at, int(other)) for other in np.flatnonzero(near)]
    following: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, other in sorted(pairs):
        if at not in following and other not in taken:
            following[at] = other
            taken.add(other)
    return following
