"""Oriented filtering of ridges; the NumPy twin of ``_ridge_response``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CELL = 4
"""Pixels on a side of a cell, for which one filter is chosen."""


def filter_ridges(
    level: npt.NDArray[np.float32], chosen: npt.NDArray[np.int16], bank: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Correlate each cell of 4 x 4 pixels with the quadrature pair of filters chosen for it.

    Parameters
    ----------
    level
        float32, C-contiguous, the picture with a margin of half a filter on each side: at least
        ``(4 * rows + side - 1, 4 * cols + side - 1)``.
    chosen
        int16 ``(rows, cols)``, each cell's filter, negative where none is wanted.
    bank
        float32 ``(n, 2, side, side)``, pairs of filters, `side` odd.

    Returns
    -------
    ndarray
        float32 ``(2, 4 * rows, 4 * cols)``, response of each filter of the pair; 0 where none was chosen.

    Raises
    ------
    ValueError
        The sizes do not fit, or a filter is chosen that does not exist.
    """
    (high, wide) = chosen.shape
    side = bank.shape[2]
    if bank.shape[1] != 2 or bank.shape[3] != side or side % 2 == 0:
        raise ValueError("filters are pairs of odd squares")
    if level.shape[0] < CELL * high + side - 1 or level.shape[1] < CELL * wide + side - 1:
        raise ValueError("the picture is to have a margin of half a filter")
    if chosen.size and chosen.max() >= len(bank):
        raise ValueError("there is no such filter")
    response = np.zeros((2, CELL * high, CELL * wide), np.float32)
    for row, col in np.argwhere(chosen >= 0):
        top = CELL * row
        left = CELL * col
        patch = level[top : top + CELL + side - 1, left : left + CELL + side - 1]
        windows = np.lib.stride_tricks.sliding_window_view(patch, (side, side))
        answer = np.einsum("ijkl,pkl->pij", windows, bank[chosen[row, col]])
        response[:, top : top + CELL, left : left + CELL] = answer
    return response
