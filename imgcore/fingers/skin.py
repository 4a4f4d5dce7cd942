"""Skin by its colour: in any light, and by its tint beside the paper's, which shade and most print lack."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from imgcore.fingers.shape import filled
from imgcore.paper.colour import Floats, Mask, max_channel
from imgcore.paper.inpainting import PaperModel

_CLOSED = 5
"""Pixels of gaps that are closed in skin, as at a nail or a crease."""
_THICK = 9
"""Pixels of what is too thin for a finger."""
_SMALLEST = 120
"""Least pixels of a region of skin."""
_BORDER = 2
"""Greatest distance in pixels of a region of skin from the border."""
_WIDEST = 20
"""Pixels by which the picture is continued beyond its border, as a finger goes on there."""


def relative_tint(ratio: Floats) -> Floats:
    """Chroma as logarithms of red over green and green over blue, float32 ``(rows, cols, 2)``."""
    blue, green, red = cv2.split(np.log(np.maximum(ratio, 1e-3)))
    return np.asarray(np.stack([red - green, green - blue], axis=2), np.float32)


def skin_regions(ratio: Floats) -> Iterator[Mask]:
    """Yield regions of skin's tint relative to paper that enter from the border, without holes.

    Parameters
    ----------
    ratio
        float32 ``(rows, cols, 3)``, the picture without print relative to paper; some 800 pixels long.

    Yields
    ------
    ndarray
        bool ``(rows, cols)``.
    """
    tint = relative_tint(np.asarray(cv2.blur(np.maximum(ratio, 0.02), (3, 3)), np.float32))
    warm = tint[:, :, 0]
    yellow = tint[:, :, 1]
    high = max_channel(ratio)
    like = (warm > 0.1) & (warm < 1) & (yellow > 0.03) & (yellow < 0.4) & (high > 0.2) & (high < 1.15)
    # A finger goes on beyond the border.
    padded = np.pad(like.astype(np.uint8), _WIDEST, mode="edge")
    for operation, width in ((cv2.MORPH_CLOSE, _CLOSED), (cv2.MORPH_OPEN, _THICK)):
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        padded = np.asarray(cv2.morphologyEx(padded, operation, disc), np.uint8)
    inside = np.ascontiguousarray(padded[_WIDEST:-_WIDEST, _WIDEST:-_WIDEST])
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    rows, cols = inside.shape
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        near = min(left, top, cols - left - width, rows - top - height) <= _BORDER
        if number and near and area >= _SMALLEST:
            yield filled(labels == number)


def skin_in(region: Mask, model: PaperModel, ratio: Floats) -> float:
    """Share of skin colours in a region, in the paper's light or as seen: very dark skin is near either."""
    return max(skin_share(ratio[region]), skin_share(model.blank[region].astype(np.float32)))


def skin_mask(ratio: Floats) -> Mask:
    """Mask of skin colours, bool ``(rows, cols)``."""
    return is_skin_colour(ratio.reshape(-1, ratio.shape[2])).reshape(ratio.shape[:2])


def skin_share(colours: Floats) -> float:
    """Share of skin colours."""
    return float(is_skin_colour(colours).mean())


def is_skin_colour(colours: Floats) -> Mask:
    """Mask of the colours of skin in white light, from very light to very dark."""
    blue, green, red = (np.log(np.maximum(colours[:, channel], 1e-3)) for channel in range(3))
    warm = red - green
    yellow = green - blue
    like = (warm > 0.02) & (warm < 0.8) & (yellow > -0.18) & (yellow < 1.15) & (warm + yellow > 0.08)
    return np.asarray(like, bool)
