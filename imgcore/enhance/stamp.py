"""Stamped papers: the seal in its own colour, print black, paper white.

Inks are filters over one another. From white paper to a seal's full colour, levels fall along a
straight line: so much in the seal's own light, so much more in the light it swallows, wherever
ink covers a part of a pixel or a lens blurs its edge. Print multiplies both. What the seal's own
light shows, and back up that line by the difference of the two lights, is therefore the print
alone, under a seal as well as beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.paper import divide_by_paper
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Light:
    """Channels of a seal's colour: the one it passes, the one it swallows, the one between."""

    own: int
    swallowed: int
    other: int


_RED, _BLUE = _Light(2, 1, 0), _Light(0, 2, 1)

_COLOURED = 8
"""Levels between two lights, on average of nine pixels, from which a point is coloured; paper is 255."""
_AROUND, _MEAN_COLOUR, _AGAINST = (15, 15), 2, 2.0
"""A window around a coloured point is coloured on average; a lens's fringes weigh against it, as they come in
pairs, each the other's complement."""
_HUES = (0.2, 0.42)
"""Least parts that the two differences between the seal's own light and the others are of one another."""
_SLOPE, _MOST_SLOPE, _SLACK = 0.25, 2.3, 1.1
"""What a seal loses of its own light, in parts of its colour: usual, at most, uneven by."""
_NEAR, _FEW = (15, 15), 4.0
"""Window in pixels of the reduced picture for that measure, and how much the usual counts in it."""
_REDUCED, _GAP = 4, np.ones((9, 9), np.uint8)
"""Seals are gathered in a picture reduced by this; their strokes are closer than this window."""
_SEEN = 40
"""Coloured points of a seal in the reduced picture that are needed to measure its ink."""
_DENSE, _MOST_GAIN, _GAINS = 170, 3.0, 4
"""A seal that takes fewer levels of the light it swallows is made to take as many, at most by this
factor, in so many steps to a doubling."""
_WHITE, _THRESHOLDS = 236, (110, 170)
"""Light that print lets through: from here on paper, and between which limits it is half black."""
_SHARPER = 1.0
"""How much of the difference to its neighbours a print's point gains: a lens makes thin strokes pale."""
_BLACK = 140
"""What is shown darker than this is print and has no colour."""


def red_stamp(image: Image) -> Image:
    """Red ink kept in its colour, all other ink black, paper white; about 25 ms a megapixel.

    Returns
    -------
    Image
        Of the same shape. A grey picture has no seal: print black, paper white.
    """
    return _stamp(image, _RED)


def blue_stamp(image: Image) -> Image:
    """As `red_stamp`, for blue ink."""
    return _stamp(image, _BLUE)


def _stamp(image: Image, light: _Light) -> Image:
    flat = divide_by_paper(image)
    if flat.ndim == 2:
        return _printed(flat)
    planes = [np.asarray(plane, np.uint8) for plane in cv2.split(flat)]
    own, swallowed, other = (planes[channel] for channel in (light.own, light.swallowed, light.other))
    coloured = _coloured(own, swallowed, other)
    passed, lost = _unmixed(own, np.asarray(cv2.subtract(own, swallowed), np.uint8), coloured)
    # A marker's yellow swallows blue light alone: print is dark in two lights at least.
    printed = _printed(np.asarray(cv2.max(passed, cv2.min(swallowed, other)), np.uint8))
    for channel in (light.swallowed, light.other):
        planes[channel] = np.asarray(cv2.subtract(planes[channel], lost), np.uint8)
    gain = _gain(planes[light.swallowed], coloured)
    shown = [cv2.multiply(_in_seal(plane, gain, coloured), printed, scale=1 / 255) for plane in planes]
    # Print is black under a seal, too.
    black, darkest = cv2.threshold(printed, _BLACK, 255, cv2.THRESH_BINARY_INV)[1], shown[light.swallowed]
    return np.asarray(cv2.merge([cv2.copyTo(darkest, black, plane) for plane in shown]), np.uint8)


def _coloured(own: Image, swallowed: Image, other: Image) -> Image:
    """255 where there is ink of the seal's hue, under print or not."""
    # Half a difference about 128, so that noise about nothing stays about nothing.
    first, second = (
        cv2.blur(cv2.addWeighted(own, 0.5, plane, -0.5, 128), (3, 3)) for plane in (swallowed, other)
    )
    more, less = (cv2.blur(cv2.subtract(*pair), _AROUND) for pair in ((own, swallowed), (swallowed, own)))
    near = cv2.subtract(more, cv2.convertScaleAbs(less, alpha=_AGAINST))
    above = np.maximum(np.arange(256) - 126, 0).astype(np.uint8)
    one, two = cv2.LUT(first, above), cv2.LUT(second, above)
    blueish = cv2.compare(two, cv2.convertScaleAbs(one, alpha=_HUES[0]), cv2.CMP_GT)
    reddish = cv2.compare(one, cv2.convertScaleAbs(two, alpha=_HUES[1]), cv2.CMP_GT)
    strong = cv2.threshold(first, 127 + _COLOURED / 2, 255, cv2.THRESH_BINARY)[1]
    around = cv2.threshold(near, _MEAN_COLOUR - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(
        cv2.bitwise_and(cv2.bitwise_and(blueish, reddish), cv2.bitwise_and(strong, around)), np.uint8
    )


def _unmixed(own: Image, colour: Image, coloured: Image) -> tuple[Image, Image]:
    """The light that print lets through, with the seal taken away, and colour the seal lost to the camera."""
    slope = _enlarged(_slopes(own, colour, coloured), own, cv2.INTER_LINEAR)
    # A JPEG keeps colour at half the resolution: what a thin stroke lost is found beside it.
    around = cv2.max(colour, cv2.blur(colour, (3, 3)))
    passed = cv2.add(own, cv2.multiply(around, slope, scale=0.01))
    beside = cv2.max(colour, cv2.dilate(around, np.ones((3, 3), np.uint8)))
    likely = cv2.min(beside, cv2.divide(cv2.bitwise_not(own), slope, scale=100))
    return np.asarray(passed, np.uint8), np.asarray(cv2.subtract(likely, colour), np.uint8)


def _slopes(own: Image, colour: Image, coloured: Image) -> Image:
    """What ink near by loses of its own light in parts of its colour, in hundredths; least squares."""
    own, colour, coloured = (plane[::_REDUCED, ::_REDUCED] for plane in (own, colour, coloured))
    weight = np.where(coloured > 0, colour, 0).astype(np.float32)
    # Weighed by its colour, a point under print, which has none left, hardly counts.
    lost = cv2.blur(weight * (255 - own.astype(np.float32)), _NEAR)
    slope = (lost + _FEW * _SLOPE) / (cv2.blur(weight * weight, _NEAR) + _FEW)
    return np.asarray(np.clip(slope * _SLACK, 0.01, _MOST_SLOPE) * 100, np.uint8)


def _printed(passed: Image) -> Image:
    """From the light that print lets through to what is shown: dark becomes black, pale stays readable."""
    passed = np.asarray(
        cv2.addWeighted(passed, 1 + _SHARPER, cv2.blur(passed, (3, 3)), -_SHARPER, 0), np.uint8
    )
    otsu = cv2.threshold(passed, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]
    half = float(np.clip(otsu, *_THRESHOLDS))
    shown = 127.5 + 127.5 * (np.arange(256) - half) / (_WHITE - half)
    return np.asarray(cv2.LUT(passed, np.clip(np.rint(shown), 0, 255).astype(np.uint8)), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Gain:
    """Where seals are made to take ``2 ** (step / _GAINS)`` times the light; `steps` has those but 0."""

    where: Image
    steps: tuple[int, ...]


def _in_seal(plane: Image, gain: _Gain, coloured: Image) -> Image:
    """One channel of the seals alone, the pale ones as dense as others; their hue stays."""
    seal = cv2.bitwise_or(plane, cv2.bitwise_not(coloured))
    calm = cv2.blur(seal, (3, 3)) if gain.steps else seal
    for step in gain.steps:
        table = np.maximum(255 - 2 ** (step / _GAINS) * (255 - np.arange(256)), 0).astype(np.uint8)
        here = np.where(np.arange(256) == step, 255, 0).astype(np.uint8)
        cv2.copyTo(cv2.LUT(calm, table), cv2.LUT(gain.where, here), seal)
    return np.asarray(seal, np.uint8)


def _gain(swallowed: Image, coloured: Image) -> _Gain:
    """Which seals are pale, told in the light they swallow."""
    seen = coloured[::_REDUCED, ::_REDUCED]
    count, labels = cv2.connectedComponents(cv2.dilate(seen, _GAP), connectivity=4)
    labels = np.asarray(labels, np.int32)
    gains = _gains(np.where(seen > 0, labels, 0), swallowed[::_REDUCED, ::_REDUCED], count)
    steps = np.rint(np.log2(gains) * _GAINS).astype(np.uint8)
    where = _enlarged(steps[labels], swallowed, cv2.INTER_NEAREST)
    return _Gain(where, tuple(np.unique(steps[steps > 0]).tolist()))


def _gains(labels: Labels, swallowed: Image, count: int) -> Floats:
    """By what the levels each seal takes are to be multiplied; label 0 is none."""
    gains = np.ones(count)
    at = np.flatnonzero(labels)
    number, level = labels.ravel()[at], swallowed.ravel()[at]
    order = np.argsort(number, kind="stable")
    for points in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
        if len(points) >= _SEEN:
            # The denser part: the rest is rims, and what came off badly.
            taken = 255 - float(np.percentile(level[points], 25))
            gains[number[points[0]]] = np.clip(_DENSE / max(taken, 1), 1, _MOST_GAIN)
    return gains


def _enlarged(small: Image, like: Image, how: int) -> Image:
    return np.asarray(cv2.resize(small, like.shape[1::-1], interpolation=how), np.uint8)
