"""Layers of a page: paper with the light on it, printed pictures, printed fields, and what lies beyond it.

They are told apart once, by a small network, and everything that has to know what is paper asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.cast_shadows import find_cast_shadows
from imgcore.paper.enclosed_pictures import find_enclosed_pictures
from imgcore.paper.layers_net import PageLayersNet, layer_probabilities
from imgcore.paper.missed_fields import find_missed_fields
from imgcore.strips import by_squares
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SIDE = 480
"""Long side in pixels of the picture in which layers and light are measured: light is smooth."""
_STROKE = 80
"""Parts of the long side that are the radius of the closing which fills strokes."""


class Layer(IntEnum):
    """A layer of a page, by the number of its channel in what the network answers."""

    PAPER = 0
    PICTURE = 1
    FIELD = 2
    BEYOND = 3


@dataclass(frozen=True, slots=True, eq=False)
class PageLayers:
    """Layers of a page, measured in a reduced picture.

    Attributes
    ----------
    picture
        uint8, BGR or grey: the page, reduced by averaging squares to `SIDE` pixels at most.
    ground
        uint8, of `picture`'s shape: what print stands on, strokes filled with it.
    shares
        float32 ``(rows, cols, 4)`` of `picture`: probability of each `Layer`.
    """

    picture: Image
    ground: Image
    shares: Floats

    def mask(self, layer: Layer) -> Mask:
        """Return where a layer is the likeliest, bool ``(rows, cols)``."""
        return np.asarray(self.shares.argmax(axis=2) == layer)

    def share(self, layer: Layer) -> float:
        """Return the share of a layer in what is not beyond the page, 0..1."""
        beyond = self.mask(Layer.BEYOND)
        own = self.mask(layer) & ~beyond
        return float(own.sum() / max(1, beyond.size - beyond.sum()))


def find_layers(image: Image, net: PageLayersNet) -> PageLayers:
    """Tell the layers of a page apart.

    Parameters
    ----------
    image
        uint8, BGR or grey: a page, or a photograph of one with its desk.
    """
    small = by_squares(image, -(-max(image.shape[:2]) // SIDE))
    ground = find_ground(small)
    cells = layer_probabilities(net, small)
    shares = np.asarray(cv2.resize(cells, small.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    likeliest = shares.argmax(axis=2)
    printed = (likeliest == Layer.PICTURE) | (likeliest == Layer.FIELD)
    shadows = find_cast_shadows(small, ground, np.asarray(likeliest == Layer.PAPER), np.asarray(printed))
    certain = np.eye(len(Layer), dtype=np.float32)
    shares[shadows] = certain[Layer.PAPER]
    missed = find_enclosed_pictures(ground, np.asarray(shares.argmax(axis=2) == Layer.PAPER))
    shares[missed] = certain[Layer.PICTURE]
    likeliest = shares.argmax(axis=2)
    paper = np.asarray(likeliest == Layer.PAPER)
    fields = np.asarray(likeliest == Layer.FIELD)
    shares[find_missed_fields(ground, paper, fields)] = certain[Layer.FIELD]
    return PageLayers(small, ground, shares)


def find_ground(small: Image) -> Image:
    """Fill strokes with what they stand on; uint8 of the picture's shape."""
    radius = max(1, max(small.shape[:2]) // _STROKE)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), np.uint8)
