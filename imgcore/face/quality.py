"""Whether a face can be worked with, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import cv2
import numpy as np

from imgcore.face.detect import Face, largest
from imgcore.types import Image

SMALLEST = 30.0
"""Pixels of a face's width below which it is not compared."""

DARKEST = 30.0
"""Mean grey level of a face below which it is not compared."""


class Fault(StrEnum):
    """Why faces are not, or only with doubt, worked with."""

    NO_FACE = "no face"
    TOO_SMALL = "the face is too small"
    TOO_DARK = "the face is too dark"
    SEVERAL = "several faces, of which the largest was taken"


def fault(image: Image, faces: Sequence[Face], smallest: float = SMALLEST) -> Fault | None:
    """The worst thing about the faces of a picture; None if nothing is.

    `Fault.SEVERAL` is a doubt only: the largest face can be worked with.
    """
    face = largest(faces)
    if face is None:
        return Fault.NO_FACE
    if face.box[2] < smallest:
        return Fault.TOO_SMALL
    if brightness(image, face) < DARKEST:
        return Fault.TOO_DARK
    return Fault.SEVERAL if len(faces) > 1 else None


def brightness(image: Image, face: Face) -> float:
    """Mean grey level of the part of a face's box that the picture shows, 0..255; 0 where it shows none."""
    left, top, width, height = face.box
    rows = slice(max(0, round(top)), max(0, round(top + height)))
    cols = slice(max(0, round(left)), max(0, round(left + width)))
    part = image[rows, cols]
    if part.size == 0:
        return 0.0
    return float(np.mean(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY) if part.ndim == 3 else part))
