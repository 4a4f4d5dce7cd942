"""Two-dimensional look-up table applied to two pictures; the NumPy twin of ``_pair_lookup``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def pair_lookup(first: Bytes, second: Bytes, table: Bytes) -> Bytes:
    """Apply any tabled function of two pictures' levels; as one division and one curve, for instance.

    Parameters
    ----------
    first
        uint8 ``(rows, cols, channels)``, or one channel that serves for all of `second`.
    second
        uint8 ``(rows, cols, channels)``.
    table
        uint8 ``(256, 256)``, indexed by the level in `first`, then in `second`.

    Returns
    -------
    ndarray
        uint8 of `second`'s shape.

    Raises
    ------
    ValueError
        The pictures differ in shape, or the table is not 256 x 256.
    """
    if first.shape[:2] != second.shape[:2] or first.shape[2] not in (1, second.shape[2]):
        raise ValueError("the two planes differ in shape")
    if table.shape != (256, 256):
        raise ValueError("the table is not 256 x 256")
    return np.asarray(table[first, second], np.uint8)
