"""Measures of square cells and of those that belong together; the NumPy twin of ``_cell_measures``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.types import Image


def cell_greys(grey: Image, cell: int) -> Image:
    """Find the darkest and the lightest grey of each square cell, and its mean.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``, C-contiguous.
    cell
        Pixels on a side, 2 to 64; an incomplete cell at the right or at the bottom is left out.

    Returns
    -------
    ndarray
        uint8 ``(3, rows // cell, cols // cell)``: the darkest and the lightest of every second pixel of
        every second row, which is enough to tell ink from ground, and the mean of all.

    Raises
    ------
    ValueError
        The cell is too small or too large.
    """
    if not 2 <= cell <= 64:
        raise ValueError("a cell is 2 to 64 pixels")
    high = grey.shape[0] // cell
    wide = grey.shape[1] // cell
    cells = grey[: high * cell, : wide * cell].reshape(high, cell, wide, cell)
    some = cells[:, ::2, :, ::2]
    totals = cells.sum(axis=(1, 3), dtype=np.int32)
    means = (2 * totals + cell * cell) // (2 * cell * cell)
    return np.stack([some.min(axis=(1, 3)), some.max(axis=(1, 3)), means.astype(np.uint8)])


def component_statistics(
    labels: npt.NDArray[np.int32], inside: npt.NDArray[np.uint8], values: npt.NDArray[np.float32], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Measure labelled components, as OpenCV's own statistics do in five times as long as it labels.

    Parameters
    ----------
    labels
        int32 ``(rows, cols)``, C-contiguous; 0 is the ground, which is not measured.
    inside
        uint8 ``(rows, cols)``, not 0 where values are summed.
    values
        float32 ``(rows, cols, k)``.
    count
        Number of labels, the ground included.

    Returns
    -------
    tuple of ndarray
        Areas int64 ``(count,)``; boxes int32 ``(count, 4)``, left, top, width and height; sums float64
        ``(count, k)``. All are 0 for the ground and for a label without a cell.

    Raises
    ------
    ValueError
        The shapes differ, or a label is negative or not below `count`.
    """
    if not labels.shape == inside.shape == values.shape[:2]:
        raise ValueError("labels, mask and values differ in shape")
    if count < 1 or (labels.size and not 0 <= labels.min() <= labels.max() < count):
        raise ValueError("a label is 0 to less than the count")
    areas = np.bincount(labels.ravel(), minlength=count)
    areas[0] = 0
    boxes = np.zeros((count, 4), np.int32)
    for label in np.flatnonzero(areas).tolist():
        y, x = np.nonzero(labels == label)
        boxes[label] = x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1
    summed = (labels > 0) & (inside > 0)
    sums = np.zeros((count, values.shape[2]))
    np.add.at(sums, labels[summed], values[summed])
    return areas, boxes, sums


def cell_rectangle(
    tensors: npt.NDArray[np.float32], inside: npt.NDArray[np.uint8], spare: int
) -> tuple[float, float, float, float, float, float]:
    """Find the direction of cells' gradient, and the rectangle along it that their middles fill.

    Parameters
    ----------
    tensors
        float32 ``(rows, cols, 3)``, structure tensors as `structure_tensors` returns them.
    inside
        uint8 ``(rows, cols)``, C-contiguous, not 0 for the cells that count.
    spare
        One cell of so many is left out at each side.

    Returns
    -------
    tuple of float
        Sum of the squared gradient; angle from the x axis to the gradient in radians, -pi/2 to pi/2,
        clockwise as displayed; left and right end along the gradient, then top and bottom end beside it,
        in cells from the middle of the first one.

    Raises
    ------
    ValueError
        The shapes differ, no cell counts, or `spare` is not positive.
    """
    if tensors.shape != (*inside.shape, 3):
        raise ValueError("tensors and mask differ in shape")
    if spare < 1:
        raise ValueError("the share is of one cell or more")
    y, x = np.nonzero(inside)
    if not len(x):
        raise ValueError("there is no cell")
    across, down, mixed = tensors[y, x].sum(axis=0, dtype=np.float64).tolist()
    angle = float(np.arctan2(2 * mixed, across - down)) / 2
    cos = np.cos(angle)
    sin = np.sin(angle)
    few = len(x) // spare
    along = np.sort(x * cos + y * sin)
    beside = np.sort(y * cos - x * sin)
    ends = (along[few], along[-1 - few], beside[few], beside[-1 - few])
    left, right, top, bottom = (float(end) for end in ends)
    return across + down, angle, left, right, top, bottom
