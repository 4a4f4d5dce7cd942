"""Photo enhancement: white balance and local contrast, nothing that belongs to text."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.grey import grey
from imgcore.kernels import pair_lookup
from imgcore.types import Image

Floats = npt.NDArray[np.float32]

_SIDE = 480
"""Long side of the picture in which balance and local contrast are measured."""
_NEUTRAL = 0.3
"""Saturation up to which a pixel may be grey in coloured light; skin and sky have more."""
_ENOUGH = 0.03
"""Least share of pixels that may be grey from which a picture's white is balanced."""
_GAIN = 0.25
"""Largest change of a channel, as a share."""
_TRUST = 0.8
"""Share of the measured cast that is removed: some of it is the mood of the light."""
_KNEE = 0.8
"""Level from which a channel's curve bends towards white, so that white stays white."""
_DETAIL = 0.3
"""Gain of local contrast."""
_STRETCH = 0.35
"""Share of the way to the full range by which levels are stretched."""
_RANGE = 128.0
"""Range of levels below which a scene counts as flat by itself."""
_END = 3
"""Levels from black and white where clipping begins."""
_EPSILON = 0.01
"""Variance of brightness from which the guided filter keeps an edge."""


def photo(image: Image) -> Image:
    """Balance the white and raise local contrast a little; some 30 ms a megapixel.

    Neutral pixels become neutral, levels stretch towards the full range, and local contrast is
    raised in brightness alone, so that hues stay. Nothing reaches black or white that was not.

    Parameters
    ----------
    image
        BGR or grey.

    Returns
    -------
    Image
        Of the same shape.
    """
    return _crisp(image if image.ndim == 2 else _balanced(image))


def _balanced(image: Image) -> Image:
    gains = _gains(_shares(_small(image)))
    if gains is None:
        return image
    table = np.stack([_curve(float(gain)) for gain in gains], axis=1)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def _shares(small: Image) -> Floats:
    return np.asarray(small.reshape(-1, 3), np.float32) / np.float32(255)


def _gains(pixels: Floats) -> Floats | None:
    """Gains of blue, green, red that make near-neutral pixels neutral; None if there are too few."""
    gains = np.ones(3, np.float32)
    for _ in range(2):
        level = pixels * gains
        top = level.max(axis=1)
        bottom = level.min(axis=1)
        neutral = (top - bottom < _NEUTRAL * top) & (top > 0.15) & (pixels.max(axis=1) < 0.98)
        if neutral.mean() < _ENOUGH:
            return None
        mean = pixels[neutral].mean(axis=0)
        gains = np.clip((mean.mean() / mean) ** _TRUST, 1 - _GAIN, 1 + _GAIN).astype(np.float32)
    return gains


def _curve(gain: float) -> Image:
    """Build a table ``(256,)``: `gain` up to the knee, then straight to white."""
    x = np.arange(256) / 255
    knee = min(_KNEE, _KNEE / gain)
    upper = knee * gain + (x - knee) / (1 - knee) * (1 - knee * gain)
    return _held(255 * np.where(x < knee, x * gain, upper))


def _crisp(image: Image) -> Image:
    """Stretch levels and raise local contrast, by one factor for all channels of a pixel."""
    luma = grey(image)
    small = _small(luma)
    around = np.asarray(cv2.resize(_base(small), (luma.shape[1], luma.shape[0])), np.uint8)
    factor = pair_lookup(around[:, :, None], luma[:, :, None], _factors(_stretch(small)))
    bent = pair_lookup(factor, image.reshape(*luma.shape, -1), _bends())
    return bent.reshape(image.shape)


def _factors(lift: Floats) -> Image:
    """Build a table ``(256, 256)`` by the brightness around and a pixel's own: the factor's number.

    Surroundings are lifted by the stretch, and a pixel's difference from them is enlarged.
    """
    around = np.arange(256, dtype=np.float32)[:, None]
    level = np.arange(256, dtype=np.float32)[None]
    raised = level + lift[:, None] + _DETAIL * (level - around)
    octaves = np.log2(np.clip((raised + 8) / (level + 8), 0.5, 2.0))
    return np.asarray(np.rint(127.5 + 127.5 * octaves), np.uint8)


def _bends() -> Image:
    """Build a table ``(256, 256)`` by a factor's number and a level.

    Its slope is the factor in the dark, and white stays white: nothing is clipped.
    """
    factor = 2 ** ((np.arange(256, dtype=np.float32)[:, None] - 127.5) / 127.5)
    level = np.arange(256, dtype=np.float32)[None]
    return _held(level * factor / (1 + (factor - 1) * level / 255))


def _base(reduced: Image) -> Image:
    """Brightness without detail, edges kept, of a reduced picture: a self-guided filter."""
    small = reduced.astype(np.float32) / 255
    window = (2 * max(1, max(small.shape) // 24) + 1,) * 2
    mean = np.asarray(cv2.blur(small, window), np.float32)
    variance = np.maximum(cv2.blur(small * small, window) - mean * mean, 0)
    slope = variance / (variance + _EPSILON)
    base = cv2.blur(slope, window) * small + cv2.blur((1 - slope) * mean, window)
    return np.clip(np.rint(base * 255), 0, 255).astype(np.uint8)


def _stretch(small: Image) -> Floats:
    """Build a table ``(256,)`` of offsets to levels, part of the way towards the full range."""
    low, high = (float(level) for level in np.percentile(small, (0.5, 99.5)))
    # A flat scene is not blown up: its range is widened to both sides as far as there is room.
    pad = max(0.0, _RANGE - (high - low))
    room = max(low + 255 - high, 1.0)
    low = low - pad * low / room
    high = high + pad * (255 - high) / room
    x = np.arange(256, dtype=np.float32)
    full = (x - low) * 255 / (high - low)
    return np.asarray(_STRETCH * (np.clip(full, 0, 255) - x), np.float32)


def _held(levels: npt.NDArray[np.floating]) -> Image:
    """Clip tables ``(..., 256)`` to bytes, `_END` away from black and white but for levels already there."""
    before = np.arange(256)
    low = np.minimum(before, _END)
    high = np.maximum(before, 255 - _END)
    return np.asarray(np.clip(np.rint(levels), low, high), np.uint8)


def _small(picture: Image) -> Image:
    """Reduce by means of squares; incomplete ones at the far sides are left out, as whole ones are faster."""
    factor = -(-max(picture.shape[:2]) // _SIDE)
    rows, cols = (max(side // factor * factor, min(side, factor)) for side in picture.shape[:2])
    size = (max(1, cols // factor), max(1, rows // factor))
    return np.asarray(cv2.resize(picture[:rows, :cols], size, interpolation=cv2.INTER_AREA), np.uint8)
