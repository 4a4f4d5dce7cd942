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

SIDE = 480
"""Light is smooth: it is looked at in a picture of at most this long side."""
_REACH = 80
"""Strokes are thinner than a fortieth of the long side: the closing's radius is half of that."""
_STEP, _TINT_STEP = 0.1, 0.016
"""Change of brightness (a share) and of tint across three pixels that print has, light has not."""
_TINT, _SAME_TINT = 0.035, 0.012
"""How far in tint paper may be from the paper in most light: in shadow, and in as much light."""
_NEAR = 0.93
"""A patch of at least this much of the light is paper whatever its shape."""
_RECTANGLE = 0.8
"""Share of its bounding box that a printed field fills."""
_DEEPEST = 0.25
"""Less than this share of the light is no shadow."""
_LEAST = 0.15
"""Share of a picture that is blank paper from which it counts as a document."""
_CAST, _WIDE = 0.15, 16
"""Cast in a shadow's colour beyond which it counts for little; light's colour is a mean over a window of
an eighth of the long side."""
_WINDOWS = ((3, 1.0), (15, 1e-2), (61, 1e-4))
_FAR = 1e-7
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
    light = _light(filled, blank, _mended(blank, labels)) * _unbiased(small, filled, blank)
    return Paper(np.clip(np.rint(light), 1, 255).astype(np.uint8), blank)


def _light(filled: Image, blank: Mask, mended: Mask) -> Floats:
    """Light on the paper, float32 of `filled`'s shape: sharp in brightness, slow in colour.

    The brightest channel, against paper's own colour, tells the brightness: a pale field of any
    colour has one channel as bright as paper. So pale fields keep their colour, unless they are
    large.
    """
    if filled.ndim == 2:
        return _spread(filled.astype(np.float32), mended)
    colour = np.median(filled[blank], axis=0).astype(np.float32) + 1
    share = (filled.astype(np.float32) + 1) / colour
    level = np.maximum(share.max(axis=2), 1 / 255)
    tint = share / level[:, :, None]
    return np.asarray(_spread(level, mended)[:, :, None] * _slow(tint, blank) * colour, np.float32)


def _slow(tint: Floats, blank: Mask) -> Floats:
    """Colour of the light, from surroundings so wide that print does not count; nearly white ones most."""
    off = np.maximum(1 - (1 - tint.min(axis=2)) / _CAST, 0.02)
    trust = np.asarray(blank * off**2, np.float32)
    window = (2 * (max(blank.shape) // _WIDE) + 1,) * 2
    total = cv2.blur(tint * trust[:, :, None], window) + 1e-6
    return np.asarray(total / (cv2.blur(trust, window) + 1e-6)[:, :, None], np.float32)


def _unbiased(small: Image, filled: Image, blank: Mask) -> float:
    """What the closing adds to grain, as a factor to take it back."""
    some = blank[::3, ::3] if blank[::3, ::3].any() else blank
    step = 3 if some is not blank else 1
    seen, closed = (plane[::step, ::step][some].astype(np.float32) + 1 for plane in (small, filled))
    share = seen / closed
    ground = share[share > _GROUND]
    return float(np.median(ground)) if ground.size else 1.0


def _reduced(image: Image) -> Image:
    """Means of squares; what is left over at the far sides is left out, as whole squares are faster."""
    factor = -(-max(image.shape[:2]) // SIDE)
    rows, cols = (max(side // factor * factor, min(side, factor)) for side in image.shape[:2])
    size = (max(1, cols // factor), max(1, rows // factor))
    return np.asarray(cv2.resize(image[:rows, :cols], size, interpolation=cv2.INTER_AREA), np.uint8)


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
    sharp = (step > _STEP) | ((tint_step > _TINT_STEP) & (brightness > 40))
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
    apart = np.abs(hue - hue[first]).max(axis=1) / np.maximum(1, 60 / np.maximum(level, 1))
    alike, near = apart < _TINT, (level > _NEAR * level[first]) & (apart < _SAME_TINT)
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


def _spread(level: Floats, blank: Mask) -> Floats:
    """The brightness of blank paper, carried on to where there is none, the nearest counting most."""
    weight = blank.astype(np.float32)
    seen = level * weight
    total = _FAR * seen.mean() + np.zeros_like(seen)
    share = _FAR * max(float(weight.mean()), 1e-9) + np.zeros_like(weight)
    for window, trust in _WINDOWS:
        total += trust * cv2.blur(seen, (window, window))
        share += trust * cv2.blur(weight, (window, window))
    return np.asarray(total / share, np.float32)
