"""Frames of a burst, small enough to be compared."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Number = TypeVar("Number", np.uint8, np.float32)

SIDE = 2000
"""Long side in pixels from which frames are compared at a fraction of their size."""
COARSE = 4
"""Factor by which a frame that is compared is reduced once more, so that what is pale shows above the
noise."""
FARTHEST = 0.01
"""Share of the long side by which a camera's stand may shake."""
CLIPPED = 250
"""Level from which a reflection has taken what was below."""
POINTS = 12_000
"""Most places on edges that an alignment is measured at."""


class FrameLook:
    """Frame in grey, small enough to be compared."""

    def __init__(self, frame: Image) -> None:
        self.shape = frame.shape
        self.step = -(-max(frame.shape[:2]) // SIDE)
        self.grey: Floats = reduced(grey_of(frame), self.step).astype(np.float32)
        self.soft: Floats = np.asarray(cv2.GaussianBlur(self.grey, (0, 0), 1.2), np.float32)
        self.coarse = reduced(self.grey, COARSE)
        self.energy = float(np.percentile(steepness(*slope(self.soft))[::3, ::3], 98))

    @cached_property
    def edges(self) -> FrameEdges:
        """Places that an alignment to this frame is measured at."""
        return FrameEdges(self)

    @cached_property
    def clipped(self) -> Image:
        """Reflections that have taken what was below, 0 or 255."""
        return reflections(self.grey)


class FrameEdges:
    """Places on the edges of a frame, taken evenly from all of it, and the system of equations there."""

    def __init__(self, look: FrameLook) -> None:
        across, down = slope(look.soft)
        self.steep = steepness(across, down)
        self.steep_coarse = reduced(self.steep, COARSE)
        self.steep_afar = 6 * steepness(*slope(from_afar(look.coarse)))
        rows, cols = self.steep.shape
        rim = max(4, round(FARTHEST * max(rows, cols)))
        inner = self.steep[rim : rows - rim, rim : cols - rim]
        bound = max(float(np.percentile(inner[::3, ::3], 90)), 4.0) if inner.size else 0.0
        found = np.nonzero(inner > bound)
        stride = max(1, len(found[0]) // POINTS)
        places = found[0][::stride] + rim, found[1][::stride] + rim
        self.y, self.x = (each.astype(np.float32) for each in places)
        self.level = look.soft[places]
        self.centre = np.array(look.soft.shape[::-1], np.float64) / 2
        self.u, self.v = (self.x - np.float32(self.centre[0]), self.y - np.float32(self.centre[1]))
        dx = across[places]
        dy = down[places]
        u = self.u
        v = self.v
        light = [self.level, np.ones_like(dx)]
        self.slopes: Floats = np.stack([dx, dy, dx * u, dx * v, dy * u, dy * v, *light], axis=1)


def reflections(grey: Floats) -> Image:
    """Return the reflections of a frame with their halo, 0 or 255."""
    full = (grey >= CLIPPED).astype(np.uint8) * 255
    spots = cv2.morphologyEx(full, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    halo = round(0.012 * max(grey.shape)) | 1
    return np.asarray(cv2.dilate(spots, np.ones((halo, halo), np.uint8)), np.uint8)


def from_afar(coarse: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(coarse, (0, 0), 2.5), np.float32)


def slope(levels: Floats) -> tuple[Floats, Floats]:
    """Return the change of level per pixel across and down."""
    across, down = (cv2.Sobel(levels, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def steepness(across: Floats, down: Floats) -> Floats:
    return across * across + down * down


def warped(values: npt.NDArray[Number], matrix: Matrix, how: int) -> npt.NDArray[Number]:
    border = cv2.BORDER_CONSTANT if how == cv2.INTER_NEAREST else cv2.BORDER_REPLICATE
    size = values.shape[1], values.shape[0]
    warped = cv2.warpAffine(values, matrix, size, flags=how | cv2.WARP_INVERSE_MAP, borderMode=border)
    return np.asarray(warped, values.dtype)


def enlarged(mask: npt.NDArray[Number], frame: Image | Floats) -> npt.NDArray[Number]:
    size = frame.shape[1], frame.shape[0]
    if mask.shape[::-1] == size:
        return mask
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), mask.dtype)


def reduced(values: npt.NDArray[Number], step: int) -> npt.NDArray[Number]:
    if step == 1:
        return values
    size = -(-values.shape[1] // step), -(-values.shape[0] // step)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), values.dtype)


def grey_of(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
