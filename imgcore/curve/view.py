"""One page as a net gets to see it: upright, small, with a little of the desk around."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from imgcore.curve.grid import VIEW, Floats
from imgcore.types import Image

_ASLANT = 30.0
"""Degrees from which the upper side of a page may not be its top."""
_CLEARLY = 1.15


class View(NamedTuple):
    """A picture of `VIEW` pixels, and the affine map to it, ``(3, 3)``."""

    picture: Image
    matrix: Floats

    def of(self, points: Floats) -> Floats:
        """Where points ``(n, 2)`` of the whole picture are seen."""
        return np.asarray(points @ self.matrix[:2, :2].T + self.matrix[:2, 2])


def see_page(image: Image, corners: Floats, margin: float) -> View:
    """The page with the given outline, and `margin` of its size around it."""
    matrix = _upright(corners, margin)
    shrink = min(1.0, float(np.sqrt(abs(np.linalg.det(matrix[:2, :2])))))
    size = (max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink)))
    # Reduced by areas first: a warp alone takes single pixels, and text breaks up.
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if shrink < 1 else image
    back = np.diag([image.shape[1] / size[0], image.shape[0] / size[1], 1.0])
    back[:2, 2] = (np.diag(back)[:2] - 1) / 2
    how = (matrix @ back)[:2]
    picture = cv2.warpAffine(small, how, VIEW, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(picture, np.uint8), matrix)


def as_read(image: Image, corners: Floats) -> Floats:
    """The corners of a page that lies aslant, from the top left of its text; others as they are.

    A page turned by some 45 degrees has no side that is clearly its top. The direction of its text
    lines leaves two; the one that lies higher in the picture is taken.
    """
    along = corners[1] + corners[2] - corners[0] - corners[3]
    lean = abs(np.degrees(np.arctan2(along[1], along[0])))
    if not _ASLANT < lean < 90 or not text_runs_down(see_page(image, corners, 0.0).picture):
        return corners
    return np.roll(corners, -1 if along[1] < 0 else 1, axis=0)


def darkest(picture: Image) -> Image:
    """The least of a picture's channels, which is where print of any colour shows. Eight times as fast as
    NumPy's minimum over the last axis."""
    if picture.ndim == 2:
        return picture
    blue, green, red = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)


def text_runs_down(view: Image) -> bool:
    """Whether text lines run from top to bottom of a view instead of from left to right."""
    ink = cv2.morphologyEx(darkest(view), cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    # Run together along the lines, letters leave the white between lines; run together across, nothing.
    smeared = (cv2.boxFilter(ink, cv2.CV_32F, size)[20:-20, 20:-20] for size in ((41, 1), (1, 41)))
    level, upright = (float(cv2.meanStdDev(each)[1][0, 0]) for each in smeared)
    return upright > _CLEARLY * level


def _upright(corners: Floats, margin: float) -> Floats:
    """The affine map ``(3, 3)`` to `VIEW` of a page and `margin` of its size around it.

    The page is turned upright, but its perspective stays: it tells a net how the page lies.
    """
    up = corners[0] + corners[1] - corners[2] - corners[3]
    lean = np.arctan2(up[0], -up[1])
    turn = np.array([(np.cos(lean), np.sin(lean)), (-np.sin(lean), np.cos(lean))])
    turned = corners @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    room = (high - low) * margin
    scale = np.array(VIEW) / (high - low + 2 * room)
    matrix = np.eye(3)
    matrix[:2, :2] = scale[:, None] * turn
    matrix[:2, 2] = -scale * (low - room) - 0.5
    return matrix
