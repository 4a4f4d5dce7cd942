"""Samples along bars, and what they tell of these; the NumPy twin of ``_bar_columns``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.types import Image


def sample_columns(
    grey: Image, bars: npt.NDArray[np.float64], u: npt.NDArray[np.float64], t: npt.NDArray[np.float32]
) -> Image:
    """Sample a picture along parabolas whose coefficients are polynomials of the place across them.

    Samples are bilinear, at positions rounded to 1/32 pixel, up to 1/32 pixel before the last row and column.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``, C-contiguous; beyond its border the nearest pixel counts.
    bars
        float64 ``(6, 4)``, C-contiguous, coefficients of 1, u, u² and u³: of x and y in pixels where `t` is
        0, then of the coefficients of `t` for x and y, then of those of its square.
    u
        float64 ``(n,)``, places across.
    t
        float32 ``(m,)``, places along the columns.

    Returns
    -------
    ndarray
        uint8 ``(m, n)``.

    Raises
    ------
    ValueError
        The picture is smaller than two by two, or the polynomials are not six cubic ones.
    """
    if bars.shape != (6, 4):
        raise ValueError("bars are six cubic polynomials")
    if min(grey.shape) < 2:
        raise ValueError("a picture has two rows and two columns or more")
    columns = (bars @ u ** np.arange(4)[:, None]).astype(np.float32)
    by = t[:, None]
    positions = [
        np.clip(
            32 * (columns[i] + by * (columns[i + 2] + by * columns[i + 4])) + np.float32(0.5),
            0,
            32 * side - 33,
        )
        for i, side in ((0, grey.shape[1]), (1, grey.shape[0]))
    ]
    (x, u), (y, v) = (np.divmod(at.astype(np.int32), 32) for at in positions)
    upper, lower = ((32 - u) * grey[row, x] + u * grey[row, x + 1] for row in (y, y + 1))
    return np.asarray(((32 - v) * upper + v * lower + 512) >> 10, np.uint8)


def gradient_moments(grey: Image) -> npt.NDArray[np.float64]:
    """Sum products of the smoothed gradient, weighted by powers of its place.

    The picture is smoothed by the binomial of three pixels both ways, mirrored at its border, and the
    gradient is that of the four pixels around a corner, twice the mean difference.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``, C-contiguous, 2 or more of each.

    Returns
    -------
    ndarray
        float64 ``(5, 5)``: sums of gx², v gx², v² gx², gx gy and v gx gy in squared grey levels, times the
        powers 0 to 4 of u, which is -1 for the first column of corners and 1 for the last; v is the same
        down the rows.

    Raises
    ------
    ValueError
        There are fewer than two rows or columns.
    """
    rows, cols = grey.shape
    if rows < 2 or cols < 2:
        raise ValueError("a gradient takes two rows and two columns")
    padded = np.pad(grey.astype(np.float32), 1, mode="reflect")
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    level = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 16
    one = level[1:, 1:] - level[:-1, :-1]
    other = level[:-1, 1:] - level[1:, :-1]
    across = one + other
    along = one - other
    u, v = (2 * np.arange(side - 1) / max(side - 2, 1) - 1 for side in (cols, rows))
    square = across * across
    product = across * along
    sums = [v**power @ square for power in range(3)] + [v**power @ product for power in range(2)]
    return np.asarray(np.stack(sums) @ u[:, None] ** np.arange(5), np.float64)


def detail_moments(grey: Image, width: int) -> npt.NDArray[np.float32]:
    """Average a picture's detail and its square down each column.

    Detail is a pixel less the mean of `width` pixels of its row around it, the row mirrored at its ends
    but for its end pixels themselves.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``, C-contiguous.
    width
        Odd, less than twice the columns.

    Returns
    -------
    ndarray
        float32 ``(2, cols)``: means in grey levels, and means of squares.

    Raises
    ------
    ValueError
        The width is even or too large, or the picture is empty.
    """
    half = width // 2
    if width < 1 or width % 2 == 0:
        raise ValueError("the window is odd")
    if len(grey) < 1 or grey.shape[1] <= half:
        raise ValueError("the window is more than twice as wide as the picture")
    padded = np.pad(grey.astype(np.float64), ((0, 0), (half, half)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)
    detail = grey - windows.mean(axis=2)
    return np.stack([detail.mean(axis=0), np.square(detail).mean(axis=0)]).astype(np.float32)
