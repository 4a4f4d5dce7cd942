"""Outlines of several documents against those that are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import iou

RIGHT = 0.9
"""Intersection over union from which a detection is right."""


def matches(found: Sequence[npt.NDArray[np.floating]], quads: Sequence[npt.NDArray[np.float64]]) -> int:
    """Count documents with a right detection; each detection is used once."""
    waiting = [np.asarray(quad, np.float64) for quad in found]
    right = 0
    for quad in quads:
        scores = [iou(quad, find) for find in waiting]
        if scores and max(scores) >= RIGHT:
            waiting.pop(int(np.argmax(scores)))
            right += 1
    return right
