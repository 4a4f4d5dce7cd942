"""Light on a page, measured on its paper alone and carried below everything else."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import max_channel, push_pull
from imgcore.paper.layers import Layer, PageLayers
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_RIM = 5
"""Side in pixels of the square by which paper ends before what is beside it: edges are mixed."""
_LEAST = 0.02
"""Share of a picture that paper takes at least, so that light can be measured on it."""
_ISLAND = 0.3
"""Share of the largest piece of paper from which another one is no island within print."""
_DIM = 0.97
"""Share of the light around from which an island within print is paper, too."""
_UNEVEN = 0.04
"""Median deviation of blank paper's level, as a share, from what is smooth around it: of sheets in lamps and
shadows .031 at most, of films .04 to .07."""
_SMOOTH = 16
"""Parts of the long side that are the standard deviation of what is smooth."""
_STROKE = 0.8
"""Share of its ground's level below which a place is a stroke of print."""
_BLANK = 0.025
"""Share of paper up to which strokes are hardly any: a printed sheet in the shadow of a hand has more."""
_WIDE_WINDOW = 5
"""Parts of the long side that are half the window over which the colour of light is averaged at first: pale
fields, such as a column of a table, are narrower."""
_TINT_WINDOW = 16
"""Parts of the long side that are half the window over which the colour of light is averaged."""
_BRIGHT = 0.85
"""Share of the filled brightness that bare paper reaches before strokes are filled."""
_OTHER = 0.04
"""Distance from the light's colour at which a place hardly counts when that colour is measured."""
_SAME = 0.02
"""Distance from the light's colour up to which a place is bare paper or print on it."""
_PALE = 0.045
"""Distance from the light's colour from which a place is a pale field, though the net takes it for paper."""
_WARM = 2.0
"""Logarithm of green over blue for one of red over green in warm light."""
_COLD = 0.7
"""Logarithm of green over blue for one of red over green in cold light."""
_OWN_LEAST = 0.13
"""Distance from the colours of lamps from which a page's colour is its paper's own."""
_VIOLET = 0.25
"""Distance from the colours of lamps from which a bluish violet is paper's own: cameras see white so in cold
light."""
_OWN_MOST = 0.6
"""Distance from the colours of lamps from which no paper is so coloured: a lamp is."""


@dataclass(frozen=True, slots=True, eq=False)
class PageLight:
    """Light on a page.

    Attributes
    ----------
    level
        float32 ``(rows, cols, channels)`` of the reduced picture, from 1: the level of blank white paper in
        this light, as it is on paper and as it would be elsewhere.
    blank
        float32, as `level`: the level of this page's blank paper, which may have a colour of its own.
    paper
        float32 ``(rows, cols)``, 0..1: the share of paper, print on it included.
    """

    level: Floats
    blank: Floats
    paper: Floats


def measure_light(layers: PageLayers) -> PageLight | None:
    """Measure the light on a page; None where there is hardly any paper to measure it on.

    A film or photograph that fills the page, which was taken for blank paper, is no paper: light is smooth.

    On paper it follows everything that is no stroke, so that the edge of a cast shadow goes with the shadow.
    Below pictures, fields and the desk it is carried over smoothly from the paper around.
    """
    small = layers.picture
    paper = layers.mask(Layer.PAPER)
    if paper.mean() < _LEAST:
        return None
    filled = np.asarray(cv2.blur(layers.ground, (3, 3)), np.uint8)
    paper = _without_islands(paper, layers.mask(Layer.BEYOND), filled)
    known = _inner(paper)
    if _is_film(small, filled, known):
        return None
    planes = filled.reshape(*paper.shape, -1).astype(np.float32) + 1
    planes *= _unbiased(small, filled, known)
    colour = np.median(planes[known], axis=0)
    lamp = _lamp(colour) if len(colour) == 3 else colour
    level = max_channel(np.asarray(planes / colour, np.float32)).reshape(paper.shape)
    weight = known.astype(np.float32)
    everywhere = push_pull(level[:, :, None], weight)
    relative = planes / colour / np.maximum(level, np.float32(1 / 255))[:, :, None]
    tints = np.asarray(relative, np.float32)
    tint = _tint(tints, weight, _WIDE_WINDOW)
    # Again without what is of another colour than the light: pale fields that the net has missed.
    alike = np.exp(-((_off(tints, tint) / _OTHER) ** 2))
    tint = _tint(tints, np.asarray(weight * alike, np.float32), _TINT_WINDOW)
    off = _off(tints, tint)
    white = everywhere * tint
    plain = np.clip((_PALE - off) / (_PALE - _SAME), 0, 1)
    share = cv2.blur((paper * plain).astype(np.float32), (3, 3))
    level, blank = (np.asarray(np.maximum(white * each, 1), np.float32) for each in (lamp, colour))
    return PageLight(level, blank, np.asarray(share, np.float32))


def _without_islands(paper: Mask, beyond: Mask, filled: Image) -> Mask:
    """Remove what is darker than the paper around and enclosed by print: a sky, a pale part of a picture."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(paper.astype(np.uint8), connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    open_to = cv2.dilate(beyond.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    open_to[[0, -1]] = True
    open_to[:, [0, -1]] = True
    main = np.bincount(labels[open_to], minlength=count) > 0
    main |= area > _ISLAND * area.max()
    main[0] = False
    if main[1:].all() or not main.any():
        return paper
    level = max_channel(filled.reshape(*paper.shape, -1).astype(np.float32)).reshape(paper.shape)
    around = push_pull(level[:, :, None], main[labels].astype(np.float32))[:, :, 0]
    dim = np.bincount(labels.ravel(), (level / np.maximum(around, 1)).ravel(), minlength=count)
    kept = main | (dim >= _DIM * np.bincount(labels.ravel(), minlength=count))
    kept[0] = False
    return np.asarray(kept[labels])


def _inner(paper: Mask) -> Mask:
    """Return paper without its rim, or all of it where hardly any is left."""
    inner = cv2.erode(paper.astype(np.uint8), np.ones((_RIM, _RIM), np.uint8)) > 0
    return np.asarray(inner if inner.sum() > 0.25 * paper.sum() else paper)


def _is_film(small: Image, filled: Image, known: Mask) -> bool:
    """Return whether what was taken for blank paper varies as a film or a photograph does."""
    ground = filled.reshape(*known.shape, -1)
    strokes = small.reshape(ground.shape).min(axis=2) < _STROKE * ground.min(axis=2)
    if strokes[known].mean() > _BLANK:
        return False
    level = np.log(max_channel(ground.astype(np.float32)).reshape(known.shape) + 1)
    weight = known.astype(np.float32)
    deviation = max(known.shape) / _SMOOTH
    total = np.asarray(cv2.GaussianBlur(level * weight, (0, 0), deviation), np.float32)
    share = np.asarray(cv2.GaussianBlur(weight, (0, 0), deviation), np.float32)
    away = np.abs(level - total / np.maximum(share, np.float32(1e-3)))
    return float(np.median(away[known])) > _UNEVEN


def _off(tints: Floats, tint: Floats) -> Floats:
    """Return how far each place is from the colour of the light, as a share, smooth over grain."""
    away = max_channel(np.asarray(np.abs(tints / np.maximum(tint, np.float32(1e-3)) - 1), np.float32))
    return np.asarray(cv2.blur(away.reshape(tints.shape[:2]), (5, 5)), np.float32)


def _tint(tints: Floats, weight: Floats, parts: int) -> Floats:
    """Average the colour of the light so widely that print does not count; float32 of `tints`' shape."""
    if tints.shape[2] == 1:
        return np.ones_like(tints)
    window = (2 * (max(weight.shape) // parts) + 1,) * 2
    # Nothing lies beyond the picture: mirrored, what stands at its edge would count twice.
    share = np.asarray(cv2.blur(weight, window, borderType=cv2.BORDER_CONSTANT), np.float32)
    mean = cv2.blur(tints * weight[:, :, None], window, borderType=cv2.BORDER_CONSTANT)
    tint = np.asarray(mean, np.float32) / np.maximum(share, np.float32(1e-4))[:, :, None]
    return push_pull(np.asarray(tint, np.float32), np.minimum(4 * share, np.float32(1)))


def _unbiased(small: Image, filled: Image, known: Mask) -> float:
    """Return the factor that takes back the closing's bias on grain."""
    seen, closed = (plane[known].reshape(-1)[::7].astype(np.float32) + 1 for plane in (small, filled))
    share = seen / closed
    ground = share[share > _BRIGHT]
    return float(np.median(ground)) if ground.size else 1.0


def _lamp(colour: Floats) -> Floats:
    """Return the colour of the light on paper of a colour, ``(3,)``: neutral, if no lamp makes white look so.

    Lamps are warm or cold, from orange to blue. Pink, green or yellow is paper's own, unless it is stronger
    than paper is.
    """
    blue, green, red = np.log(colour)
    warm = float(red - green)
    yellow = float(green - blue)
    off = abs(yellow - (_WARM if warm > 0 else _COLD) * warm)
    least = _VIOLET if yellow < 0 and warm < -yellow else _OWN_LEAST
    return np.full_like(colour, colour.max()) if least < off < _OWN_MOST else colour
