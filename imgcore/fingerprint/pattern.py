"""Ridge pattern at half the resolution, and the maps made of it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Ridges = npt.NDArray[np.float32]
"""float32 ``(rows, cols)``, one value for 2 x 2 pixels of 500 dpi: 1 on ridges, -1 between, 0 outside."""

SCALE = 2
"""Pixels of 500 dpi to one of the pattern."""

CELL = 2
"""Pixels of the pattern on a side of a cell of the maps made of it: 4 pixels of 500 dpi."""

_SMOOTH = 0.8
"""Sigma of the smoothing of a binary pattern, in pixels of the pattern."""


def simplify(response: npt.NDArray[np.complex64], within: npt.NDArray[np.bool_]) -> Ridges:
    """Reduce a filtered picture to the ridge pattern that a template keeps."""
    height, width = (size // SCALE * SCALE for size in response.shape)
    wave = np.ascontiguousarray(response.real[:height, :width])
    half = cv2.resize(wave, (width // SCALE, height // SCALE), interpolation=cv2.INTER_AREA)
    inner = within[:height:SCALE, :width:SCALE]
    return soften(half > 0, inner)


def soften(dark: npt.NDArray[np.bool_], within: npt.NDArray[np.bool_]) -> Ridges:
    """Smooth a binary ridge pattern, as matching takes slopes, not steps."""
    signs = np.where(within, np.where(dark, 1.0, -1.0), 0.0).astype(np.float32)
    smooth = cv2.GaussianBlur(signs, (0, 0), _SMOOTH) if signs.size else signs
    # Sign and place of each pixel stay readable: no value inside is 0, and none changes its sign.
    sloped = np.where(dark, np.maximum(smooth, 0.05), np.minimum(smooth, -0.05))
    return np.where(within, sloped, 0).astype(np.float32)


def inside(ridges: Ridges) -> npt.NDArray[np.bool_]:
    """Mask of the cells of 4 x 4 pixels with ridges."""
    return np.ascontiguousarray(ridges[CELL // 2 :: CELL, CELL // 2 :: CELL] != 0)


def directions(ridges: Ridges) -> npt.NDArray[np.complex64]:
    """Doubled directions across the ridges by cells, with the coherence as length; y down."""
    empty = cv2.dilate((ridges == 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    across, down = (cv2.Scharr(ridges, cv2.CV_32F, *axis, scale=1 / 16) for axis in ((1, 0), (0, 1)))
    across[empty] = 0
    down[empty] = 0
    parts = (across * across - down * down, 2 * across * down, across * across + down * down)
    size = (ridges.shape[1] // CELL, ridges.shape[0] // CELL)
    cells = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in parts)
    real, imaginary, energy = (cv2.GaussianBlur(cell, (0, 0), 1.5) for cell in cells)
    return np.asarray((real + 1j * imaginary) / (energy + 1e-3), np.complex64)
