"""Stamped papers: the seal in its own colour, print black, paper white.

Inks are filters over one another. From white paper to a seal's full colour, levels fall along a
straight line: so much in the channel the ink passes, so much more in the channel it absorbs, wherever
ink covers a part of a pixel or a lens blurs its edge. Print multiplies both. The passed channel, moved
back up that line by the difference of the two channels, is therefore the print alone, under a seal
as well as beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.colour import colour_by_layers
from imgcore.paper.layers import find_layers
from imgcore.paper.layers_net import PageLayersNet
from imgcore.paper.light import measure_light
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Light:
    """Channels of a seal's ink: the one it passes, the one it absorbs, the one between."""

    own: int
    absorbed: int
    other: int


_RED = _Light(2, 1, 0)
"""Channels of red ink in BGR: it passes red and absorbs green; blue is between."""
_BLUE = _Light(0, 2, 1)
"""Channels of blue ink in BGR: it passes blue and absorbs red; green is between."""

_PAPER = 258
"""Level that the middle of paper's grain is raised to: white is 255."""
_COLOURED = 8
"""Difference between two channels, mean of nine pixels, from which a point is coloured; paper is 255."""
_AROUND = (15, 15)
"""Window in pixels around a coloured point that is coloured on average."""
_MEAN_COLOUR = 2
"""Levels by which the window around a coloured point is coloured on average."""
_AGAINST = 2.0
"""Weight of the complementary colour against it, as a lens's fringes come in complementary pairs."""
_HUES = (0.2, 0.42)
"""Least ratios between the two differences of the passed channel and the others."""
_SLOPE = 0.25
"""Usual loss of a seal in its passed channel, in parts of its colour."""
_MOST_SLOPE = 2.3
"""Largest loss of a seal in its passed channel, in parts of its colour."""
_SLACK = 1.1
"""Factor on the measured loss of a seal in its passed channel, for the loss is uneven."""
_NEAR = (15, 15)
"""Window in pixels of the reduced picture in which a seal's loss is measured."""
_FEW = 4.0
"""Weight of the usual loss beside the measured one."""
_REDUCED = 4
"""Factor of the reduced picture in which seals are segmented."""
_GAP = np.ones((9, 9), np.uint8)
"""Window in pixels of the reduced picture that joins a seal's strokes."""
_SEEN = 40
"""Fewest coloured points of a seal in the reduced picture to measure its ink."""
_DENSE = 170
"""Levels absorbed by a dense seal, to which paler ones are raised."""
_MOST_GAIN = 3.0
"""Largest factor by which a pale seal is raised."""
_GAINS = 4
"""Steps to a doubling in which the factors of pale seals are rounded."""
_WHITE = 236
"""Transmission of print from which it is shown as paper."""
_THRESHOLDS = (110, 170)
"""Least and greatest transmission of print that is shown half black."""
_SHARPER = 1.0
"""Gain of the unsharp mask on print: a lens makes thin strokes pale."""
_BLACK = 140
"""Level below which a point is print and has no colour."""


def red_stamp(image: Image, net: PageLayersNet | None = None) -> Image:
    """Keep red ink in its colour, make all other ink black and paper white; about 25 ms a megapixel.

    Parameters
    ----------
    image
        BGR or grey.
    net
        Tells paper from what is printed on it; without it every picture is taken for one without paper.

    Returns
    -------
    Image
        Of the same shape. A grey picture has no seal: print black, paper white.
    """
    return _stamp(image, net, _RED)


def blue_stamp(image: Image, net: PageLayersNet | None = None) -> Image:
    """Keep blue ink in its colour, make all other ink black and paper white, as `red_stamp` does."""
    return _stamp(image, net, _BLUE)


def _stamp(image: Image, net: PageLayersNet | None, light: _Light) -> Image:
    flat = _evenly_lit(image, net)
    if flat.ndim == 2:
        return _printed(flat)
    planes = [np.asarray(plane, np.uint8) for plane in cv2.split(flat)]
    own, absorbed, other = (planes[channel] for channel in (light.own, light.absorbed, light.other))
    coloured = _coloured(own, absorbed, other)
    passed, lost = _unmixed(own, np.asarray(cv2.subtract(own, absorbed), np.uint8), coloured)
    # A marker's yellow swallows blue light alone: print is dark in two lights at least.
    printed = _printed(np.asarray(cv2.max(passed, cv2.min(absorbed, other)), np.uint8))
    for channel in (light.absorbed, light.other):
        planes[channel] = np.asarray(cv2.subtract(planes[channel], lost), np.uint8)
    gain = _gain(planes[light.absorbed], coloured)
    shown = [cv2.multiply(_in_seal(plane, gain, coloured), printed, scale=1 / 255) for plane in planes]
    # Print is black under a seal, too.
    black = cv2.threshold(printed, _BLACK, 255, cv2.THRESH_BINARY_INV)[1]
    darkest = shown[light.absorbed]
    return np.asarray(cv2.merge([cv2.copyTo(darkest, black, plane) for plane in shown]), np.uint8)


def _evenly_lit(image: Image, net: PageLayersNet | None) -> Image:
    """Divide by blank paper; a page without paper becomes the colour document it would be."""
    layers = None if net is None else find_layers(image, net)
    light = None if layers is None else measure_light(layers)
    if light is None:
        return colour_by_layers(image, layers)
    blank = np.minimum(np.rint(light.blank), 255).astype(np.uint8)
    wide = cv2.resize(blank, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(image, wide, scale=_PAPER), np.uint8)


def _coloured(own: Image, absorbed: Image, other: Image) -> Image:
    """Mask, 0 or 255, of ink of the seal's hue, under print or not."""
    # Half a difference about 128, so that noise about nothing stays about nothing.
    first, second = (
        cv2.blur(cv2.addWeighted(own, 0.5, plane, -0.5, 128), (3, 3)) for plane in (absorbed, other)
    )
    more, less = (cv2.blur(cv2.subtract(*pair), _AROUND) for pair in ((own, absorbed), (absorbed, own)))
    near = cv2.subtract(more, cv2.convertScaleAbs(less, alpha=_AGAINST))
    above = np.maximum(np.arange(256) - 126, 0).astype(np.uint8)
    one = cv2.LUT(first, above)
    two = cv2.LUT(second, above)
    blueish = cv2.compare(two, cv2.convertScaleAbs(one, alpha=_HUES[0]), cv2.CMP_GT)
    reddish = cv2.compare(one, cv2.convertScaleAbs(two, alpha=_HUES[1]), cv2.CMP_GT)
    strong = cv2.threshold(first, 127 + _COLOURED / 2, 255, cv2.THRESH_BINARY)[1]
    around = cv2.threshold(near, _MEAN_COLOUR - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(
        cv2.bitwise_and(cv2.bitwise_and(blueish, reddish), cv2.bitwise_and(strong, around)), np.uint8
    )


def _unmixed(own: Image, colour: Image, coloured: Image) -> tuple[Image, Image]:
    """Transmission of the print, with the seal removed, and colour of the seal lost by the camera."""
    slope = _enlarged(_slopes(own, colour, coloured), own, cv2.INTER_LINEAR)
    # A JPEG keeps colour at half the resolution: what a thin stroke lost is found beside it.
    around = cv2.max(colour, cv2.blur(colour, (3, 3)))
    passed = cv2.add(own, cv2.multiply(around, slope, scale=0.01))
    beside = cv2.max(colour, cv2.dilate(around, np.ones((3, 3), np.uint8)))
    likely = cv2.min(beside, cv2.divide(cv2.bitwise_not(own), slope, scale=100))
    return np.asarray(passed, np.uint8), np.asarray(cv2.subtract(likely, colour), np.uint8)


def _slopes(own: Image, colour: Image, coloured: Image) -> Image:
    """Loss of ink near by in its passed channel, in hundredths of its colour; least squares."""
    own, colour, coloured = (plane[::_REDUCED, ::_REDUCED] for plane in (own, colour, coloured))
    weight = np.where(coloured > 0, colour, 0).astype(np.float32)
    # Weighed by its colour, a point under print, which has none left, hardly counts.
    lost = cv2.blur(weight * (255 - own.astype(np.float32)), _NEAR)
    slope = (lost + _FEW * _SLOPE) / (cv2.blur(weight * weight, _NEAR) + _FEW)
    return np.asarray(np.clip(slope * _SLACK, 0.01, _MOST_SLOPE) * 100, np.uint8)


def _printed(passed: Image) -> Image:
    """Map the transmission of print to shown levels: dark becomes black, pale stays readable."""
    passed = np.asarray(
        cv2.addWeighted(passed, 1 + _SHARPER, cv2.blur(passed, (3, 3)), -_SHARPER, 0), np.uint8
    )
    otsu = cv2.threshold(passed, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]
    half = float(np.clip(otsu, *_THRESHOLDS))
    shown = 127.5 + 127.5 * (np.arange(256) - half) / (_WHITE - half)
    return np.asarray(cv2.LUT(passed, np.clip(np.rint(shown), 0, 255).astype(np.uint8)), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Gain:
    """Map of the steps by which seals absorb ``2 ** (step / _GAINS)`` times the light; `steps` omits 0."""

    where: Image
    steps: tuple[int, ...]


def _in_seal(plane: Image, gain: _Gain, coloured: Image) -> Image:
    """One channel of the seals alone, pale ones raised to the density of others; their hue stays."""
    seal = cv2.bitwise_or(plane, cv2.bitwise_not(coloured))
    calm = cv2.blur(seal, (3, 3)) if gain.steps else seal
    for step in gain.steps:
        table = np.maximum(255 - 2 ** (step / _GAINS) * (255 - np.arange(256)), 0).astype(np.uint8)
        here = np.where(np.arange(256) == step, 255, 0).astype(np.uint8)
        cv2.copyTo(cv2.LUT(calm, table), cv2.LUT(gain.where, here), seal)
    return np.asarray(seal, np.uint8)


def _gain(absorbed: Image, coloured: Image) -> _Gain:
    """Gain of each pale seal, measured in the channel it absorbs."""
    seen = coloured[::_REDUCED, ::_REDUCED]
    count, labels = cv2.connectedComponents(cv2.dilate(seen, _GAP), connectivity=4)
    labels = np.asarray(labels, np.int32)
    gains = _gains(np.where(seen > 0, labels, 0), absorbed[::_REDUCED, ::_REDUCED], count)
    steps = np.rint(np.log2(gains) * _GAINS).astype(np.uint8)
    where = _enlarged(steps[labels], absorbed, cv2.INTER_NEAREST)
    return _Gain(where, tuple(np.unique(steps[steps > 0]).tolist()))


def _gains(labels: Labels, absorbed: Image, count: int) -> Floats:
    """Factor for the levels that each seal absorbs; label 0 is none."""
    gains = np.ones(count)
    at = np.flatnonzero(labels)
    number = labels.ravel()[at]
    level = absorbed.ravel()[at]
    order = np.argsort(number, kind="stable")
    for points in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
        if len(points) >= _SEEN:
            # The denser part: the rest is rims, and what came off badly.
            taken = 255 - float(np.percentile(level[points], 25))
            gains[number[points[0]]] = np.clip(_DENSE / max(taken, 1), 1, _MOST_GAIN)
    return gains


def _enlarged(small: Image, like: Image, how: int) -> Image:
    return np.asarray(cv2.resize(small, like.shape[1::-1], interpolation=how), np.uint8)
