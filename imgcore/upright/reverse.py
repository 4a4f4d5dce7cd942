"""Ink, and light print on dark bars, which is read as ink."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.ink import ink
from imgcore.types import Image

_DARK = 0.5
"""A bar is darker than this part of the paper."""
_LETTER, _BAR = 7, 9
"""Pixels at half size: strokes up to the first are closed over, and a bar is as high as the second."""
_STROKE, _SOLID = 6, 0.2
"""Pixels at half size that no stroke of dark letters is wide, and the part of a bar that is dark so wide."""
_LEAST = 0.001
"""Part of the picture that bars must cover to be looked at."""
_PAPER = 90
"""Percentile of lightness that is paper, even where a dark desk takes most of the picture."""


def any_ink(grey: Image) -> Image:
    """As `imgcore.ink.ink`; within dark bars, how much lighter.

    4 ms a megapixel.
    """
    dark = ink(grey)
    bars = _bars(grey)
    if bars is None:
        return dark
    light = ink(np.asarray(cv2.bitwise_not(grey), np.uint8))
    # What is noise on the paper is noise in the bars.
    light[light < dark[dark > 0].min(initial=255)] = 0
    return np.asarray(np.where(bars, light, dark), np.uint8)


def _bars(grey: Image) -> npt.NDArray[np.bool_] | None:
    """Mask of dark ground, letters excluded; None if there is hardly any."""
    rows, cols = grey.shape
    if min(rows, cols) < 4 * _BAR:
        return None
    half = np.asarray(cv2.resize(grey, (cols // 2, rows // 2), interpolation=cv2.INTER_AREA), np.uint8)
    paper = float(np.percentile(half[::4, ::4], _PAPER))
    mask = np.asarray(half < _DARK * paper, np.uint8)
    solid = np.asarray(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_STROKE, _STROKE), np.uint8)), np.uint8
    )
    if solid.mean() < _SOLID * _LEAST:
        return None
    mask = np.asarray(
        cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((_LETTER, _LETTER), np.uint8)), np.uint8
    )
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_BAR, _BAR), np.uint8)), np.uint8)
    _drop_desk(mask)
    bars = _solid_parts(mask, solid)
    if bars.mean() < _LEAST:
        return None
    return np.asarray(cv2.resize(bars, (cols, rows), interpolation=cv2.INTER_NEAREST) > 0)


def _solid_parts(mask: Image, solid: Image) -> Image:
    """The parts of a mask that are not just letters run together."""
    count, labels = cv2.connectedComponents(mask)
    size = np.bincount(labels.ravel(), minlength=count)
    filled = np.bincount(labels[solid > 0], minlength=count)
    keep = filled >= _SOLID * size
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


def _drop_desk(mask: npt.NDArray[np.uint8]) -> None:
    """Clear what touches the rim."""
    rows, cols = mask.shape
    rim = [(x, y) for x in range(0, cols, _BAR) for y in (0, rows - 1)]
    rim += [(x, y) for y in range(0, rows, _BAR) for x in (0, cols - 1)]
    for x, y in rim:
        if mask[y, x]:
            cv2.floodFill(mask, None, (x, y), 0)
