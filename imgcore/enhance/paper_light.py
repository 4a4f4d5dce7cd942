"""Estimation of the paper's light in colour, also under large pictures and letterheads."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_REDUCED = 4
"""Factor of the first reduction of the picture for the measurement."""
_WRITING = (15, 15)
"""Window in pixels of the reduced picture that closes over writing and the lines of seals."""
_DARKEST = 0.33
"""Least share of the brightest paper's light that paper has."""
_TINT = 0.16
"""Largest difference in hue of paper from what most bright places have, in logarithms of ratios."""
_AGAIN = 2
"""Factor of a second reduction: once closed over writing, the light is smooth."""
_WINDOWS = ((5, 1.0), (17, 2e-2), (65, 4e-4), (257, 8e-6))
"""Sides in pixels of the twice reduced picture, and weights, of the means that extrapolate beyond paper."""
_RIM = np.ones((3, 3), np.uint8)
"""Neighbourhood of a pixel that is paper only if all of it is, so that nothing at its edge counts."""


def divide_by_paper(image: Image) -> Image:
    """Normalise a picture to even, white light: paper becomes 255 in each channel, shadows and tints vanish.

    Large print, in colour or dark, is not taken for paper: the light there is that of the paper
    around it.

    Parameters
    ----------
    image
        BGR or grey; the result has its shape.
    """
    light = cv2.resize(paper_light(image), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(image, light, scale=255), np.uint8)


def paper_light(image: Image) -> Image:
    """Estimate the level of blank paper in each place: an eighth of the rows and columns, same channels."""
    size = tuple(max(1, side // _REDUCED) for side in image.shape[1::-1])
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    filled_in = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones(_WRITING, np.uint8)))
    closed = filled_in[::_AGAIN, ::_AGAIN].astype(np.float32)
    paper = cv2.erode(_paper(closed).astype(np.uint8), _RIM).astype(np.float32)
    if not paper.any():
        paper[:] = 1
    weights = paper if image.ndim == 2 else paper[:, :, None]
    seen = _means(closed * weights)
    share = _means(paper)
    filled = seen / (share if image.ndim == 2 else share[:, :, None])
    return np.asarray(np.clip(np.rint(filled), 1, 255), np.uint8)


def _paper(closed: Floats) -> Mask:
    """Mask of paper in a picture closed over writing: bright, and of the hue most bright places have."""
    bright = closed if closed.ndim == 2 else closed.mean(axis=2)
    lit = bright >= _DARKEST * np.percentile(bright, 95)
    if closed.ndim == 2:
        return lit
    logs = np.log(np.maximum(closed, 1))
    hue = logs[:, :, ::2] - logs[:, :, 1:2]
    brightest = hue[bright >= np.percentile(bright, 50)]
    usual = np.median(brightest, axis=0)
    return np.asarray(lit & (np.abs(hue - usual) < _TINT).all(axis=2))


def _means(plane: Floats) -> Floats:
    """Sum of means over ever larger windows, the larger the less they weigh."""
    total = np.zeros_like(plane)
    for side, weight in _WINDOWS:
        total += weight * cv2.blur(plane, (side, side), borderType=cv2.BORDER_REPLICATE)
    # The whole picture's mean comes last, so that there is a light everywhere.
    return np.asarray(total + 1e-7 * plane.mean(axis=(0, 1)), np.float32)
