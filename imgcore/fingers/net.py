"""Small convolutional network that draws the skin of hands on a page, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import Floats
from imgcore.types import Image

Tensor = TypeVar("Tensor")

LAYERS: dict[str, tuple[int, int, int, int]] = {
    # kernel, stride, channels in, channels out
    "stem4": (4, 4, 6, 16),
    "at4": (3, 1, 16, 16),
    "down8": (3, 2, 16, 32),
    "at8a": (3, 1, 32, 32),
    "at8b": (3, 1, 32, 32),
    "down16": (3, 2, 32, 48),
    "at16a": (3, 1, 48, 48),
    "at16b": (3, 1, 48, 48),
    "down32": (3, 2, 48, 64),
    "at32a": (3, 1, 64, 64),
    "at32b": (3, 1, 64, 64),
    "lift16": (1, 1, 64, 48),
    "up16": (3, 1, 48, 48),
    "lift8": (1, 1, 48, 32),
    "up8": (3, 1, 32, 32),
    "lift4": (1, 1, 32, 16),
    "up4": (3, 1, 16, 16),
    "answer": (1, 1, 16, 1),
}
"""Kernel, stride, channels in and channels out of each layer by its name."""
ADDED = {"at4", "at8a", "at8b", "at16a", "at16b", "at32a", "at32b", "up16", "up8", "up4"}
"""Layers whose input is added to what they give."""
STRAIGHT = {"lift16", "lift8", "lift4", "answer"}
"""Layers without a rectifier."""
STRIDE = 4
"""Pixels of the picture that a cell of the answer is wide."""
SIDE = 640
"""Long side in pixels of the picture that the network sees."""
_BLOCK = 32
"""Divisor of both sides of the picture that the network sees."""
_WHITE = 75
"""Percentile of each channel that is taken for paper."""
_SPARSE = 4
"""Step in pixels between the pixels that paper's brightness is taken from."""
_MIDDLE = 0.7
"""Brightness relative to paper that is subtracted from what the network sees."""
_SPREAD = 0.3
"""Brightness relative to paper by which what the network sees is divided."""
_MOST = 1.5
"""Greatest brightness relative to paper that the network sees."""
_DARKEST = 0.02
"""Share of paper's light that is added before two channels are compared, for a sensor's noise."""
_TINTS = 2.0
"""Gain of the comparison of two channels: skin's tint is as strong in shade, where its levels hardly
differ."""
_FAR = 64.0
"""Pixels from the border from which a pixel is simply inside."""


@dataclass(frozen=True, slots=True, eq=False)
class FingerNet:
    """Weights ``(kernel * kernel * in, out)`` and offsets ``(out,)`` of each layer by name.

    A convolution's inputs are rows, columns and channels of its kernel, in this order.
    """

    weights: Mapping[str, Floats]
    offsets: Mapping[str, Floats]

    @classmethod
    def unpacked(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> FingerNet:
        """Dequantise each layer's int8 ``levels`` by its ``steps``, one an output, beside its ``offset``."""
        weights = {
            name: np.asarray(arrays[f"{name}.levels"] * arrays[f"{name}.steps"], np.float32)
            for name in LAYERS
        }
        return cls(weights, {name: arrays[f"{name}.offset"] for name in LAYERS})


def skin_probability(net: FingerNet, small: Image) -> Floats:
    """Probability that each pixel is a hand's skin that lies on the page, float32 ``(rows, cols)``, 0..1.

    Parameters
    ----------
    small
        uint8 BGR, a page, reduced.
    """

    def layer(name: str, planes: Floats) -> Floats:
        kernel, stride, _, _ = LAYERS[name]
        result = convolution_inputs(planes, kernel, stride) @ net.weights[name]
        result += net.offsets[name]
        if name in ADDED:
            result += planes
        return result if name in STRAIGHT else np.maximum(result, 0, out=result)

    odds = connect(layer, doubled, np.add, network_input(small))[:, :, 0]
    whole = cv2.resize(odds, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 / (1 + np.exp(-whole)), np.float32)


def connect(
    layer: Callable[[str, Tensor], Tensor],
    twice: Callable[[Tensor], Tensor],
    added: Callable[[Tensor, Tensor], Tensor],
    picture: Tensor,
) -> Tensor:
    """Log odds: down to a thirty-second of the picture and back up to a quarter."""
    quarter = layer("at4", layer("stem4", picture))
    eighth = layer("at8b", layer("at8a", layer("down8", quarter)))
    sixteenth = layer("at16b", layer("at16a", layer("down16", eighth)))
    deepest = layer("at32b", layer("at32a", layer("down32", sixteenth)))
    sixteenth = layer("up16", added(sixteenth, twice(layer("lift16", deepest))))
    eighth = layer("up8", added(eighth, twice(layer("lift8", sixteenth))))
    quarter = layer("up4", added(quarter, twice(layer("lift4", eighth))))
    return layer("answer", quarter)


def network_input(small: Image) -> Floats:
    """Prepare what the network sees of a page, float32 ``(rows, cols, 6)``; see `as_planes`."""
    factor = SIDE / max(small.shape[:2])
    rows, cols = (max(_BLOCK, round(side * factor / _BLOCK) * _BLOCK) for side in small.shape[:2])
    seen = np.asarray(cv2.resize(small, (cols, rows), interpolation=cv2.INTER_AREA), np.float32)
    return as_planes(seen)


def as_planes(seen: npt.NDArray[Any], part: tuple[slice, slice] = (slice(None), slice(None))) -> Floats:
    """Stack colours relative to paper, distance from the border, and tints, of a part of a picture.

    `seen` is all of it: BGR, 0..255.
    """
    rows, cols = seen.shape[:2]
    white = np.percentile(seen[::_SPARSE, ::_SPARSE].reshape(-1, 3), _WHITE, axis=0)
    colours = np.minimum(seen[part] / np.maximum(white, 16).astype(np.float32), np.float32(_MOST))
    down, across = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (rows, cols))
    away = np.minimum(np.minimum(down[part[0], None], across[None, part[1]]) / _FAR, 1)
    levels = np.log(colours + np.float32(_DARKEST))
    tints = np.clip(_TINTS * (levels[:, :, 1:] - levels[:, :, :-1]), -2, 2)
    return np.dstack([(colours - _MIDDLE) / _SPREAD, away, tints]).astype(np.float32)


def convolution_inputs(planes: Floats, kernel: int, stride: int) -> Floats:
    """Receptive fields of a convolution, float32 ``(rows, cols, kernel * kernel * channels)``."""
    if kernel == 1:
        return planes
    if kernel == 3:
        # As in training: of a picture whose sides are even, a stride of two pads the far ones alone.
        first = 1 if stride == 1 else 0
        planes = np.pad(planes, ((first, 1), (first, 1), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(planes, (kernel, kernel), axis=(0, 1))
    seen = seen[::stride, ::stride].transpose(0, 1, 3, 4, 2)
    return seen.reshape(*seen.shape[:2], -1)


def doubled(planes: Floats) -> Floats:
    return np.repeat(np.repeat(planes, 2, axis=0), 2, axis=1)
