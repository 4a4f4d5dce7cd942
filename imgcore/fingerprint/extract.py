"""Extraction of a template from a picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from imgcore.fingerprint import fields, minutiae, pattern, ridges
from imgcore.fingerprint.fields import CELL, Fields, Map
from imgcore.fingerprint.template import DOTS, Template, build
from imgcore.types import Image, ImageError

SMALLEST = 2 * fields.WINDOW
"""Least side of a picture in pixels of 500 dpi."""

LARGEST = 2000
"""Largest side of a picture in pixels of 500 dpi."""

FIRST = 10.0
"""Sigma in pixels of the orientation field that is measured on the picture itself."""
AGAIN = (8.0, 6.0)
"""Sigmas in pixels of the orientation fields that are then measured on the filtered picture, one a pass."""

CLIP = 0.7
"""Amplitude at which the filtered picture is clipped before its orientation is measured; 1 is a full wave."""


def extract(image: Image, dots: float = DOTS) -> Template:
    """Extract the minutiae and the ridge pattern.

    Parameters
    ----------
    image
        uint8 ``(h, w)``, ridges dark on light.
    dots
        Dots an inch, 100 to 2000.

    Raises
    ------
    imgcore.types.ImageError
        The picture is not grey, or is no finger by its size: less than 64 or more than 2000 pixels of
        500 dpi on a side.
    """
    grey = scaled(image, dots)
    level, contrast = fields.normalise(grey)
    found = _fields(level, contrast)
    response = ridges.filter_response(level, found)
    for sigma in AGAIN:
        # A filtered picture gives a better orientation field.
        normal, coherence = fields.orientation(np.clip(response.real, -CLIP, CLIP), sigma)
        found = replace(found, normal=normal, coherence=coherence)
        response = ridges.filter_response(level, found)
    within = np.repeat(np.repeat(found.inside, CELL, 0), CELL, 1)
    size = (grey.shape[1], grey.shape[0])
    return build(size, minutiae.find(response, found), pattern.simplify(response, within))


def scaled(image: Image, dots: float) -> Map:
    """Scale a picture to 500 dpi, float32; raises as `extract` does."""
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ImageError("a fingerprint is a grey picture of 8 bits")
    if not 100 <= dots <= 2000:
        raise ImageError(f"a fingerprint has 100 to 2000 dots an inch, not {dots:g}")
    factor = DOTS / dots
    sides = [round(side * factor) for side in image.shape]
    if min(sides) < SMALLEST or max(sides) > LARGEST:
        raise ImageError(f"a fingerprint of {sides[1]} x {sides[0]} pixels at 500 dpi is no finger's size")
    grey = image.astype(np.float32)
    if sides == list(image.shape):
        return grey
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (sides[1], sides[0]), interpolation=way), np.float32)


def _fields(level: Map, contrast: Map) -> Fields:
    normal, coherence = fields.orientation(level, FIRST)
    period, share = fields.ridge_period(level, normal)
    return Fields(normal, coherence, period, fields.segment(contrast, share))
