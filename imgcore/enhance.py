"""How a document looks: grey, or pure black and white."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_REDUCED = 4
"""The background is smooth: it is measured on a picture reduced by this."""
_REACH = 12
"""Closing radius in pixels of the reduced picture: wider than any stroke of writing."""
_NEAR, _FAR = 7, 29
"""Windows in pixels of the reduced picture for the paper beside ink, and where there is none."""
_FAINT_WEIGHT = 0.02
_PAPER = 240
"""What paper becomes; leaves room for what is brighter than its surroundings."""
_GRAIN, _FAINT = 30, 60
"""Levels below paper that are its grain, and that faint ink reaches somewhere in each stroke."""
_SKIRT, _DEPTH = 0.12, 0.6
"""How far a stroke reaches: beyond Otsu's threshold by this share of the way to paper, or to
this share of its own depth, whichever is more."""
_LIT = 0.5
"""A channel with less light than this, of the brightest one's, is noise rather than colour."""


def grey(image: Image) -> Image:
    """Luminance, BT.601; a grey picture comes back itself."""
    if image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]


def black_white(image: Image) -> Image:
    """Ink 0, paper 255, nothing between; about 25 ms a megapixel.

    The paper's brightness is divided out twice, the second time measured only where the
    first found no ink. Otsu's threshold parts ink from paper; but as a filled bar would hide
    pale text from it, each connected piece is also held against its own darkest point.

    Returns
    -------
    Image
        Grey ``(rows, cols)`` of 0 and 255.

    Notes
    -----
    F-measure on DIBCO 2009, 2010, 2012 and 2016: 87.4; one closing and Otsu alone, 86.4, and
    those lose yellow and grey print of invoices altogether.
    """
    plane = _ink_plane(image)
    once = flatten(plane)
    flat = _flatten_beside(plane, once <= _otsu(once))
    threshold = min(_otsu(flat), _PAPER - _GRAIN)
    return _strokes(flat, threshold + _SKIRT * (_PAPER - threshold))


def flatten(plane: Image) -> Image:
    """One channel with its background divided out: paper becomes 255 in any light."""
    return cv2.divide(plane, _closed(plane), scale=255)  # type: ignore[return-value]


def _ink_plane(image: Image) -> Image:
    """Half brightness, half the darkest channel, where coloured ink is nearly black."""
    if image.ndim == 2:
        return image
    channels = [np.asarray(channel, np.uint8) for channel in cv2.split(image)]
    light = [float(np.percentile(channel[::8, ::8], 80)) for channel in channels]
    lit = [channel for channel, level in zip(channels, light, strict=True) if level >= _LIT * max(light)]
    darkest = reduce(np.minimum, map(flatten, lit))
    return np.asarray(cv2.addWeighted(flatten(grey(image)), 0.5, darkest, 0.5, 0), np.uint8)


def _closed(plane: Image) -> Image:
    """The paper's brightness: what remains when everything thinner than `_REACH` is filled."""
    window = (2 * _REACH + 1,) * 2
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, window)
    small = cv2.resize(plane, _reduced_size(plane), interpolation=cv2.INTER_AREA)
    paper = np.asarray(cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), window), np.uint8)
    return np.maximum(_enlarged(paper, plane), 1)


def _flatten_beside(plane: Image, ink: Mask) -> Image:
    """One channel divided by the paper near by, ink and its rim left out of the measure."""
    paper = cv2.erode(np.where(ink, np.uint8(0), np.uint8(255)), np.ones((3, 3), np.uint8))
    size = _reduced_size(plane)
    share = cv2.resize(paper, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    seen = cv2.resize(cv2.bitwise_and(plane, paper), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    # Deep in a filled bar the near window sees no paper, and the faint weight of the far one decides.
    measured = _mean(seen, _NEAR) + _FAINT_WEIGHT * _mean(seen, _FAR)
    background = measured / np.maximum(_mean(share, _NEAR) + _FAINT_WEIGHT * _mean(share, _FAR), 1e-2)
    return np.asarray(
        cv2.divide(plane, _enlarged(_bytes(np.asarray(background * 255, np.float32)), plane), scale=_PAPER),
        np.uint8,
    )


def _strokes(flat: Image, threshold: float) -> Image:
    """Connected pieces darker than grain, each to its own depth, as 0 on 255."""
    dark = flat <= max(_PAPER - _GRAIN, threshold)
    count, pieces = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    piece, level = np.asarray(pieces, np.int32)[dark], flat[dark]
    deepest = np.full(count, 255, np.uint8)
    np.minimum.at(deepest, piece, level)
    depth = _PAPER - deepest.astype(np.float64)
    reach = np.where(depth >= _FAINT, np.maximum(threshold, _PAPER - _DEPTH * depth), -1)
    bilevel = np.full(flat.shape, 255, np.uint8)
    bilevel[dark] = np.where(level <= reach[piece], 0, 255)
    return bilevel


def _otsu(plane: Image) -> float:
    return cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]


def _mean(plane: Plane, window: int) -> Plane:
    return np.asarray(cv2.blur(plane, (window, window)), np.float32)


def _bytes(plane: Plane) -> Image:
    return np.clip(np.rint(plane), 1, 255).astype(np.uint8)


def _reduced_size(plane: Image) -> tuple[int, int]:
    return max(1, plane.shape[1] // _REDUCED), max(1, plane.shape[0] // _REDUCED)


def _enlarged(small: Image, plane: Image) -> Image:
    size = (plane.shape[1], plane.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)
