"""Colour document: white paper without shadows, ink and pictures in their own colours."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.illumination import estimate_illumination
from imgcore.kernels import relight
from imgcore.strips import for_strips
from imgcore.types import Image

Gain = npt.NDArray[np.int16]

_WHITE_POINT = 232
"""Level of blank paper before the tone curve; leaves room for brighter spots."""
_MOST = 8.0
"""Largest factor by which light is raised: the darkest shadows stay grey rather than become noise."""
_GRAIN = 3.0
"""Standard deviations of paper's grain that become white."""
_FLARE, _MOST_FLARE = 0.6, 28.0
"""Stray light as a share of the darkest ink's brightness, and its limit in levels, as ink may be pale."""
_LEAST_WHITE = 200.0
"""Least white point: however coarse the grain, tints below it stay."""
_SAMPLES = 250
"""Pixels along the long side from which grain and ink are measured."""


def colour(image: Image) -> Image:
    """Clean a colour document: white paper, true colours, no shadows; some 10 ms a megapixel.

    The light on blank paper is divided out of each channel and extrapolated below print and
    pictures, whose own shades therefore stay.

    Parameters
    ----------
    image
        BGR or grey, one page.

    Returns
    -------
    Image
        Of the same shape; `image` itself if there is no paper to measure (a photo, a page
        printed white on black).
    """
    illumination = estimate_illumination(image)
    if illumination is None:
        return image
    least = np.uint8(round(_WHITE_POINT / _MOST))
    light = np.maximum(illumination.light, least)
    black, white = _ends(image, light)
    stretch = 255 / (white - black)
    # Paper's grain becomes white; a pale colour would with it.
    clipped = np.float32(white) + np.float32(_WHITE_POINT - white) * illumination.tinted
    scale = np.float32(2048 * _WHITE_POINT * (255 + stretch * black)) / clipped
    gain = np.rint((scale if light.ndim == 2 else scale[:, :, None]) / light).astype(np.int16)
    wide, flat, end = _widened(gain, image.shape[1]), image.reshape(*image.shape[:2], -1), 8 * stretch * black
    relit = np.empty_like(flat)
    for_strips(lambda top, bottom: relight(wide, flat, round(end), relit, top, bottom), len(image))
    return relit.reshape(image.shape)


def _widened(gain: Gain, cols: int) -> Gain:
    """Widen a gain to `cols` columns; down the page `relight` interpolates."""
    wide = np.asarray(cv2.resize(gain, (cols, gain.shape[0])), np.int16)
    return wide.reshape(gain.shape[0], cols, -1)


def _ends(image: Image, light: Image) -> tuple[float, float]:
    """Black point, at the stray light on ink, and white point, at the end of paper's grain."""
    step = max(1, max(image.shape[:2]) // _SAMPLES)
    x, y = (
        (np.arange(0, side, step, dtype=np.float32) + 0.5) * np.float32(measured / side) - 0.5
        for side, measured in zip(image.shape[1::-1], light.shape[1::-1], strict=True)
    )
    beside = cv2.remap(light, *np.meshgrid(x, y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    some = image[::step, ::step].astype(np.float32) * _WHITE_POINT / np.asarray(beside)
    above = some[some >= _WHITE_POINT] - _WHITE_POINT
    grain = float(np.sqrt(np.mean(above**2))) if above.size else 0.0
    white = float(np.clip(_WHITE_POINT - 3 - _GRAIN * grain, _LEAST_WHITE, _WHITE_POINT))
    brightness = some if some.ndim == 2 else some.mean(axis=2)
    return min(_FLARE * float(np.percentile(brightness, 0.5)), _MOST_FLARE), white
