"""Quality check of faces."""

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


class FaceQualityIssue(StrEnum):
    """Quality issues for which faces are refused, or used with doubt."""

    NO_FACE = "no face"
    TOO_SMALL = "the face is too small"
    TOO_DARK = "the face is too dark"
    SEVERAL = "several faces, of which the largest was taken"


def quality_issue(
    image: Image, faces: Sequence[Face], min_face_width: float = SMALLEST
) -> FaceQualityIssue | None:
    """Find the worst quality issue of the faces of a picture; None if there is none.

    `FaceQualityIssue.SEVERAL` is a doubt only: the largest face can be used.
    """
    face = largest(faces)
    if face is None:
        return FaceQualityIssue.NO_FACE
    if face.box[2] < min_face_width:
        return FaceQualityIssue.TOO_SMALL
    if brightness(image, face) < DARKEST:
        return FaceQualityIssue.TOO_DARK
    return FaceQualityIssue.SEVERAL if len(faces) > 1 else None


def brightness(image: Image, face: Face) -> float:
    """Mean grey level of the visible part of a face's box, 0..255; 0 if none is visible."""
    left, top, width, height = face.box
    rows = slice(max(0, round(top)), max(0, round(top + height)))
    cols = slice(max(0, round(left)), max(0, round(left + width)))
    part = image[rows, cols]
    if part.size == 0:
        return 0.0
    return float(np.mean(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY) if part.ndim == 3 else part))
