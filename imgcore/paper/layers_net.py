"""Small convolutional network that tells the layers of a page apart, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import ADDED, STRAIGHT, as_planes, connect, convolution_inputs, doubled
from imgcore.types import Image

Floats = npt.NDArray[np.float32]

LAYERS: dict[str, tuple[int, int, int, int]] = {
    # kernel, stride, channels in, channels out
    "stem4": (4, 4, 6, 16),
    "at4": (3, 1, 16, 16),
    "down8": (3, 2, 16, 32),
    "at8a": (3, 1, 32, 32),
    "at8b": (3, 1, 32, 32),
    "down16": (3, 2, 32, 64),
    "at16a": (3, 1, 64, 64),
    "at16b": (3, 1, 64, 64),
    "down32": (3, 2, 64, 96),
    "at32a": (3, 1, 96, 96),
    "at32b": (3, 1, 96, 96),
    "lift16": (1, 1, 96, 64),
    "up16": (3, 1, 64, 64),
    "lift8": (1, 1, 64, 32),
    "up8": (3, 1, 32, 32),
    "lift4": (1, 1, 32, 16),
    "up4": (3, 1, 16, 16),
    "answer": (1, 1, 16, 4),
}
"""Layers of the network; those of `imgcore.fingers.net`, with more channels where the picture is small."""
SIDE = 384
"""Long side in pixels of the picture that the network sees."""
STRIDE = 4
"""Pixels of the picture the network sees that a cell of the answer is wide."""
_BLOCK = 32
"""Divisor of both sides of the picture that the network sees."""


@dataclass(frozen=True, slots=True, eq=False)
class PageLayersNet:
    """Weights ``(kernel * kernel * in, out)`` and offsets ``(out,)`` of each layer by name."""

    weights: Mapping[str, Floats]
    offsets: Mapping[str, Floats]

    @classmethod
    def unpacked(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> PageLayersNet:
        """Dequantise each layer's int8 ``levels`` by its ``steps``, one an output, beside its ``offset``."""
        weights = {
            name: np.asarray(arrays[f"{name}.levels"] * arrays[f"{name}.steps"], np.float32)
            for name in LAYERS
        }
        return cls(weights, {name: arrays[f"{name}.offset"] for name in LAYERS})


def layer_probabilities(net: PageLayersNet, image: Image) -> Floats:
    """Return the probability of each `imgcore.paper.layers.Layer`, float32 ``(rows, cols, 4)`` of cells.

    Parameters
    ----------
    image
        uint8, BGR or grey; of any size, best reduced to some 500 pixels.
    """
    coloured = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)

    def layer(name: str, planes: Floats) -> Floats:
        kernel, stride, _, _ = LAYERS[name]
        result = convolution_inputs(planes, kernel, stride) @ net.weights[name]
        result += net.offsets[name]
        if name in ADDED:
            result += planes
        return result if name in STRAIGHT else np.maximum(result, 0, out=result)

    added: Callable[[Floats, Floats], Floats] = np.add
    odds = connect(layer, doubled, added, as_planes(_seen(coloured)))
    raised = np.exp(odds - odds.max(axis=2, keepdims=True))
    return np.asarray(raised / raised.sum(axis=2, keepdims=True), np.float32)


def _seen(image: Image) -> Floats:
    factor = SIDE / max(image.shape[:2])
    rows, cols = (max(_BLOCK, round(side * factor / _BLOCK) * _BLOCK) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (cols, rows), interpolation=cv2.INTER_AREA), np.float32)
