"""View of one page for a net: upright, small, with a little of the desk around."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from imgcore.curve.grid import VIEW, Floats
from imgcore.strips import by_squares
from imgcore.types import Image

_ASLANT = 30.0
"""Degrees of rotation from which the upper side of a page may not be its top."""
_CLEARLY = 1.15
"""Factor by which ink smeared from top to bottom varies more than smeared from left to right where lines run
down."""


class PageView(NamedTuple):
    """Picture of `VIEW` pixels, and the affine map to it, ``(3, 3)``."""

    picture: Image
    matrix: Floats

    def map(self, points: Floats) -> Floats:
        """Map points ``(n, 2)`` of the whole picture to the view."""
        return np.asarray(points @ self.matrix[:2, :2].T + self.matrix[:2, 2])


def page_view(image: Image, corners: Floats, margin: float) -> PageView:
    """Make the view of the page with the given outline, and `margin` of its size around it."""
    matrix = _upright(corners, margin)
    shrink = min(1.0, float(np.sqrt(abs(np.linalg.det(matrix[:2, :2])))))
    # Reduced by areas first: a warp alone takes single pixels, and text breaks up. Halved as long as that
    # goes, as it is ten times faster than any other factor.
    halvings = max(0, int(-np.log2(shrink)))
    halved = _halved(image, halvings)
    size = tuple(max(1, round(side * shrink * 2**halvings)) for side in halved.shape[1::-1])
    small = cv2.resize(halved, size, interpolation=cv2.INTER_AREA) if size != halved.shape[1::-1] else halved
    back = np.diag([*(2**halvings * np.array(halved.shape[1::-1]) / size), 1.0])
    back[:2, 2] = (np.diag(back)[:2] - 1) / 2
    how = (matrix @ back)[:2]
    picture = cv2.warpAffine(small, how, VIEW, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return PageView(np.asarray(picture, np.uint8), matrix)


def _halved(image: Image, times: int) -> Image:
    """Halve a picture by areas; odd last rows and columns are left out."""
    for _ in range(times):
        image = by_squares(image, 2)
    return image


def text_corners(image: Image, corners: Floats) -> Floats:
    """Order the corners of a slanted page from the top left of its text; others are returned as they are.

    A page turned by some 45 degrees has no side that is clearly its top. The direction of its text
    lines leaves two; the higher one in the picture is taken.
    """
    along = corners[1] + corners[2] - corners[0] - corners[3]
    lean = abs(np.degrees(np.arctan2(along[1], along[0])))
    if not _ASLANT < lean < 90 or not text_runs_down(page_view(image, corners, 0.0).picture):
        return corners
    return np.roll(corners, -1 if along[1] < 0 else 1, axis=0)


def darkest_channel(picture: Image) -> Image:
    """Minimum of a picture's channels, in which print of any colour is dark. Eight times as fast as
    NumPy's minimum over the last axis."""
    if picture.ndim == 2:
        return picture
    blue, green, red = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)


def text_runs_down(view: Image) -> bool:
    """Return whether text lines run from top to bottom of a view instead of from left to right."""
    ink = cv2.morphologyEx(darkest_channel(view), cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    # Smeared along the lines, letters leave the white between lines; smeared across, nothing.
    smeared = (cv2.boxFilter(ink, cv2.CV_32F, size)[20:-20, 20:-20] for size in ((41, 1), (1, 41)))
    level, upright = (float(cv2.meanStdDev(each)[1][0, 0]) for each in smeared)
    return upright > _CLEARLY * level


def _upright(corners: Floats, margin: float) -> Floats:
    """Compute the affine map ``(3, 3)`` to `VIEW` of a page and `margin` of its size around it.

    The page is turned upright, but its perspective stays: the net uses it.
    """
    up = corners[0] + corners[1] - corners[2] - corners[3]
    lean = np.arctan2(up[0], -up[1])
    turn = np.array([(np.cos(lean), np.sin(lean)), (-np.sin(lean), np.cos(lean))])
    turned = corners @ turn.T
    low = turned.min(axis=0)
    high = turned.max(axis=0)
    room = (high - low) * margin
    scale = np.array(VIEW) / (high - low + 2 * room)
    matrix = np.eye(3)
    matrix[:2, :2] = scale[:, None] * turn
    matrix[:2, 2] = -scale * (low - room) - 0.5
    return matrix
