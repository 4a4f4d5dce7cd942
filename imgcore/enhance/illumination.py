"""Estimation of the illumination of a document page from its blank paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.tinted_fields import find_fields, find_ground
from imgcore.paper.colour import max_channel, paper_colour
from imgcore.strips import by_squares
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

SIDE = 480
"""Long side of the picture in which light is measured: it is smooth."""
_REACH = 80
"""Parts of the long side that are the closing's radius: strokes are thinner than a fortieth."""
_STEP, _TINT_STEP = 0.1, 0.016
"""Change of brightness (a share) and of tint across three pixels from which it is print, not light."""
_TINT, _SAME_TINT = 0.035, 0.012
"""Largest difference in tint between paper and the brightest paper: in shadow, and in as much light."""
_NEAR = 0.93
"""Share of the light from which a patch is paper whatever its shape."""
_RECTANGLE = 0.8
"""Share of its bounding box that a printed field fills."""
_DEEPEST = 0.25
"""Share of the light below which a patch is no shadow."""
_LEAST = 0.15
"""Share of blank paper from which a picture counts as a document."""
_CAST, _WIDE = 0.15, 16
"""Colour cast of a shadow from which it counts for little; and parts of the long side of half the window
over which the light's colour is averaged."""
_SEAM = 9
"""Pixels over which the light of margins passes into that of a field within them."""
_PRIOR = 0.03
"""Weight of the smooth light in a printed field beside the trust in paper."""
_WINDOWS = ((3, 1.0), (15, 1e-2), (61, 1e-4))
_FAR = 1e-7
"""Windows from which light is extrapolated, with the weight of each; and the weight of the whole picture's
mean, for places far from all paper."""
_WHITE = 0.4
"""Saturation that paper may have in warm or coloured light."""
_WARM, _COLD, _OWN = 2.0, 0.7, (0.13, 0.6)
"""Logarithms of green over blue for one of red over green in warm and in cold light; and distances from that
between which a page's colour is its paper's own: copies are up to .5 off, coloured lamps .4 and more."""
_GROUND = 0.85
"""Share of the filled brightness that the ground between strokes reaches on most of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class Illumination:
    """Illumination of the blank paper behind the print.

    Attributes
    ----------
    light
        uint8 of the reduced picture's shape, 1..255: level of blank paper.
    blank
        bool ``(rows, cols)`` of the reduced picture: True where it was measured rather than extrapolated.
    tinted
        float32 of `blank`'s shape, 0..1: share of each place that is of another colour than paper.
    """

    light: Image
    blank: Mask
    tinted: Floats


def estimate_illumination(image: Image) -> Illumination | None:
    """Estimate the illumination of a document page; None with hardly any paper: a photo, white on black.

    Blank paper is smooth once thin strokes are filled, connected, and has the tint of the largest
    bright patch. Light changes slowly or comes in from the border; a patch that ends sharply on all
    sides, of another tint or a rectangle, is printed.
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
    ground = find_ground(filled, blank)
    blank = blank & ~ground
    light, tinted = _light(filled, blank, _closed_shadows(blank, labels), ground)
    light = light * _unbiased(small, filled, blank)
    return Illumination(np.clip(np.rint(light), 1, 255).astype(np.uint8), blank, tinted)


def _light(filled: Image, blank: Mask, closed: Mask, ground: Mask) -> tuple[Floats, Floats]:
    """Light on the paper, float32 of `filled`'s shape: sharp in brightness, smooth in colour; and `tinted`.

    Brightness is that of the brightest channel, relative to paper's own colour: a pale field of any
    colour has one channel as bright as paper. So pale fields keep their colour.
    """
    if filled.ndim == 2:
        return _extrapolated(filled.astype(np.float32), closed), np.zeros(blank.shape, np.float32)
    colour = np.median(filled[blank], axis=0).astype(np.float32) + 1
    # Plane by plane: NumPy takes ten times as long over a short axis.
    shares = [
        (plane.astype(np.float32) + 1) / level for plane, level in zip(cv2.split(filled), colour, strict=True)
    ]
    level = np.maximum(reduce(np.maximum, shares), np.float32(1 / 255))
    smooth = cv2.split(paper_colour(filled, blank) / colour)
    tints = [share / level for share in shares]
    fields = find_fields(tints, level, smooth, blank) | ground
    lamp, far = _lamp(colour), _extrapolated(level, closed)
    if ground.any():
        # Far from paper the means of windows have steps, which are seen on an even tint.
        within = cv2.blur(ground.astype(np.float32), (_SEAM, _SEAM))
        far += within * (reduce(np.maximum, smooth) - far)
    light = [
        far * tint * level for tint, level in zip(_slow(tints, smooth, blank, fields), lamp, strict=True)
    ]
    tinted = cv2.blur(np.maximum(fields, lamp is not colour).astype(np.float32), (3, 3))
    return np.asarray(cv2.merge(light), np.float32), np.asarray(tinted, np.float32)


def _lamp(colour: Floats) -> Floats:
    """Colour of the light on paper of a colour, float32 ``(3,)``: neutral, if no lamp makes white look so.

    Lamps are warm or cold, from orange to blue. Pink, green or yellow is paper's own, unless it is stronger
    than paper is.
    """
    blue, green, red = np.log(colour)
    warm, yellow = float(red - green), float(green - blue)
    off = abs(yellow - (_WARM if warm > 0 else _COLD) * warm)
    return np.full_like(colour, colour.max()) if _OWN[0] < off < _OWN[1] else colour


def _slow(tints: Sequence[Floats], smooth: Sequence[Floats], blank: Mask, fields: Mask) -> list[Floats]:
    """Colour of the light, averaged so widely that print does not count; nearly white places weigh most.

    In printed fields it is that of the paper around them, and far inside that of the `smooth` light.
    """
    off = np.maximum(1 - (1 - reduce(np.minimum, tints)) / _CAST, 0.02)
    trust = np.asarray((blank & ~fields) * off**2, np.float32)
    window = (2 * (max(blank.shape) // _WIDE) + 1,) * 2
    prior = np.where(fields, np.float32(_PRIOR), np.float32(1e-6))
    share, lit = cv2.blur(trust, window) + prior, reduce(np.maximum, smooth)
    return [
        np.asarray((cv2.blur(tint * trust, window) + each / lit * prior) / share)
        for tint, each in zip(tints, smooth, strict=True)
    ]


def _unbiased(small: Image, filled: Image, blank: Mask) -> float:
    """Factor that takes back the closing's bias on grain."""
    some = blank[::3, ::3] if blank[::3, ::3].any() else blank
    step = 3 if some is not blank else 1
    seen, closed = (plane[::step, ::step][some].astype(np.float32) + 1 for plane in (small, filled))
    share = seen / closed
    ground = share[share > _GROUND]
    return float(np.median(ground)) if ground.size else 1.0


def _reduced(image: Image) -> Image:
    return by_squares(image, -(-max(image.shape[:2]) // SIDE))


def _filled(small: Image) -> Image:
    """Fill strokes with the paper around them."""
    radius = max(1, max(small.shape[:2]) // _REACH)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return np.asarray(cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (3, 3)), np.uint8)


def _is_ground(small: Image, brightness: Floats, blank: Mask) -> bool:
    """Return whether most of what was taken for paper is as bright before strokes are filled.

    Closing turns a block of white letters on black into a white patch.
    """
    plane = small if small.ndim == 2 else _total(small.astype(np.float32)) / 3
    return bool(np.mean(plane[blank] + 1 > _GROUND * brightness[blank]) > 0.5)


def _measures(filled: Image) -> tuple[Floats, Floats]:
    """Brightness ``(rows, cols)`` from 1, and tint ``(rows, cols, 2)``: shares of blue and red."""
    levels = filled.astype(np.float32) + 1
    if levels.ndim == 2:
        return levels, np.full((*levels.shape, 2), 1 / 3, np.float32)
    total = _total(levels)
    return np.asarray(total / 3, np.float32), np.asarray(levels[:, :, ::2] / total[:, :, None], np.float32)


def _total(levels: Floats) -> Floats:
    """Sum of the channels; NumPy's over a short axis takes ten times as long."""
    return np.asarray(cv2.transform(levels, np.ones((1, levels.shape[2]), np.float32)), np.float32)


def _patches(brightness: Floats, tint: Floats) -> tuple[Numbers, Numbers]:
    """Label smooth patches, 0 being the edges between them; also returns OpenCV's statistics of each."""
    kernel = np.ones((3, 3), np.uint8)
    step = cv2.dilate(brightness, kernel) / cv2.erode(brightness, kernel) - 1
    tint_step = max_channel(np.asarray(cv2.dilate(tint, kernel) - cv2.erode(tint, kernel), np.float32))
    # Dark paper's tint is mostly noise.
    sharp = (step > _STEP) | ((tint_step > _TINT_STEP) & (brightness > 40))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~sharp).astype(np.uint8), connectivity=4)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _paper_patches(labels: Numbers, stats: Numbers, brightness: Floats, tint: Floats) -> Mask | None:
    """Mask of the patches of blank paper; None if there is not even one bright, nearly white one."""
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
    """Mask of patches that reach the border, as shadows do, or are no upright rectangle, as print is."""
    left, top, width, height, area = stats.T
    rows, cols = shape
    border = (left < 4) | (top < 4) | (left + width > cols - 4) | (top + height > rows - 4)
    return np.asarray(border | (area < _RECTANGLE * width * height))


def _closed_shadows(blank: Mask, labels: Numbers) -> Mask:
    """Close blank paper over the edges of shadows that cross it, but not over printed patches."""
    mask = blank.astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray((closed > 0) & (blank | (labels == 0)))


def _extrapolated(level: Floats, blank: Mask) -> Floats:
    """Extrapolate the brightness of blank paper, the nearest weighing most."""
    weight = blank.astype(np.float32)
    seen = level * weight
    total = _FAR * seen.mean() + np.zeros_like(seen)
    share = _FAR * max(float(weight.mean()), 1e-9) + np.zeros_like(weight)
    for window, trust in _WINDOWS:
        total += trust * cv2.blur(seen, (window, window))
        share += trust * cv2.blur(weight, (window, window))
    return np.asarray(total / share, np.float32)
