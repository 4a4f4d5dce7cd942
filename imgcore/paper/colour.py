"""Estimation of the colour of a page's bare paper."""

from __future__ import annotations

from functools import reduce
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Number = TypeVar("Number", np.uint8, np.float32)

_FIT_SIDE = 96
"""Long side of the picture on which the paper's colour is fitted: in one light it is smooth."""
_BELIEF = (0.3, 0.2, 0.12, 0.08, 0.08, 0.08)
"""Logarithmic distance at which a pixel no longer counts as paper, in each pass of the fit."""


def reduced(image: Image, side: int) -> Image:
    """Reduce a picture to a long side of at most `side` pixels, by area."""
    if max(image.shape[:2]) <= side:
        return image
    if max(image.shape[:2]) > 2 * side and min(image.shape[:2]) > 3:
        # Halving first takes half the time; an odd last row or column does not matter.
        rows = image.shape[0] // 2
        cols = image.shape[1] // 2
        halved = cv2.resize(image[: 2 * rows, : 2 * cols], (cols, rows), interpolation=cv2.INTER_AREA)
        return reduced(np.asarray(halved, np.uint8), side)
    factor = side / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def scaled(image: Image, side: int) -> Image:
    """Scale a picture to a long side of `side` pixels, so that sizes in pixels fit it."""
    factor = side / max(image.shape[:2])
    if factor <= 1 or min(image.shape[:2]) < 2:
        return reduced(image, side)
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def without_strokes(image: Image, width: int, beyond: bool = False) -> Image:
    """Fill print thinner than `width` pixels with the paper beside it.

    Parameters
    ----------
    beyond
        True to treat the picture as if it went on beyond its border, where what is thin may be the tip of a
        thing.
    """
    around = width if beyond else 0
    padded = cv2.copyMakeBorder(image, *(around,) * 4, cv2.BORDER_REPLICATE) if beyond else image
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    rows, cols = image.shape[:2]
    return np.ascontiguousarray(closed[around : around + rows, around : around + cols], np.uint8)


def paper_colour(blank: Image, inside: Mask | None = None) -> Floats:
    """Estimate the paper's colour everywhere, also under things that lie on it.

    A surface of second degree through the logarithm of each channel, fitted to the commonest
    colour and what varies smoothly from it.

    Parameters
    ----------
    blank
        A page `without_strokes`, a few hundred pixels long.
    inside
        bool ``(rows, cols)``: True for the page; by default everywhere.

    Returns
    -------
    ndarray
        float32 ``(rows, cols, channels)``, 1..255.
    """
    small = reduced(blank, _FIT_SIDE)
    rows, cols = small.shape[:2]
    levels = np.log(np.maximum(small.reshape(rows * cols, -1).astype(np.float32), 1))
    counts: Floats = np.ones(len(levels), np.float32)
    if inside is not None:
        share = cv2.resize(inside.astype(np.float32), (cols, rows), interpolation=cv2.INTER_AREA)
        counts = np.asarray(share, np.float32).ravel()
    terms = _terms(rows, cols)
    surface = np.broadcast_to(_dominant_colour(levels, counts), levels.shape)
    for degree, belief in enumerate(_BELIEF):
        distance = reduce(np.maximum, np.abs(levels - surface).T)
        weight = counts * np.exp(-((distance / belief) ** 2)) + 1e-6
        used = terms[:, : 3 if degree < 2 else 6]
        gain = (used * weight[:, None]).T
        ridge = 1e-3 * weight.sum() * np.diag([0.0] + [1.0] * (used.shape[1] - 1))
        surface = used @ np.linalg.solve(gain @ used + ridge, gain @ levels)
    smooth = np.exp(np.clip(surface, 0, np.log(255))).reshape(rows, cols, -1).astype(np.float32)
    return enlarged(smooth, blank.shape)


def enlarged(plane: Floats, shape: tuple[int, ...]) -> Floats:
    """Resize to the rows and columns of `shape`; keeps or gains the axis of channels."""
    large = cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32).reshape(shape[0], shape[1], -1)


def relative(image: Image, paper: Floats) -> Floats:
    """Divide a picture by the colour of its paper, float32 ``(rows, cols, channels)``; 1 is paper."""
    return np.asarray(image.reshape(paper.shape) / paper, np.float32)


def max_channel(planes: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Maximum over the channels of each pixel; ten times as fast as NumPy's over a short axis."""
    return planes if planes.ndim == 2 else reduce(np.maximum, cv2.split(planes))  # type: ignore[arg-type]


def min_channel(planes: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Minimum over the channels of each pixel."""
    return planes if planes.ndim == 2 else reduce(np.minimum, cv2.split(planes))  # type: ignore[arg-type]


def _terms(rows: int, cols: int) -> Floats:
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    x = x.ravel() / max(1, cols - 1) - 0.5
    y = y.ravel() / max(1, rows - 1) - 0.5
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _dominant_colour(levels: Floats, counts: Floats) -> Floats:
    """Colour of the highest peak of brightness, bright pixels weighing more."""
    brightness = levels.mean(axis=1)
    weight = counts * np.exp(brightness - brightness.max())
    histogram, edges = np.histogram(brightness, 64, (0.0, 5.6), weights=weight)
    peak = int(np.convolve(histogram, [1, 2, 3, 2, 1], "same").argmax())
    near = (np.abs(brightness - (edges[peak] + edges[peak + 1]) / 2) < 0.13) & (counts > 0)
    return np.median(levels[near], axis=0) if near.any() else np.median(levels, axis=0)


def push_pull(values: Floats, known: Floats) -> Floats:
    """Extrapolate known values smoothly over unknown pixels: push and pull through a pyramid.

    Parameters
    ----------
    values
        float32 ``(rows, cols, channels)``.
    known
        float32 ``(rows, cols)``, 0..1, weight of each value.

    Returns
    -------
    ndarray
        float32, equal to `values` where `known` is 1; zeros if nothing is known.

    References
    ----------
    S. J. Gortler et al., "The Lumigraph", 1996: push and pull.
    """
    rows, cols = known.shape
    if min(rows, cols) < 2 or max(rows, cols) <= 2:
        total = float(known.sum())
        mean = (values * known[:, :, None]).sum(axis=(0, 1)) / max(total, 1e-6)
        filled: Floats = values * known[:, :, None] + mean * (1 - known[:, :, None])
        return filled
    size = ((cols + 1) // 2, (rows + 1) // 2)
    weight = np.asarray(cv2.pyrDown(known, dstsize=size), np.float32)
    product = np.asarray(cv2.pyrDown(values * known[:, :, None], dstsize=size), np.float32)
    coarse = product.reshape(size[1], size[0], -1) / np.maximum(weight, 1e-6)[:, :, None]
    far = push_pull(coarse.astype(np.float32), np.minimum(4 * weight, 1).astype(np.float32))
    back = np.asarray(cv2.pyrUp(far, dstsize=(cols, rows)), np.float32).reshape(rows, cols, -1)
    return np.asarray(values * known[:, :, None] + back * (1 - known[:, :, None]), np.float32)
