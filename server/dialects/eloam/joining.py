"""Both sides of a card in one picture."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore import codec
from imgcore.types import Image

QUALITY = 92
GAP_SHARE = 0.04
"""Height of the white between the sides, as a share of the width."""


def joined(front: bytes, back: bytes, limit_pixels: int) -> bytes:
    """Return two pictures, one below the other, as a JPEG of the first one's width.

    Parameters
    ----------
    front, back
        Captures of this service.
    """
    upper, lower = (codec.decode(data, limit_pixels) for data in (front, back))
    width = upper.shape[1]
    height = max(1, round(lower.shape[0] * width / lower.shape[1]))
    fitted = cv2.resize(_colour(lower), (width, height), interpolation=cv2.INTER_AREA)
    gap = np.full((max(1, round(GAP_SHARE * width)), width, 3), 255, np.uint8)
    return codec.encode(np.vstack((_colour(upper), gap, fitted)), "JPEG", QUALITY)


def _colour(image: Image) -> Image:
    return image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
