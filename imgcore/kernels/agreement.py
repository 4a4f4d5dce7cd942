"""Two labels agreeing along rows and columns; the NumPy twin of ``_agreement``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]


def agreement(plane: Bytes, edges: Bytes, preference: Shorts, bond: int) -> Mask:
    """Which pixels are ink: darker than what is around them, or joined to such without an edge between.

    Each pixel prefers ink by the Laplacian of its brightness and by its level. Neighbours that
    differ in label pay `bond`, but nothing where an edge lies between them: its pixels are on
    the dark side. The energy is lowered by messages along all columns, then, with what they brought,
    along all rows; more rounds of that change one pixel in a thousand.

    Parameters
    ----------
    plane
        uint8 ``(rows, cols)``, ink dark.
    edges
        uint8 ``(rows, cols)``, 0 where there is no edge, as Canny's detector gives them.
    preference
        int16 ``(256,)``: what ink costs more than paper at each level; some hundreds at most.
    bond
        0..255.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``, True for ink.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a bond out of range.

    References
    ----------
    N. R. Howe, "Document binarization with automatic parameter tuning", 2013, for the energy;
    H. Hirschmueller, "Stereo processing by semiglobal matching", 2008, for lines instead of cuts.
    """
    if edges.shape != plane.shape:
        raise ValueError("plane and edges differ in shape")
    if preference.shape != (256,):
        raise ValueError("the preference is not of 256 levels")
    if not 0 <= bond <= 255:
        raise ValueError("the bond is not within 0..255")
    own = preference[plane].astype(np.int64) + _laplacian(plane)
    below = _bonds(plane, edges, bond)
    right = _bonds(plane.T, edges.T, bond).T
    wish = own + _arriving(own, below)
    return np.asarray(wish + _arriving(wish.T, right.T).T < 0)


def _laplacian(plane: Bytes) -> npt.NDArray[np.int64]:
    """Four times the level less the four neighbours, the rim repeated."""
    padded = np.pad(plane.astype(np.int64), 1, mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return np.asarray(4 * padded[1:-1, 1:-1] - around, np.int64)


def _bonds(plane: Bytes, edges: Bytes, bond: int) -> npt.NDArray[np.int64]:
    """Between each pixel and the one below."""
    bonds = np.zeros(plane.shape, np.int64)
    bonds[:-1] = np.where(np.where(plane[:-1] < plane[1:], edges[:-1], edges[1:]) > 0, 0, bond)
    return bonds


def _arriving(wish: npt.NDArray[np.int64], below: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What arrives along columns at each pixel, from above and from below."""
    total, rows = np.zeros_like(wish), len(wish)
    carried = np.zeros(wish.shape[1], np.int64)
    for y in range(rows - 1):
        carried = np.clip(carried + wish[y], -below[y], below[y])
        total[y + 1] += carried
    carried = np.zeros(wish.shape[1], np.int64)
    for y in range(rows - 1, 0, -1):
        carried = np.clip(carried + wish[y], -below[y - 1], below[y - 1])
        total[y - 1] += carried
    return total
