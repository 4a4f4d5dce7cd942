"""Binarization as a Markov random field of ink and paper; the NumPy twin of ``_mrf_binarization``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]


def binarize_mrf(plane: Bytes, edges: Bytes, unary: Shorts, pairwise: int) -> Mask:
    """Label each pixel ink or paper by the energy of Howe's Markov random field.

    The unary cost of ink is the Laplacian of a pixel's brightness plus a cost by its level. Neighbours
    that differ in label cost `pairwise`, but nothing where an edge lies between them: its pixels are on
    the dark side. The energy is lowered by messages along all columns, then, with those received,
    along all rows; more rounds of that change one pixel in a thousand.

    Parameters
    ----------
    plane
        uint8 ``(rows, cols)``, ink dark.
    edges
        uint8 ``(rows, cols)``, 0 where there is no edge, as Canny's detector gives them.
    unary
        int16 ``(256,)``: cost of ink less that of paper at each level; some hundreds at most.
    pairwise
        0..127.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``, True for ink.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a pairwise cost out of range.

    References
    ----------
    N. R. Howe, "Document binarization with automatic parameter tuning", 2013, for the energy;
    H. Hirschmueller, "Stereo processing by semiglobal matching", 2008, for paths instead of graph cuts.
    """
    if edges.shape != plane.shape:
        raise ValueError("plane and edges differ in shape")
    if unary.shape != (256,):
        raise ValueError("the unary costs are not of 256 levels")
    if not 0 <= pairwise <= 127:
        raise ValueError("the pairwise cost is not within 0..127")
    cost = unary[plane].astype(np.int64) + _laplacian(plane)
    below = _pairwise_costs(plane, edges, pairwise)
    right = _pairwise_costs(plane.T, edges.T, pairwise).T
    received = cost + _messages(cost, below)
    return np.asarray(received + _messages(received.T, right.T).T < 0)


def double_where_sharp(
    across: Shorts, down: Shorts, darkest: Bytes, brightest: Bytes, ratio: int, least: int
) -> None:
    """Double a gradient where it rises at once by nearly all that its neighbourhood spans.

    A rise is the greater of the two derivatives and half of the lesser.

    Parameters
    ----------
    across, down
        int16 ``(rows, cols)``, derivatives along both ways, within -8191..8191; changed.
    darkest, brightest
        uint8 ``(rows, cols)``, of each pixel's neighbourhood.
    ratio
        Least rise of a sharp edge, as a multiple of the span between the two; 0..127.
    least
        Least span.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a ratio out of range.
    """
    if not across.shape == down.shape == darkest.shape == brightest.shape:
        raise ValueError("the planes differ in shape")
    if not 0 <= ratio <= 127:
        raise ValueError("the ratio is not within 0..127")
    span = brightest.astype(np.int16) - darkest
    x = np.abs(across)
    y = np.abs(down)
    rise = np.maximum(x, y) + (np.minimum(x, y) >> 1)
    sharp = (rise >= span * np.int16(ratio)) & (span >= least)
    across[sharp] *= 2
    down[sharp] *= 2


def _laplacian(plane: Bytes) -> npt.NDArray[np.int64]:
    """Four times the level less the four neighbours, the rim repeated."""
    padded = np.pad(plane.astype(np.int64), 1, mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return np.asarray(4 * padded[1:-1, 1:-1] - around, np.int64)


def _pairwise_costs(plane: Bytes, edges: Bytes, pairwise: int) -> npt.NDArray[np.int64]:
    """Cost of different labels between each pixel and the one below."""
    costs = np.zeros(plane.shape, np.int64)
    costs[:-1] = np.where(np.where(plane[:-1] < plane[1:], edges[:-1], edges[1:]) > 0, 0, pairwise)
    return costs


def _messages(cost: npt.NDArray[np.int64], below: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sum of the messages that reach each pixel along its column, from above and from below."""
    received = np.zeros_like(cost)
    rows = len(cost)
    carried = np.zeros(cost.shape[1], np.int64)
    for y in range(rows - 1):
        carried = np.clip(carried + cost[y], -below[y], below[y])
        received[y + 1] += carried
    carried = np.zeros(cost.shape[1], np.int64)
    for y in range(rows - 1, 0, -1):
        carried = np.clip(carried + cost[y], -below[y - 1], below[y - 1])
        received[y - 1] += carried
    return received
