"""Windows around letters, as the net for uprightness sees them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.deskew import skew_of
from imgcore.ink import ink, reduced
from imgcore.types import Image

Windows = npt.NDArray[np.float32]
Boxes = npt.NDArray[np.int32]

SIDE = 24
"""Rows and columns of a window."""
MOST = 256
"""So many windows of a picture at most."""
_SMALL, _LARGE, _LONG = 4, 70, 6
"""Pixels a letter's longer side has at least and at most, and its sides' ratio at most."""
_CONTEXT = 2.0
"""Side of a window in letters: it shows where the line runs, and what stands above and below."""


def find_windows(image: Image) -> Windows:
    """Float32 ``(n, SIDE, SIDE)``, 0 for paper to 1 for ink, n at most `MOST`; the same ones each time.

    Letters are connected pieces of ink of a usual size; a piece may be part of a letter, or a few.
    """
    dark = ink(reduced(image))
    boxes = _letters(dark)
    if not len(boxes):
        return np.zeros((0, SIDE, SIDE), np.float32)
    scale = SIDE / max(_CONTEXT * float(np.median(boxes[:, 2:].max(axis=1))), 8.0)
    if len(boxes) > MOST:
        boxes = boxes[np.random.default_rng(1).choice(len(boxes), MOST, replace=False)]
    level = np.asarray(cv2.getRotationMatrix2D((0, 0), -_lean(dark), scale), np.float64)
    return np.stack([_window(dark, box, level) for box in boxes])


def _lean(dark: Image) -> float:
    """Degrees counter-clockwise that lines lean, be they level or on end; 0 where it is not certain."""
    skews = [skew_of(dark), skew_of(np.ascontiguousarray(np.rot90(dark)))]
    sure = [skew for skew in skews if skew is not None]
    return max(sure, key=lambda skew: skew.confidence).degrees if sure else 0.0


def _letters(dark: Image) -> Boxes:
    """Left, top, width and height of pieces that may be letters."""
    boxes = np.asarray(cv2.connectedComponentsWithStats((dark > 0).astype(np.uint8))[2], np.int32)[1:, :4]
    longer, shorter = boxes[:, 2:].max(axis=1), boxes[:, 2:].min(axis=1)
    boxes = np.asarray(boxes[(longer >= _SMALL) & (longer <= _LARGE) & (longer <= _LONG * shorter)], np.int32)
    if not len(boxes):
        return boxes
    # Dots and grain are many, but tell little: what counts is about as large as the larger half.
    longer = boxes[:, 2:].max(axis=1)
    usual = float(np.percentile(longer, 70))
    return np.asarray(boxes[(longer > 0.5 * usual) & (longer < 2.5 * usual)], np.int32)


def _window(dark: Image, box: Boxes, level: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Turned and scaled as the two by three matrix `level` says, about the middle of `box`."""
    shift = (SIDE - 1) / 2 - level[:, :2] @ (box[:2] + (box[2:] - 1) / 2)
    to_window = np.column_stack([level[:, :2], shift])
    drawn = cv2.warpAffine(dark, to_window, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.asarray(drawn / np.float32(max(1, int(drawn.max()))), np.float32)
