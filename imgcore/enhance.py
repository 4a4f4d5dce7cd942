"""How a document looks: grey, or pure black and white."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

_BACKGROUND_REACH = 12
"""Closing radius in pixels of the reduced picture: wider than any stroke."""


def grey(image: Image) -> Image:
    """Luminance, BT.601; a grey picture comes back itself."""
    if image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]


def black_white(image: Image) -> Image:
    """Ink 0, paper 255, nothing between.

    The paper's brightness (a closing at a quarter of the size, smoothed) is divided out,
    then Otsu's threshold parts ink from paper.

    Returns
    -------
    Image
        Grey ``(rows, cols)`` of 0 and 255.
    """
    flat = flatten(grey(image))
    threshold, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.where(flat > threshold, np.uint8(255), np.uint8(0))


def flatten(plane: Image) -> Image:
    """One channel with its background divided out: paper becomes 255 in any light."""
    return cv2.divide(plane, _background(plane), scale=255)  # type: ignore[return-value]


def _background(plane: Image) -> Image:
    rows, cols = plane.shape
    size = (max(1, cols // 4), max(1, rows // 4))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _BACKGROUND_REACH + 1,) * 2)
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (2 * _BACKGROUND_REACH + 1,) * 2)
    full = cv2.resize(paper, (cols, rows), interpolation=cv2.INTER_LINEAR)
    return np.maximum(full, 1)
