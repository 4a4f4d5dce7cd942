"""Short straight lines: the best of each tile of the picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from imgcore.kernels import hough_votes
from imgcore.outline.search.feature_maps import FeatureMaps
from imgcore.outline.search.lines import FLOOR, Lines, clip_to_picture, hough_peaks, with_border

Floats = npt.NDArray[np.float64]

_TILE = 150
"""Pixels of a tile, across and down. A card among eleven is some 75 by 46 pixels large; in a Hough transform
of the whole picture the longer lines of print outvote its sides."""
_STRIDE = 100
"""Pixels from one tile to the next, about."""
_EACH = 20
"""Number of lines taken from a tile."""
_GAP = 2.5
"""Pixels below which two lines, at both ends of their tile, are one."""
_SHORTEST = 14.0
"""Least length of a line within its tile, in pixels of the searched picture."""
_SPREAD = 5
"""Uncertainty of a gradient's direction in the Hough transform, in degrees."""


def find_local_lines(maps: FeatureMaps, most: int) -> Lines:
    """Find the `most` lines with most edge on them in one tile of the picture, then the four borders."""
    shape = maps.strength.shape
    tiles = [_tile(maps, rows, cols) for rows in _spans(shape[0]) for cols in _spans(shape[1])]
    table = np.concatenate([lines for lines, _ in tiles])
    ends = np.concatenate([points for _, points in tiles])
    best = np.argsort(-table[:, 3], kind="stable")
    table = table[best]
    ends = ends[best]
    return with_border(table[_distinct(table, ends, most), :3], shape)


def _spans(size: int) -> Iterator[slice]:
    """Spans of the tiles along one side of the picture: evenly spread, the last one at its end."""
    count = max(1, round((size - _TILE) / _STRIDE) + 1)
    for start in np.linspace(0, max(0, size - _TILE), count).astype(int):
        yield slice(int(start), min(int(start) + _TILE, size))


def _tile(maps: FeatureMaps, rows: slice, cols: slice) -> tuple[Floats, Floats]:
    """Find normal, distance and votes ``(n, 4)`` of a tile's lines, and their ends in it ``(n, 2, 2)``."""
    strength, across, down = (
        np.ascontiguousarray(plane[rows, cols]) for plane in (maps.strength, maps.gradient_x, maps.gradient_y)
    )
    found = hough_peaks(hough_votes(strength, across, down, FLOOR, _SPREAD), _EACH)
    clipped = clip_to_picture(found[:, :3], strength.shape)
    long = clipped[:, 4] - clipped[:, 3] >= _SHORTEST
    found = found[long]
    clipped = clipped[long]
    height, width = maps.strength.shape
    shift = np.array([cols.start + cols.stop - width, rows.start + rows.stop - height]) / 2
    ends = Lines(clipped, np.zeros(len(clipped), bool)).ends + shift
    found[:, 2] += found[:, :2] @ shift
    return found, ends


def _distinct(table: Floats, ends: Floats, most: int) -> list[int]:
    """Select greedily the first lines that lie apart, within their tile, from all before them."""
    apart = np.abs(ends @ table[:, :2].T - table[:, 2]).max(axis=1)
    near = (apart < _GAP) | (apart.T < _GAP)
    blocked = np.zeros(len(near), bool)
    chosen: list[int] = []
    for number in range(len(near)):
        if blocked[number]:
            continue
        chosen.append(number)
        blocked |= near[:, number]
        if len(chosen) == most:
            break
    return chosen
