"""Ink maps that include reverse print, light letters on dark bars."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.ink import ink
from imgcore.types import Image

_DARK = 0.5
"""Largest lightness of a bar, as a share of the paper's."""
_LETTER = 7
"""Width in pixels at half size of the widest stroke in a bar that is closed over."""
_BAR = 9
"""Least height of a bar, in pixels at half size."""
_STROKE = 6
"""Pixels at half size that are wider than a stroke of dark letters."""
_SOLID = 0.2
"""Least share of a bar that is dark over more than the width of a stroke."""
_LEAST = 0.001
"""Share of the picture below which bars are ignored."""
_PAPER = 90
"""Percentile of lightness that is paper, even where a dark desk takes most of the picture."""


def any_ink(grey: Image) -> Image:
    """Ink as by `imgcore.paper.ink.ink`; within dark bars, lightness over the bar.

    4 ms a megapixel.
    """
    dark = ink(grey)
    bars = _bars(grey)
    if bars is None:
        return dark
    light = ink(np.asarray(cv2.bitwise_not(grey), np.uint8))
    # Noise on the paper has the level of noise in the bars.
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
    """Keep the components of a mask that are solid, not letters run together."""
    count, labels = cv2.connectedComponents(mask)
    size = np.bincount(labels.ravel(), minlength=count)
    filled = np.bincount(labels[solid > 0], minlength=count)
    keep = filled >= _SOLID * size
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


def _drop_desk(mask: npt.NDArray[np.uint8]) -> None:
    """Clear the components that touch the border."""
    rows, cols = mask.shape
    rim = [(x, y) for x in range(0, cols, _BAR) for y in (0, rows - 1)]
    rim += [(x, y) for y in range(0, rows, _BAR) for x in (0, cols - 1)]
    for x, y in rim:
        if mask[y, x]:
            cv2.floodFill(mask, None, (x, y), 0)
