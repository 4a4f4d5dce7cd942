"""Straight lines that could be sides of documents, and profiles of what lies along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_support, hough_votes
from imgcore.outline.propose.feature_maps import FeatureMaps

Floats = npt.NDArray[np.float64]

FLOOR = 0.25
"""Strength of an edge, relative to its neighbourhood, above which it votes in the Hough transform."""
SPREAD = 8
"""Uncertainty of an edge's direction in the Hough transform, in degrees."""
_GAP = 4.0
"""Pixels below which two lines, all along, are one."""
_PEAKS = 160
"""Number of local maxima of the Hough transform that are looked at."""
_SHORTEST = 20.0
"""Least length of a line within the picture, in pixels of the searched one."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines in a picture; the origin is the picture's centre.

    Attributes
    ----------
    table
        float64 ``(n, 5)``: normal (x, y), distance along it, and the positions at which the line
        enters and leaves the picture, counted along ``(-normal_y, normal_x)``.
    border
        bool ``(n,)``: True for the picture's own border, at which a page may be cut.
    """

    table: Floats
    border: npt.NDArray[np.bool_]

    @property
    def normals(self) -> Floats:
        return self.table[:, :2]

    @property
    def distances(self) -> Floats:
        return self.table[:, 2]

    @property
    def directions(self) -> Floats:
        return np.column_stack([-self.table[:, 1], self.table[:, 0]])

    @property
    def ends(self) -> Floats:
        """Points ``(n, 2, 2)`` at which each line enters and leaves the picture."""
        foot = self.normals * self.distances[:, None]
        return foot[:, None] + self.table[:, 3:5, None] * self.directions[:, None]


def find_lines(maps: FeatureMaps, count: int) -> Lines:
    """Find the `count` lines with most edge on them, best first, then the four borders."""
    shape = maps.strength.shape
    votes = hough_votes(maps.strength, maps.gradient_x, maps.gradient_y, FLOOR, SPREAD)
    candidates = clip_to_picture(hough_peaks(votes)[:, :3], shape)
    candidates = candidates[candidates[:, 4] - candidates[:, 3] >= _SHORTEST]
    chosen = candidates[_distinct(Lines(candidates, np.zeros(len(candidates), bool)), count)]
    return with_border(chosen[:, :3], shape)


def with_border(lines: Floats, shape: tuple[int, ...]) -> Lines:
    """Make lines of normals and distances ``(..., 3)``, then of the picture's four borders."""
    table = np.vstack([lines.reshape(-1, 3), _border(shape)])
    return Lines(clip_to_picture(table, shape), np.arange(len(table)) >= len(table) - 4)


def hough_peaks(votes: npt.NDArray[np.float32], most: int = _PEAKS) -> Floats:
    """Find the normal, distance and votes ``(n, 4)`` of the `most` local maxima, largest first."""
    # An angle past 180 degrees is the same line with its distance turned in sign.
    ring = np.vstack([votes[-4:, ::-1], votes, votes[:4, ::-1]])
    smooth = cv2.GaussianBlur(ring, (5, 5), 0)
    crest = cv2.dilate(smooth, np.ones((5, 7), np.uint8))
    inner = smooth[4:-4]
    top = crest[4:-4]
    angle, distance = np.nonzero((inner >= top) & (inner > 0))
    best = np.argsort(-inner[angle, distance], kind="stable")[:most]
    radians = np.radians(angle[best].astype(np.float64))
    reach = (votes.shape[1] - 1) // 2
    weights = inner[angle[best], distance[best]]
    return np.column_stack([np.cos(radians), np.sin(radians), distance[best] - float(reach), weights])


def _border(shape: tuple[int, ...]) -> Floats:
    rows, cols = shape
    return np.array([(0, 1, -rows / 2), (1, 0, cols / 2), (0, 1, rows / 2), (1, 0, -cols / 2)], np.float64)


def clip_to_picture(lines: Floats, shape: tuple[int, ...]) -> Floats:
    """Append to `lines` the positions at which they enter and leave the picture."""
    half = np.array([shape[1] / 2, shape[0] / 2])
    foot = lines[:, :2] * lines[:, 2:]
    direction = np.column_stack([-lines[:, 1], lines[:, 0]])
    # A direction of zero never leaves; a tiny one leaves far away, which comes to the same.
    steady = np.where(np.abs(direction) < 1e-9, 1e-9, direction)
    first = (-half - foot) / steady
    second = (half - foot) / steady
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    return np.column_stack([lines, enter, leave])


def _distinct(lines: Lines, count: int) -> list[int]:
    """Select greedily the first `count` lines that lie apart from all before them."""
    apart = np.abs(np.einsum("pek,qk->peq", lines.ends, lines.normals) - lines.distances)
    near = apart.max(axis=1) < _GAP
    chosen: list[int] = []
    for number in range(len(near)):
        if not near[number, chosen].any():
            chosen.append(number)
        if len(chosen) == count:
            break
    return chosen


_TILE = 150
"""Pixels of a tile, across and down. A card among eleven is some 75 by 46 pixels large; in a Hough transform
of the whole picture the longer lines of print outvote its sides."""
_STRIDE = 100
"""Pixels from one tile to the next, about."""
_LINES_OF_TILE = 20
"""Number of lines taken from a tile."""
_TILE_GAP = 2.5
"""Pixels below which two lines, at both ends of their tile, are one."""
_SHORTEST_IN_TILE = 14.0
"""Least length of a line within its tile, in pixels of the searched picture."""
_TILE_SPREAD = 5
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
    return with_border(table[_distinct_in_tiles(table, ends, most), :3], shape)


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
    found = hough_peaks(hough_votes(strength, across, down, FLOOR, _TILE_SPREAD), _LINES_OF_TILE)
    clipped = clip_to_picture(found[:, :3], strength.shape)
    long = clipped[:, 4] - clipped[:, 3] >= _SHORTEST_IN_TILE
    found = found[long]
    clipped = clipped[long]
    height, width = maps.strength.shape
    shift = np.array([cols.start + cols.stop - width, rows.start + rows.stop - height]) / 2
    ends = Lines(clipped, np.zeros(len(clipped), bool)).ends + shift
    found[:, 2] += found[:, :2] @ shift
    return found, ends


def _distinct_in_tiles(table: Floats, ends: Floats, most: int) -> list[int]:
    """Select greedily the first lines that lie apart, within their tile, from all before them."""
    apart = np.abs(ends @ table[:, :2].T - table[:, 2]).max(axis=1)
    near = (apart < _TILE_GAP) | (apart.T < _TILE_GAP)
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


STEP = 2.0
"""Pixels from sample to sample along a line."""

_REACH = 3
"""Pixels beside a line, to either side, within which its edge may lie."""
_WINDOW = 4
"""Number of samples to either side along a line over which the gradient is averaged."""
_FULL_SUPPORT = 0.45
"""Relative length of an averaged gradient that is an edge beyond doubt."""
_COLOUR_BESIDE = 5.5
"""Pixels beside a line at which colour is read."""
_TEXTURE_BESIDE = 9.0
"""Pixels beside a line at which texture is read."""
TEXTURE_FLOOR = 0.3
"""Grey levels added to texture, so that the logarithm of that of bare paper stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class LineProfiles:
    """Profiles as cumulative sums, so that the mean over any span costs two look-ups.

    Attributes
    ----------
    support
        float64 ``(n, samples + 1)``.
    left, right
        float64 ``(n, samples + 1, c + 1)``: colour, then the logarithm of texture, on the
        side the normal points to and on the other.
    starts, counts
        ``(n,)``: position of the first sample along the line, number of samples.
    """

    support: Floats
    left: Floats
    right: Floats
    starts: Floats
    counts: npt.NDArray[np.int64]

    def span(
        self, numbers: npt.NDArray[np.int64], begin: Floats, end: Floats
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Samples between two positions along lines, first and past the last, clipped to the picture."""
        first = np.rint((begin - self.starts[numbers]) / STEP).astype(np.int64)
        last = np.rint((end - self.starts[numbers]) / STEP).astype(np.int64)
        counts = self.counts[numbers]
        return np.clip(first, 0, counts), np.clip(last, 0, counts)


def sample_profiles(maps: FeatureMaps, lines: Lines) -> LineProfiles:
    """Sample the feature maps along all lines."""
    support = support_along(maps, lines)
    counts = np.maximum(np.floor((lines.table[:, 4] - lines.table[:, 3]) / STEP), 0).astype(np.int64)
    along = lines.table[:, 3, None] + STEP * np.arange(support.shape[1] - 1)
    foot = (lines.normals * lines.distances[:, None])[:, None]
    points = foot + along[:, :, None] * lines.directions[:, None]
    normals = lines.normals[:, None]
    return LineProfiles(
        support,
        _totals(_beside(maps, points, normals)),
        _totals(_beside(maps, points, -normals)),
        lines.table[:, 3],
        counts,
    )


def support_along(maps: FeatureMaps, lines: Lines) -> Floats:
    """Cumulative sums ``(n, samples + 1)`` of the share of each line that lies on an edge."""
    support = edge_support(maps.field_x, maps.field_y, lines.table, STEP, _REACH, _WINDOW)
    return _totals(np.minimum(support / _FULL_SUPPORT, 1.0)[:, :, None])[:, :, 0]


def _beside(maps: FeatureMaps, points: Floats, normals: Floats) -> Floats:
    colour = sample_nearest(maps.colour, points + _COLOUR_BESIDE * normals)
    texture = sample_nearest(maps.texture[:, :, None], points + _TEXTURE_BESIDE * normals)
    return np.concatenate([colour, np.log(texture + TEXTURE_FLOOR)], axis=2)


def sample_nearest(planes: npt.NDArray[np.float32], points: Floats) -> Floats:
    """Sample planes by nearest neighbour; points count from the picture's centre."""
    rows, cols = planes.shape[:2]
    x = np.clip(np.rint(points[:, :, 0] + (cols - 1) / 2), 0, cols - 1).astype(np.int64)
    y = np.clip(np.rint(points[:, :, 1] + (rows - 1) / 2), 0, rows - 1).astype(np.int64)
    return np.asarray(planes.reshape(rows * cols, -1)[y * cols + x])


def _totals(values: npt.NDArray[np.floating]) -> Floats:
    return np.concatenate([np.zeros_like(values[:, :1]), values], axis=1).cumsum(axis=1, dtype=np.float64)
