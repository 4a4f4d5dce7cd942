"""Profiles along lines: edge support, and colour and texture to either side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_support
from imgcore.outline.search.feature_maps import FeatureMaps
from imgcore.outline.search.lines import Lines

Floats = npt.NDArray[np.float64]

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
