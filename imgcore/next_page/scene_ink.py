"""Ink in a scene: what is printed and written there, whatever the light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]
"""intp ``(n, 2)``: rows and columns of cells."""

LONG = 1000
"""Long side of the picture in which ink is looked for."""
CELL = 16
"""Side of the cells that are compared, in pixels of the picture in which ink is looked for: a letter or
two."""
_STROKE = 11
"""Pixels that strokes are thinner than."""
_FAINT = 0.06
"""Depth of ink that noise and the grain of paper do not reach."""
_SOFT = 0.5
"""Standard deviation in pixels of the blur of ink in fine pictures."""
_COARSE = 0.9
"""Standard deviation in pixels of the blur of ink in pictures that are hardly reduced."""
_FINE = 0.9
"""Factor of reduction from which a picture is hardly reduced."""
_INKED = 0.07
"""Deviation of a cell's ink from which there is some in it."""
_LINE = 0.8
"""Coherence from which a cell holds nothing but a straight line: a rule, or the edge of a sheet."""
_BRIGHT = 0.42
"""Least level of paper, in parts of the brightest."""
_FEATURES = 800
"""Most features of a scene by which it is recognized where it has moved."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneInk:
    """Ink of a scene.

    Attributes
    ----------
    ink
        float32 ``(rows, cols)``: 0 for paper to 1 for black.
    cells
        Cells with ink that is no straight line.
    points, descriptors
        Features in the ink; ``(n, 2)`` and ``(n, 32)``.
    is_coarse
        True if the picture is smaller than others are made.
    """

    ink: Floats
    cells: Places
    points: Floats
    descriptors: Image
    is_coarse: bool


def scene_ink(image: Image) -> SceneInk:
    """Return the ink of a picture, BGR or grey; some 25 ms."""
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    factor = LONG / max(grey.shape)
    if factor < 1:
        size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    calm = cv2.GaussianBlur(grey, (0, 0), 0.8)
    paper = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, np.ones((_STROKE, _STROKE), np.uint8))
    level = cv2.blur(paper, (_STROKE, _STROKE)).astype(np.float32)
    ink = np.maximum((paper.astype(np.float32) - calm) / np.maximum(level, 16) - _FAINT, 0)
    ink = np.asarray(ink, np.float32)
    # Rules that are thinner than a pixel are seen otherwise at each angle.
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), _SOFT if factor < _FINE else _COARSE), np.float32)
    return SceneInk(ink, _cells(ink, level), *_features(np.asarray(calm, np.uint8), ink), factor > 1)


def _cells(ink: Floats, level: Floats) -> Places:
    size = (ink.shape[1] // CELL, ink.shape[0] // CELL)
    inked = _deviation(ink, size) > _INKED
    bright = _mean(level, size) > _BRIGHT * np.percentile(level[::8, ::8], 98)
    return np.argwhere(inked & bright & (_coherence(ink, size) < _LINE))


def _mean(values: Floats, size: tuple[int, int]) -> Floats:
    cut = values[: size[1] * CELL, : size[0] * CELL]
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.float32)


def _deviation(ink: Floats, size: tuple[int, int]) -> Floats:
    mean = _mean(ink, size)
    return np.asarray(np.sqrt(np.maximum(_mean(ink * ink, size) - mean * mean, 0)), np.float32)


def _coherence(ink: Floats, size: tuple[int, int]) -> Floats:
    """Return 0 for strokes to all sides, 1 for a straight line, by cells."""
    dx = cv2.Sobel(ink, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(ink, cv2.CV_32F, 0, 1)
    xx = _mean(dx * dx, size)
    yy = _mean(dy * dy, size)
    xy = _mean(dx * dy, size)
    return np.asarray(np.hypot(xx - yy, 2 * xy) / np.maximum(xx + yy, 1e-6), np.float32)


def _features(calm: Image, ink: Floats) -> tuple[Floats, Image]:
    mask = cv2.dilate((ink > _FAINT).astype(np.uint8), np.ones((5, 5), np.uint8))
    orb = cv2.ORB.create(
        nfeatures=_FEATURES, nlevels=3, scaleFactor=1.25, edgeThreshold=12, patchSize=25, fastThreshold=8
    )
    keypoints, descriptors = orb.detectAndCompute(calm, mask)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([keypoint.pt for keypoint in keypoints], np.float32), np.asarray(descriptors, np.uint8)
