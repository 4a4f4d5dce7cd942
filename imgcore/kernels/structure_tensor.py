"""Structure tensors of a picture's gradient, cell by cell; the NumPy twin of ``_structure_tensor``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.types import Image


def structure_tensors(grey: Image, cell: int) -> npt.NDArray[np.float32]:
    """Compute the structure tensor of each square cell, summed over its pixels.

    The gradient is that of the four pixels around a corner: unlike a difference over two
    pixels it answers to bars of one pixel each, which is what the thinnest codes have.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    cell
        Pixels on a side, 2 to 64; an incomplete cell at the right or at the bottom is left out.

    Returns
    -------
    ndarray
        float32 ``(rows // cell, cols // cell, 3)``: sums of gx², gy² and gx·gy in squared
        grey levels, gx being twice the mean difference across. The gradient belongs to the
        pixel's lower right corner; at the last row and column it is 0.
    """
    if not 2 <= cell <= 64:
        raise ValueError("a cell is 2 to 64 pixels")
    high = grey.shape[0] // cell
    wide = grey.shape[1] // cell
    level = grey.astype(np.int32)
    across = np.zeros(grey.shape, np.int32)
    down = np.zeros(grey.shape, np.int32)
    one = level[1:, 1:] - level[:-1, :-1]
    other = level[:-1, 1:] - level[1:, :-1]
    across[:-1, :-1] = one + other
    down[:-1, :-1] = one - other
    products = np.stack([across * across, down * down, across * down], axis=-1)
    cells = products[: high * cell, : wide * cell].reshape(high, cell, wide, cell, 3)
    return np.asarray(cells.sum(axis=(1, 3), dtype=np.int64), np.float32)
