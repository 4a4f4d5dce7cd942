"""Components of ink that lie within others, as the cores of finder patterns do."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Numbers = npt.NDArray[np.intp]


def nested_components(ink: Image) -> int:
    """Count the outlines of a mask that lie in another's hole, as cores in their rings do."""
    parents = _parents(ink)
    inner = parents[parents >= 0]
    return int(np.count_nonzero(parents[inner] >= 0))


def _parents(ink: Image) -> Numbers:
    """Find the number of what is around each component and each of their holes, or -1.

    As a tree of contours, which would take the square of the time where there are many.
    """
    (dark, dark_boxes, dark_first) = _components(ink, 8)
    (light, holes, light_first) = _components(1 - ink, 4)
    is_hole = (holes[:, :2] > 0).all(axis=1) & (holes[:, :2] + holes[:, 2:] < ink.shape[::-1]).all(axis=1)
    number_of = np.full(len(holes) + 1, -1)
    number_of[1:][is_hole] = len(dark_boxes) + np.arange(np.count_nonzero(is_hole))
    # The pixel before the first one of a component, row by row, belongs to what is around it.
    around_dark = number_of[light.ravel()[dark_first - 1]]
    around_dark[dark_first % ink.shape[1] == 0] = -1
    around_holes = dark.ravel()[light_first[is_hole] - 1] - 1
    return np.concatenate([around_dark, around_holes])


def _components(mask: Image, connectivity: int) -> tuple[npt.NDArray[np.int32], Numbers, Numbers]:
    """Label connected components from 1; returns also the box of each, and the number of its first pixel."""
    count, labels = cv2.connectedComponents(mask, connectivity=connectivity)
    # OpenCV's own statistics take three times as long as its labels; these come from the ends of runs.
    inked = np.pad(mask > 0, ((0, 0), (1, 1)))
    begins = np.flatnonzero(inked[:, 1:-1] & ~inked[:, :-2])
    ends = np.flatnonzero(inked[:, 1:-1] & ~inked[:, 2:])
    label = np.asarray(labels).ravel()[begins].astype(np.intp)
    cols = mask.shape[1]
    first, last, left, right = np.zeros((4, count), np.intp)
    first[label[::-1]] = begins[::-1]
    last[label] = begins
    left[:] = cols
    np.minimum.at(left, label, begins % cols)
    np.maximum.at(right, label, ends % cols)
    top = first // cols
    bottom = last // cols
    boxes = np.stack([left, top, right - left + 1, bottom - top + 1], axis=1)
    return np.asarray(labels, np.int32), boxes[1:], first[1:]
