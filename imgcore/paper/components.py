"""Connected components of a mask, one by one."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from imgcore.paper.colour import Mask
from imgcore.types import Image

Box = tuple[slice, slice]
"""Rows and columns."""


def components(mask: Image, connectivity: int) -> Iterator[tuple[Box, Mask]]:
    """Yield the connected components of a mask, each as a mask of its box with a pixel around.

    In masks of the whole picture specks would take the square of the time.

    Parameters
    ----------
    mask
        uint8 ``(rows, cols)``, not 0 where it is set.
    connectivity
        4 or 8.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        box = np.s_[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1]
        yield box, labels[box] == number
