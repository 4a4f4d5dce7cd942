"""What lies along each line: edge support, and colour and texture to either side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_support
from imgcore.outline.evidence import Evidence
from imgcore.outline.lines import Lines

Floats = npt.NDArray[np.float64]

STEP = 2.0
"""Pixels from sample to sample along a line."""

_REACH, _WINDOW = 3, 4
_FULL_SUPPORT = 0.45
"""An averaged gradient of this relative length is an edge beyond doubt."""
_COLOUR_BESIDE, _TEXTURE_BESIDE = 5.5, 9.0
SMOOTH = 0.3
"""Texture in grey levels below which paper is paper; keeps its logarithm at ease."""


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Running totals, so that the mean over any stretch costs two look-ups.

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

    def stretch(
        self, numbers: npt.NDArray[np.int64], begin: Floats, end: Floats
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """First and past-the-last sample between two positions along lines, in the picture."""
        first = np.rint((begin - self.starts[numbers]) / STEP).astype(np.int64)
        last = np.rint((end - self.starts[numbers]) / STEP).astype(np.int64)
        counts = self.counts[numbers]
        return np.clip(first, 0, counts), np.clip(last, 0, counts)


def walk(evidence: Evidence, lines: Lines) -> Walks:
    """Sample the evidence along all lines."""
    support = support_along(evidence, lines)
    counts = np.maximum(np.floor((lines.table[:, 4] - lines.table[:, 3]) / STEP), 0).astype(np.int64)
    along = lines.table[:, 3, None] + STEP * np.arange(support.shape[1] - 1)
    foot = (lines.normals * lines.distances[:, None])[:, None]
    points = foot + along[:, :, None] * lines.directions[:, None]
    normals = lines.normals[:, None]
    return Walks(
        support,
        _totals(_beside(evidence, points, normals)),
        _totals(_beside(evidence, points, -normals)),
        lines.table[:, 3],
        counts,
    )


def support_along(evidence: Evidence, lines: Lines) -> Floats:
    """Running totals ``(n, samples + 1)`` of the share of each line that lies on an edge."""
    support = edge_support(evidence.field_x, evidence.field_y, lines.table, STEP, _REACH, _WINDOW)
    return _totals(np.minimum(support / _FULL_SUPPORT, 1.0)[:, :, None])[:, :, 0]


def _beside(evidence: Evidence, points: Floats, normals: Floats) -> Floats:
    colour = look_up(evidence.colour, points + _COLOUR_BESIDE * normals)
    texture = look_up(evidence.texture[:, :, None], points + _TEXTURE_BESIDE * normals)
    return np.concatenate([colour, np.log(texture + SMOOTH)], axis=2)


def look_up(planes: npt.NDArray[np.float32], points: Floats) -> Floats:
    """The nearest pixel's values; points count from the picture's centre."""
    rows, cols = planes.shape[:2]
    x = np.clip(np.rint(points[:, :, 0] + (cols - 1) / 2), 0, cols - 1).astype(np.int64)
    y = np.clip(np.rint(points[:, :, 1] + (rows - 1) / 2), 0, rows - 1).astype(np.int64)
    return np.asarray(planes.reshape(rows * cols, -1)[y * cols + x])


def _totals(values: npt.NDArray[np.floating]) -> Floats:
    return np.concatenate([np.zeros_like(values[:, :1]), values], axis=1).cumsum(axis=1, dtype=np.float64)
