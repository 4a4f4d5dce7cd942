"""Edge support of straight lines; the NumPy twin of ``_edge_support``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Planes = npt.NDArray[np.float32]


def edge_support(
    field_x: Planes, field_y: Planes, lines: Floats, step: float, reach: int, window: int
) -> Planes:
    """Compute the gradient across each line, averaged along it, sample by sample.

    Averaging along the line before taking the absolute value is what lets a faint straight
    edge stand out: print and creases change sign, an edge does not.

    Parameters
    ----------
    field_x, field_y
        float32 ``(rows, cols, c)``, a gradient of length 0..1 for each channel.
    lines
        float64 ``(n, 5)``: the normal (x, y), the distance from the picture's centre along
        it, and the positions at which the line enters and leaves the picture, counted along the
        direction ``(-normal_y, normal_x)``.
    step
        Pixels from sample to sample.
    reach
        An edge may lie this many pixels beside the line, to either side.
    window
        The mean is taken over this many samples to either side along the line.

    Returns
    -------
    ndarray
        float32 ``(n, samples)``, 0..1; the largest over channels and offsets, 0 past the
        end of the line. ``samples`` is that of the longest line, at least 1.
    """
    counts = sample_counts(lines, step)
    support = np.zeros((len(lines), max(1, int(counts.max(initial=0)))), np.float32)
    for number, line in enumerate(lines):
        count = int(counts[number])
        if count:
            along = np.arange(count, dtype=np.float64) * step
            across = _across(field_x, field_y, line, along, reach)
            support[number, :count] = np.abs(_running_mean(across, window)).max(axis=(1, 2))
    return support


def sample_counts(lines: Floats, step: float) -> npt.NDArray[np.int64]:
    """Number of samples that fit on each line."""
    return np.maximum(np.floor((lines[:, 4] - lines[:, 3]) / step), 0).astype(np.int64)


def _across(field_x: Planes, field_y: Planes, line: Floats, along: Floats, reach: int) -> Planes:
    """``(samples, 2 * reach + 1, c)``: the field's part along the normal, nearest pixel."""
    rows, cols = field_x.shape[:2]
    normal_x, normal_y, distance, start, _ = line
    at = start + along[:, None]
    off = distance + np.arange(-reach, reach + 1)[None, :]
    x = np.floor(off * normal_x - at * normal_y + (cols - 1) / 2 + 0.5).astype(np.int64)
    y = np.floor(off * normal_y + at * normal_x + (rows - 1) / 2 + 0.5).astype(np.int64)
    x = np.clip(x, 0, cols - 1)
    y = np.clip(y, 0, rows - 1)
    across: Planes = field_x[y, x] * np.float32(normal_x) + field_y[y, x] * np.float32(normal_y)
    return across


def _running_mean(values: Planes, window: int) -> Floats:
    """Mean over up to ``2 * window + 1`` samples of axis 0, fewer at the ends."""
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)])
    first = np.maximum(np.arange(len(values)) - window, 0)
    last = np.minimum(np.arange(len(values)) + window + 1, len(values))
    mean: Floats = (total[last] - total[first]) / (last - first)[:, None, None]
    return mean
