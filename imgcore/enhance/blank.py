"""Where a picture shows blank paper, and how much light falls there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

SIDE = 640
"""Light is smooth: it is looked at in a picture of at most this long side."""
_REACH = 80
"""Strokes are thinner than a fortieth of the long side: the closing's radius is half of that."""
_STEP, _TINT_STEP = 0.05, 0.012
"""Change of brightness (a share) and of tint from a pixel to the next that print has, light has not."""
_TINT = 0.035
"""How far in tint paper in shadow may be from paper in the light."""
_NEAR = 0.93
"""A patch of at least this much of the light is paper whatever its shape."""
_RECTANGLE = 0.8
"""Share of its bounding box that a printed field fills."""
_DEEPEST = 0.25
"""Less than this share of the light is no shadow."""
_LEAST = 0.15
"""Share of a picture that is blank paper from which it counts as a document."""
_WINDOWS = ((3, 1.0), (15, 1e-2), (61, 1e-4), (181, 1e-6))
_FAR = 1e-9
"""Windows from which light is carried on to where no paper is seen, with the trust in each; the whole
picture's for what is far from all paper."""
_WHITE = 0.4
"""Saturation that paper may have in warm or coloured light."""
_GROUND = 0.85
"""Share of the filled brightness that the ground between strokes has on most of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """What lies behind the print.

    Attributes
    ----------
    light
        uint8 of the reduced picture's shape, 1..255: what blank paper would measure there.
    blank
        bool ``(rows, cols)`` of the reduced picture: where it was seen rather than inferred.
    """

    light: Image
    blank: Mask


def find_paper(image: Image) -> Paper | None:
    """The paper of a document page, or None where there is hardly any: a photo, white on black.

    Blank paper is what is smooth once thin strokes are filled, hangs together, and has the tint
    of the largest bright patch. Light changes slowly or comes in from the border; a patch that
    ends sharply on all sides, of another tint or a rectangle, is printed.
    """
    small = _reduced(image)
    filled = _filled(small)
    brightness, tint = _measures(filled)
    labels, stats = _patches(brightness, tint)
    chosen = _paper_patches(labels, stats, brightness, tint)
    if chosen is None:
        return None
    blank = chosen[labels]
    if blank.mean() < _LEAST or not _is_ground(small, brightness, blank):
        return None
    light = _spread(filled, _mended(blank, labels)) * _unbiased(small, filled, blank)
    return Paper(np.clip(np.rint(light), 1, 255).astype(np.uint8), blank)


def _unbiased(small: Image, filled: Image, blank: Mask) -> float:
    """What the closing adds to grain, as a factor to take it back."""
    share = (small[blank].astype(np.float32) + 1) / (filled[blank].astype(np.float32) + 1)
    return float(np.median(share[share > _GROUND]))


def _reduced(image: Image) -> Image:
    factor = SIDE / max(image.shape[:2])
    if factor >= 1:
        return image
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _filled(small: Image) -> Image:
    """Strokes filled with the paper around them."""
    radius = max(1, max(small.shape[:2]) // _REACH)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return np.asarray(cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (3, 3)), np.uint8)


def _is_ground(small: Image, brightness: Floats, blank: Mask) -> bool:
    """Whether most of what was taken for paper is as bright before strokes were filled.

    Closing turns a block of white letters on black into a white patch.
    """
    plane = small if small.ndim == 2 else small.mean(axis=2)
    return bool(np.mean(plane[blank] + 1 > _GROUND * brightness[blank]) > 0.5)


def _measures(filled: Image) -> tuple[Floats, Floats]:
    """Brightness ``(rows, cols)`` from 1, and tint ``(rows, cols, 2)``: shares of blue and red."""
    levels = filled.astype(np.float32) + 1
    if levels.ndim == 2:
        return levels, np.full((*levels.shape, 2), 1 / 3, np.float32)
    total = levels.sum(axis=2)
    return np.asarray(total / 3, np.float32), np.asarray(levels[:, :, ::2] / total[:, :, None], np.float32)


def _patches(brightness: Floats, tint: Floats) -> tuple[Numbers, Numbers]:
    """Smooth patches by number, 0 being the edges between them, and OpenCV's figures of each."""
    kernel = np.ones((3, 3), np.uint8)
    step = cv2.dilate(brightness, kernel) / cv2.erode(brightness, kernel) - 1
    tint_step = np.asarray(cv2.dilate(tint, kernel) - cv2.erode(tint, kernel)).max(axis=2)
    # Dark paper's tint is mostly noise.
    sharp = (step > 2 * _STEP) | ((tint_step > 2 * _TINT_STEP) & (brightness > 40))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~sharp).astype(np.uint8), connectivity=4)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _paper_patches(labels: Numbers, stats: Numbers, brightness: Floats, tint: Floats) -> Mask | None:
    """Which patches are blank paper; None if there is not even one bright, nearly white one."""
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    level = _mean_by_patch(labels, brightness, area)
    hue = np.stack([_mean_by_patch(labels, tint[:, :, channel], area) for channel in (0, 1)], axis=1)
    first = int(np.argmax(area * level**2))
    if area[first] == 0 or _saturation(hue[first]) > _WHITE:
        return None
    # The darker, the more of a patch's tint is noise.
    alike = np.abs(hue - hue[first]).max(axis=1) < _TINT * np.maximum(1, 60 / np.maximum(level, 1))
    near = level > _NEAR * level[first]
    lit = alike & (level > _DEEPEST * level[first]) & (near | _may_be_shadow(stats, labels.shape))
    lit[first] = True
    return np.asarray(lit & (area > 0))


def _mean_by_patch(labels: Numbers, plane: Floats, area: Doubles) -> Doubles:
    total = np.bincount(labels.ravel(), weights=plane.ravel(), minlength=len(area))
    return np.asarray(total / np.maximum(area, 1), np.float64)


def _saturation(hue: Doubles) -> float:
    shares = np.array([hue[0], 1 - hue.sum(), hue[1]])
    return float(1 - shares.min() / shares.max())


def _may_be_shadow(stats: Numbers, shape: tuple[int, ...]) -> Mask:
    """Patches that reach the border, as shadows do, or are no upright rectangle, as printed fields are."""
    left, top, width, height, area = stats.T
    rows, cols = shape
    border = (left < 4) | (top < 4) | (left + width > cols - 4) | (top + height > rows - 4)
    return np.asarray(border | (area < _RECTANGLE * width * height))


def _mended(blank: Mask, labels: Numbers) -> Mask:
    """Blank paper with the edges of shadows that cross it, but nothing of a printed patch."""
    mask = blank.astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray((closed > 0) & (blank | (labels == 0)))


def _spread(filled: Image, blank: Mask) -> Floats:
    """The light on blank paper, carried on to where there is none, the nearest counting most."""
    weight = blank.astype(np.float32)
    seen = filled.astype(np.float32) * (weight if filled.ndim == 2 else weight[:, :, None])
    everywhere = max(float(weight.mean()), 1e-9)
    total = _FAR * seen.mean(axis=(0, 1)) + np.zeros_like(seen)
    share = _FAR * everywhere + np.zeros_like(weight)
    for window, trust in _WINDOWS:
        total += trust * cv2.blur(seen, (window, window))
        share += trust * cv2.blur(weight, (window, window))
    return np.asarray(total / (share if filled.ndim == 2 else share[:, :, None]), np.float32)
