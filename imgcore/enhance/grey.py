"""Conversion to grey."""

from __future__ import annotations

import cv2

from imgcore.types import Image


def grey(image: Image) -> Image:
    """Convert to luminance, BT.601; a grey picture is returned as it is."""
    if image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]
