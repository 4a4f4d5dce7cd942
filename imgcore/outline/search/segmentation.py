"""Segmentation of a picture into documents by a small convolutional network.

The network is handed in. Trained on rendered pictures alone, it separates a document's boundary from print,
grain and folds, as no measure of single edges does, but only roughly.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.search.document_maps import DocumentMaps
from imgcore.types import Image, Net

Floats = npt.NDArray[np.float64]

_SMALLEST = 400
"""Pixels of the long side below which a picture is enlarged for the net."""
_BLOCK = 32
"""Number that the rows and columns of the net's input are multiples of."""
_MIDDLE = 128.0
"""Grey level that is subtracted from the picture, as in training."""
_SPREAD = 64.0
"""Grey levels that the picture is divided by, as in training."""


def segment_documents(net: Net, small: Image, factor: Floats) -> DocumentMaps:
    """Segment a picture into documents. About 14 ms.

    Parameters
    ----------
    net
        Float32 ``(1, 3, rows, cols)`` in, `DocumentMaps.answer` out.
    small
        BGR or grey, some 400 to 700 px on its long side.
    factor
        Reduction of `small` in x and y; the maps are in pixels of the full-size picture.
    """
    scale = max(1.0, _SMALLEST / max(small.shape[:2]))
    size = (max(1, round(scale * small.shape[1])), max(1, round(scale * small.shape[0])))
    (answer,) = net(_network_input(small, size))
    return DocumentMaps(np.asarray(answer[0], np.float32), size, factor * small.shape[1::-1] / size)


def _network_input(image: Image, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Prepare the net's input, ``(1, 3, rows, cols)``."""
    small = image if size == image.shape[1::-1] else cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    cols, rows = (-(-side // _BLOCK) * _BLOCK for side in size)
    whole = np.zeros((3, rows, cols), np.float32)
    for channel, plane in enumerate(cv2.split(small) if small.ndim == 3 else [small] * 3):
        whole[channel, : size[1], : size[0]] = plane
    whole -= _MIDDLE
    whole /= _SPREAD
    return whole[None]
