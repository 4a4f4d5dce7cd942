"""Dropout colours: ink of one colour vanishes, as it does below a lamp of that colour."""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np

from imgcore.types import Image

_PAPER = 90
"""Percentile of the levels of a page that is taken for its paper: a page is mostly paper."""
_SAMPLES = 200_000
"""Pixels, about, by which the paper is measured."""
_GONE = 0.5
"""Share of an ink's strongest absorption, in the light of the colour, up to which it vanishes altogether."""
_STAYS = 0.85
"""Share from which an ink stays as it is: black, and colours that are far from the one that vanishes."""


class DropoutColour(IntEnum):
    """Colour that vanishes; values are channels of BGR."""

    BLUE = 0
    GREEN = 1
    RED = 2


def drop_out(image: Image, colour: DropoutColour) -> Image:
    """Return a page in grey on which ink of a colour is paper.

    Parameters
    ----------
    image
        BGR or grey; one in grey has no colour to lose, and is returned as it is.

    Notes
    -----
    A scanner that drops out a colour looks in light of that colour alone, in which such ink is as bright as
    paper; so is its channel of a colour scan. Ink that is not quite as bright there goes, too, as
    long as it absorbs far less of this light than of the others. Some 100 ms for A4 at 300 dots an inch.
    """
    if image.ndim == 2:
        return image
    step = max(1, round((image.shape[0] * image.shape[1] / _SAMPLES) ** 0.5))
    sampled = image[::step, ::step].reshape(-1, 3)
    paper = np.percentile(sampled, _PAPER, axis=0).round()
    absorbed = [
        cv2.subtract(np.full_like(plane, level), plane)
        for plane, level in zip(map(np.ascontiguousarray, np.moveaxis(image, 2, 0)), paper, strict=True)
    ]
    strongest = cv2.max(cv2.max(*absorbed[:2]), absorbed[2])
    share = cv2.divide(absorbed[colour], strongest, dtype=cv2.CV_32F)
    kept = np.clip((np.nan_to_num(share) - _GONE) / (_STAYS - _GONE), 0.0, 1.0)
    left = cv2.multiply(absorbed[colour], kept, dtype=cv2.CV_8U)
    # Places brighter than paper stay so: they absorb nothing.
    light = cv2.max(np.ascontiguousarray(image[:, :, colour]), np.full_like(left, paper[colour]))
    return np.asarray(cv2.subtract(light, left), np.uint8)
