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
Places = npt.NDArray[np.float64]

SIDE = 24
"""Rows and columns of a window."""
MOST = 256
"""So many windows of a picture at most."""
_THIN, _SMALL, _LARGE, _LONG = 2, 4, 70, 6
"""Pixels a letter's shorter side has at least, its longer one at least and at most, and their ratio."""
_STRAIGHT = 0.5
"""Degrees of skew that do not make pieces larger."""
_RIM = 0.75
"""A pixel that has less than this part of the faintest ink, once turned, is paper."""
_CONTEXT = 2.0
"""Side of a window in letters: it shows where the line runs, and what stands above and below."""
_WORD, _LETTER = 1.5, 1.15
"""Where pieces are usually longer than this many times their shorter side they are words, run together
by blur; a letter of theirs is so many times as high as the piece."""


def find_windows(image: Image) -> Windows:
    """Float32 ``(n, SIDE, SIDE)``, 0 for paper to 1 for ink, n at most `MOST`; the same ones each time.

    Letters are connected pieces of ink of a usual size; a piece may be part of a letter, or a few.
    """
    dark = ink(reduced(image))
    boxes = _pieces(dark)
    if not len(boxes):
        return np.zeros((0, SIDE, SIDE), np.float32)
    level = _level(dark)
    size = float(np.median(boxes[:, 2:].max(axis=1)))
    places = _middles(boxes) @ level[:, :2].T + level[:, 2]
    if _are_words(boxes):
        boxes = _pieces(_turned(dark, level))
        size = _LETTER * float(np.median(boxes[:, 2:].min(axis=1))) if len(boxes) else size
        places = _along(boxes, size)
    if len(places) > MOST:
        places = places[np.random.default_rng(1).choice(len(places), MOST, replace=False)]
    return _cut(dark, level, places, SIDE / max(_CONTEXT * size, 8.0))


def _level(dark: Image) -> Places:
    """Two by three: sets lines of text straight, be they level or on end, where they are certain."""
    skews = [skew_of(dark), skew_of(np.ascontiguousarray(np.rot90(dark)))]
    sure = [skew for skew in skews if skew is not None]
    degrees = max(sure, key=lambda skew: skew.confidence).degrees if sure else 0.0
    rows, cols = dark.shape
    return np.asarray(cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0), np.float64)


def _turned(dark: Image, level: Places) -> Image:
    if abs(level[0, 1]) < np.radians(_STRAIGHT):
        return dark
    turned = cv2.warpAffine(dark, level, dark.shape[::-1])
    # Turning spreads ink by half a pixel, which would join letters.
    faintest = float(dark[dark > 0].min(initial=255))
    return np.asarray(cv2.threshold(turned, _RIM * faintest, 255, cv2.THRESH_TOZERO)[1], np.uint8)


def _pieces(dark: Image) -> Boxes:
    """Left, top, width and height of pieces that may be letters."""
    boxes = np.asarray(cv2.connectedComponentsWithStats((dark > 0).astype(np.uint8))[2], np.int32)[1:, :4]
    longer, shorter = boxes[:, 2:].max(axis=1), boxes[:, 2:].min(axis=1)
    boxes = np.asarray(
        boxes[(shorter >= _THIN) & (longer >= _SMALL) & (longer <= _LARGE) & (longer <= _LONG * shorter)],
        np.int32,
    )
    if not len(boxes):
        return boxes
    # Dots and grain are many, but tell little: what counts is about as large as the larger half.
    longer = boxes[:, 2:].max(axis=1)
    usual = float(np.percentile(longer, 70))
    return np.asarray(boxes[(longer > 0.5 * usual) & (longer < 2.5 * usual)], np.int32)


def _middles(boxes: Boxes) -> Places:
    return np.asarray(boxes[:, :2] + (boxes[:, 2:] - 1) / 2, np.float64)


def _are_words(boxes: Boxes) -> bool:
    return float(np.median(boxes[:, 2:].max(axis=1) / boxes[:, 2:].min(axis=1))) > _WORD


def _along(boxes: Boxes, size: float) -> Places:
    """Several places along each word, one in each letter or two."""
    longer = boxes[:, 2:].max(axis=1, initial=0)
    count = np.maximum(1, (longer / (_CONTEXT * size)).astype(int))
    direction = (boxes[:, 2:] == longer[:, None]) * boxes[:, 2:]
    part = np.concatenate([np.zeros(0), *((np.arange(n) + 0.5) / n - 0.5 for n in count)])
    moved = part[:, None] * np.repeat(direction, count, axis=0)
    return np.asarray(_middles(np.repeat(boxes, count, axis=0)) + moved, np.float64)


def _cut(dark: Image, level: Places, places: Places, scale: float) -> Windows:
    """Windows about places of the levelled picture."""
    windows = np.zeros((len(places), SIDE, SIDE), np.float32)
    for window, shift in zip(windows, (SIDE - 1) / 2 - scale * places, strict=True):
        to_window = scale * level
        to_window[:, 2] += shift
        drawn = cv2.warpAffine(dark, to_window, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        window[:] = drawn / np.float32(max(1, int(drawn.max())))
    return windows
