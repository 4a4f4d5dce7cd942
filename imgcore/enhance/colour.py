"""Colour document: white paper without shadows, and everything that is printed in its own colours."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import relight
from imgcore.paper.layers import Layer, PageLayers, find_layers
from imgcore.paper.layers_net import PageLayersNet
from imgcore.paper.light import PageLight, measure_light
from imgcore.strips import for_strips
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]

_MOST_GAIN = 8.0
"""Largest factor by which light is raised: the darkest shadows stay grey rather than become noise."""
_GRAIN = 2.0
"""Standard deviations of paper's grain that become white."""
_CLEAR = 0.012
"""Share by which bare paper is raised beyond white however fine its grain."""
_MOST_RAISED = 0.1
"""Largest share by which bare paper is raised beyond white, however coarse its grain."""
_FLARE = 0.6
"""Share of the darkest print's brightness that is taken for stray light."""
_MOST_FLARE = 28.0
"""Largest stray light in levels, for print may be pale."""
_SAMPLES = 250
"""Pixels along the long side from which grain and stray light are measured."""
_PAPER_ONLY = 0.9
"""Share of paper from which a place counts as nothing else."""
_HIGHLIGHT = 98
"""Percentile of the brightest channel from which a picture without paper is taken for white."""
_WHITE = 250.0
"""Level that the highlights of a picture without paper are raised to."""
_MOST_RAISED_PICTURE = 1.6
"""Largest factor by which the highlights of a picture without paper are raised."""
_NEUTRAL = 0.25
"""Saturation of highlights up to which they are white in coloured light, and not coloured themselves."""
_BLANK = 250
"""Level from which all channels of a place are blank paper."""
_MIXED = 128
"""Level from which a channel beside blank paper is no print but the desk, mixed into the edge of a crop."""
_STEPS = 2048
"""Units of a gain of 1 in `relight`."""
_EIGHTHS = 8
"""Units of a level in the black point of `relight`."""


class _Tone(NamedTuple):
    """Gain and black level of each place of a reduced picture, float32 ``(rows, cols, channels)``."""

    gain: Floats
    black: Floats


def colour(image: Image, net: PageLayersNet | None = None) -> Image:
    """Clean a document in colour: white paper, no shadows, print and pictures as they are.

    The light is measured on paper alone and carried below pictures, fields and the desk, which nothing but
    that light changes. A page with hardly any paper, such as a card, a cover or a photograph, gets a white
    balance and a black point alone.

    Parameters
    ----------
    image
        BGR or grey: a page, or a photograph of one.
    net
        Tells paper from what is printed on it; without it every picture is taken for one without paper.

    Returns
    -------
    Image
        Of the same shape.
    """
    return colour_by_layers(image, None if net is None else find_layers(image, net))


def colour_by_layers(image: Image, layers: PageLayers | None) -> Image:
    """Clean a document in colour, as `colour` does, whose layers are known."""
    light = None if layers is None else measure_light(layers)
    if light is None:
        return _toned(image, _balance(image, layers))
    result = _toned(image, _on_paper(image, light))
    _clean_edges(result)
    return result


def _on_paper(image: Image, light: PageLight) -> _Tone:
    """Raise paper to white and print on it from stray light, and everything else by the light alone."""
    grain, stray = _grain_and_stray_light(image, light)
    raised = min(_MOST_RAISED, _CLEAR + _GRAIN * grain)
    share = light.paper[:, :, None]
    black = min(_FLARE * stray, _MOST_FLARE) * share
    least = np.float32(255 / _MOST_GAIN)
    gain = 255 * (1 + raised * share) / np.maximum(light.level, least)
    return _stretched(np.asarray(gain, np.float32), np.asarray(black, np.float32))


def _stretched(gain: Floats, black: Floats) -> _Tone:
    """Return a tone by which white stays white above its black level."""
    stretch = np.asarray(255 / (255 - black), np.float32)
    dark = np.broadcast_to(black * stretch, gain.shape)
    return _Tone(np.asarray(gain * stretch, np.float32), np.asarray(dark, np.float32))


def _grain_and_stray_light(image: Image, light: PageLight) -> tuple[float, float]:
    """Return the deviation of paper's grain, as a share of its level, and the level of the darkest print."""
    step = max(1, max(image.shape[:2]) // _SAMPLES)
    some = image[::step, ::step]
    size = some.shape[1::-1]
    level = cv2.resize(light.level, size, interpolation=cv2.INTER_LINEAR).reshape(*some.shape[:2], -1)
    paper = cv2.resize(light.paper, size, interpolation=cv2.INTER_LINEAR) > _PAPER_ONLY
    if not paper.any():
        return 0.0, 0.0
    lit = some.reshape(level.shape)[paper] / level[paper]
    above = lit[lit >= 1] - 1
    grain = float(np.sqrt(np.mean(above**2))) if above.size else 0.0
    return grain, 255 * float(np.percentile(lit.mean(axis=1), 0.5))


def _balance(image: Image, layers: PageLayers | None) -> _Tone:
    """Balance highlights to white, or as far as they are, and set the black point."""
    step = max(1, max(image.shape[:2]) // _SAMPLES)
    small = layers.picture if layers is not None else image[::step, ::step]
    planes = small.reshape(*small.shape[:2], -1).astype(np.float32)
    inside = np.ones(small.shape[:2], np.bool_)
    if layers is not None and not layers.mask(Layer.BEYOND).all():
        inside = ~layers.mask(Layer.BEYOND)
    own = planes[inside]
    brightest = own.max(axis=1)
    highlights = own[brightest >= np.percentile(brightest, _HIGHLIGHT)].mean(axis=0) + 1
    if 1 - highlights.min() / highlights.max() > _NEUTRAL:
        highlights[:] = highlights.max()
    gain = np.clip(_WHITE / highlights, 1, _MOST_RAISED_PICTURE)
    stray = float(np.percentile((own * gain).mean(axis=1), 0.5))
    black = np.full((1, 1, 1), min(_FLARE * stray, _MOST_FLARE), np.float32)
    return _stretched(np.asarray(gain, np.float32)[None, None], black)


def _toned(image: Image, tone: _Tone) -> Image:
    """Apply a tone, and sharpen a little."""
    flat = np.ascontiguousarray(image).reshape(*image.shape[:2], -1)
    gain = _widened(_STEPS * tone.gain, image.shape[1])
    black = _widened(_EIGHTHS * tone.black, image.shape[1])
    result = np.empty_like(flat)
    for_strips(lambda top, bottom: relight(gain, flat, black, result, top, bottom), len(image))
    return result.reshape(image.shape)


def _clean_edges(result: Image) -> None:
    """Take the desk out of the outermost pixels of a page: the edge of a crop runs through them."""
    planes = result.reshape(*result.shape[:2], -1)
    for turned in (planes, planes[::-1], planes.transpose(1, 0, 2), planes.transpose(1, 0, 2)[::-1]):
        if len(turned) < 2:
            return
        edge, inner = turned[:2]
        mixed = (inner >= _BLANK).all(axis=1) & (edge >= _MIXED).all(axis=1)
        edge[mixed] = inner[mixed]


def _widened(plane: Floats, cols: int) -> Shorts:
    """Widen a plane to `cols` columns; down the page `relight` interpolates."""
    units = np.clip(np.rint(plane), 0, np.iinfo(np.int16).max).astype(np.int16)
    wide = cv2.resize(units, (cols, plane.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(wide.reshape(plane.shape[0], cols, -1), np.int16)
