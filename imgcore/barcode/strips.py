"""Edge profiles across a field, averaged along its bars, and the filters applied before they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.bars import BarField, rectify
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Coordinates = npt.NDArray[np.float64]

COUNT = 5
"""Number of strips from end to end of the bars."""
FINE_COUNT = 9
"""Number of strips from end to end of the bars if the usual number gives too little."""
SCALE = 3
"""Samples a pixel, so that bars of one pixel stay apart when they are sharpened."""
_INNER = 0.84
"""Share of the bars' height that is sampled, around their middles."""
_MARGIN = 0.12
"""Quiet zone sampled on each side, as a share of the length."""
_TILTED_MARGIN = 0.25
"""Quiet zone sampled on each side where a keystone is corrected, as a share of the length."""
_LEAST_MARGIN = 24.0
"""Least quiet zone sampled on each side, in pixels."""
_MOST_ROWS = 100
"""Most rows that are sampled from end to end of the bars."""
_MOST_COLUMNS = 6000
"""Most samples across the bars, quiet zones included."""
_LEVEL = 0.885
"""Least keystone, and 1 over the largest, that is ignored: the engine tolerates it, and bars end unevenly."""
_HORIZON = np.pi / 2
"""Largest angle in radians from the middle at which something round is seen."""
_PADDING = 64
"""Samples by which profiles are continued on each side before they are deblurred."""
_LEVELLED = 7
"""Bars and spaces over which levels are normalised: more than any code has without both extremes."""


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Profiles of one field.

    Attributes
    ----------
    levels
        float32 ``(1 + count, n)``: first of the bars' whole height, then of each strip from top to bottom.
    u
        Position of each sample along the field.
    element
        Mean width of a bar or space in samples, about.
    scale
        Samples a pixel.
    """

    levels: Floats
    u: Coordinates
    element: float
    scale: float


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Filter applied to a profile before it is read.

    Attributes
    ----------
    name
        For tests and benchmarks.
    sharpen
        Standard deviation in pixels, and strength, of the unsharp mask.
    blur, floor
        Standard deviation in pixels of the blur that is undone, and the noise that keeps it from exploding.
    motion
        Pixels of motion blur that are undone.
    level
        True to normalise light and contrast along the code.
    binarized
        True to binarize here, and not in the engine.
    shift
        Added to levels before: negative for codes with bars printed too thin.
    """

    name: str
    sharpen: tuple[float, float] | None = None
    blur: float = 0.0
    floor: float = 1e-2
    motion: float = 0.0
    level: bool = True
    binarized: bool = True
    shift: float = 0.0


EASY = (Prefilter("sharp", (1.0, 2.0)), Prefilter("sharp, thin", (1.5, 2.0), shift=-40))
"""Filters that read nine of ten codes that can be read."""
HARD = (
    Prefilter("blur 2", blur=2.0, floor=1e-3),
    Prefilter("blur 2.5", blur=2.5, floor=1e-4),
    Prefilter("plain"),
    Prefilter("motion 4", blur=0.5, motion=4.0, binarized=False),
    Prefilter("sharp, engine's levels", (1.0, 2.0), level=False, binarized=False),
    Prefilter("sharp 1.5", (1.5, 2.0)),
    Prefilter("sharp 2", (2.0, 4.0), level=False, binarized=False),
    Prefilter("sharp 2, level", (2.0, 4.0), binarized=False),
    Prefilter("blur 2.7", blur=2.7, floor=1e-5, binarized=False, level=False),
    Prefilter("blur 3", blur=3.0, floor=1e-5),
    Prefilter("sharp, wide", (1.5, 2.0), shift=40),
)
"""Filters for strips that the easy ones do not read: they find one code more in ten, in ten times the
time."""
FINE = (
    Prefilter("fine, sharp", (1.0, 2.0)),
    Prefilter("fine, thin", (1.5, 2.0), shift=-40),
    Prefilter("fine, thinner", (1.5, 2.0), shift=-60),
    Prefilter("fine, soft", (0.7, 1.0)),
    Prefilter("fine, hard", (1.0, 4.0), shift=-20),
    Prefilter("fine, sharp 2", (2.0, 3.0), shift=-20),
    Prefilter("fine, blur 1", blur=1.0),
    Prefilter("fine, blur 1.5", blur=1.5, binarized=False),
    Prefilter("fine, blur 1.5, thin", blur=1.5, shift=-30),
    Prefilter("fine, blur 2.2", blur=2.2, floor=1e-3),
    Prefilter("fine, engine's levels", (1.5, 2.0), level=False, binarized=False),
)
"""Filters for finer strips, for what was read from others but not often enough."""


def sample_strips(
    grey: Image,
    bars: BarField,
    keystone: float = 1.0,
    count: int = COUNT,
    curl: float = 0.0,
    most: float = np.inf,
) -> Strips:
    """Sample the profiles of a field, quiet zones included.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    bars
        Geometry of the field.
    keystone
        Ratio of the bars' height at the end to that at the start, where an end nearer to the camera is
        higher; widths along the code are corrected accordingly. 1 for none.
    count
        Strips.
    curl
        Half the angle in radians that the code goes around something round; 0 for none.
    most
        Samples of a bar or space, about, that are enough.
    """
    margin = max((_MARGIN if keystone == 1.0 else _TILTED_MARGIN) * bars.length, _LEAST_MARGIN)
    element = bars.length / max(bars.transitions, 8)
    scale = min(max(most / element, 1.0), SCALE, _MOST_COLUMNS / (bars.length + 2 * margin))
    samples = int((bars.length + 2 * margin) * scale)
    along = np.linspace(-margin / bars.length, 1 + margin / bars.length, samples)
    if keystone != 1.0:
        # Nearer bars are also wider, by the square: the view of a plane.
        along = along / np.maximum(keystone - (keystone - 1) * along, 0.05)
    if curl:
        along = 0.5 + np.sin(np.clip((along - 0.5) * 2 * curl, -_HORIZON, _HORIZON)) / np.sin(curl) / 2
    u = bars.start + bars.length * along
    rows = max(int(np.clip(bars.height, 2 * count, _MOST_ROWS)) // count, 1)
    seen = rectify(grey, bars, u, rows * count, _INNER)
    parts = [
        cv2.reduce(part, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F) for part in seen.reshape(count, rows, samples)
    ]
    levels = np.concatenate([np.mean(parts, axis=0), *parts], dtype=np.float32)
    return Strips(levels, u, scale * element, scale)


def keystones(bars: BarField) -> tuple[float, ...]:
    """Keystone ratios to try, the likeliest first."""
    seen = bars.keystone
    return (1.0,) if _LEVEL < seen < 1 / _LEVEL else (seen, 1.0)


def filtered(strips: Strips, prefilter: Prefilter) -> Image:
    """Apply a filter to the profiles: uint8 ``(1 + count, n)``; only 0 and 255 if it binarizes."""
    levels = strips.levels
    if prefilter.sharpen is not None:
        sigma, strength = prefilter.sharpen
        levels = levels + np.float32(strength) * (levels - _smooth(levels, sigma * strips.scale))
    if prefilter.blur:
        levels = _deblurred(
            levels, prefilter.blur * strips.scale, prefilter.motion * strips.scale, prefilter.floor
        )
    levels = _level(levels, _LEVELLED * strips.element) if prefilter.level else _stretched(levels)
    levels = levels + np.float32(prefilter.shift)
    seen = np.where(levels > 127, 255, 0) if prefilter.binarized else np.clip(levels, 0, 255)
    return seen.astype(np.uint8)


def _smooth(levels: Floats, sigma: float) -> Floats:
    width = int(sigma * 3) * 2 + 1
    return np.asarray(
        cv2.GaussianBlur(levels, (width, 1), sigma, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _stretched(levels: Floats) -> Floats:
    low, high = np.percentile(levels, (2, 98), axis=1, keepdims=True)
    return np.asarray((levels - low) / (high - low + 1e-3) * 220 + 18, np.float32)


def _level(levels: Floats, width: float) -> Floats:
    """Normalise each place to the darkest and lightest around it, 0 to 255; flat parts stay flat."""
    kernel = np.ones((1, int(max(width, 3)) | 1), np.uint8)
    low, high = (_even(way(levels, kernel), kernel.size) for way in (cv2.erode, cv2.dilate))
    spread = high - low
    usual = np.partition(spread, spread.shape[1] * 4 // 5, axis=1)[:, [spread.shape[1] * 4 // 5]]
    return np.asarray((levels - low) / np.maximum(spread, usual * np.float32(0.15) + 1) * 255, np.float32)


def _even(levels: npt.NDArray[Any], width: int) -> Floats:
    """Average twice over some of the width: as smooth as a Gaussian, and as fast for any width."""
    size = (int(0.6 * width) | 1, 1)
    once = cv2.blur(levels, size, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.blur(once, size, borderType=cv2.BORDER_REPLICATE), np.float32)


def _deblurred(levels: Floats, sigma: float, motion: float, floor: float) -> Floats:
    """Deblur by a Wiener filter."""
    padded = np.pad(levels, ((0, 0), (_PADDING, _PADDING)), mode="edge")
    mean = padded.mean(axis=1, keepdims=True)
    frequency = np.fft.rfftfreq(padded.shape[1])
    transfer = np.exp(-2 * (np.pi * sigma * frequency) ** 2) * np.sinc(frequency * motion)
    spectrum = np.fft.rfft(padded - mean) * (transfer / (transfer**2 + floor))
    clear = np.fft.irfft(spectrum, padded.shape[1]) + mean
    return np.asarray(clear[:, _PADDING:-_PADDING], np.float32)
