"""Places on a desk in millimetres, and the lens that turns them into pixels.

The desk's origin is below the middle of the picture, x to the right, y towards the
clerk (downwards in the picture). Angles are degrees, counter-clockwise as displayed.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Corners, Floats, Image, Points, Size

Matrix = npt.NDArray[np.float64]
"""float64 ``(3, 3)``, a homography acting on column vectors ``(x, y, 1)``."""

FIELD_HEIGHT = 340.0
"""Millimetres of desk between the picture's top and bottom: an A4 page with some desk around it."""

TILT = (1.6e-5, -3.2e-5)
"""The lens is never quite straight above the desk; perspective terms per millimetre."""


class Pose(NamedTuple):
    """A thing's centre on the desk in millimetres, and its turn in degrees."""

    x: float
    y: float
    angle: float = 0.0

    @property
    def matrix(self) -> Matrix:
        """From the thing's own millimetres to the desk's."""
        turn = np.deg2rad(self.angle)
        cos = np.cos(turn)
        sin = np.sin(turn)
        return np.array([[cos, sin, self.x], [-sin, cos, self.y], [0.0, 0.0, 1.0]])

    def towards(self, other: Pose, share: float) -> Pose:
        """Return the pose after `share` (0..1) of the way to `other`."""
        return Pose(*(a + share * (b - a) for a, b in zip(self, other, strict=True)))


class Lens(NamedTuple):
    """The view of the desk in pictures of one size; the field is as high for each size."""

    size: Size

    @property
    def scale(self) -> float:
        """Pixels per millimetre at the middle of the picture."""
        return self.size[1] / FIELD_HEIGHT

    @property
    def matrix(self) -> Matrix:
        """From desk millimetres to pixels."""
        x = (self.size[0] - 1) / 2
        y = (self.size[1] - 1) / 2
        centre = np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
        zoom = np.array([[self.scale, 0.0, 0.0], [0.0, self.scale, 0.0], [*TILT, 1.0]])
        return np.asarray(centre @ zoom)


def project(points: Points, matrix: Matrix) -> Points:
    """Return float32 ``(n, 2)`` points through a homography."""
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float32), matrix)[0], np.float32)


Part = tuple[slice, slice]
"""Rows and columns of a canvas."""


def bounds(picture: Image, matrix: Matrix, canvas: Image) -> Part:
    """Return the part of `canvas` that `picture` covers when `matrix` puts its pixels there; maybe none."""
    rows, cols = picture.shape[:2]
    edge = project(np.array([[0, 0], [cols, 0], [cols, rows], [0, rows]], np.float32), matrix)
    left, top = np.floor(edge.min(axis=0)).astype(int)
    right, bottom = np.ceil(edge.max(axis=0)).astype(int) + 1
    height, width = canvas.shape[:2]
    rows_end = max(0, min(height, bottom))
    cols_end = max(0, min(width, right))
    return slice(max(0, top), rows_end), slice(max(0, left), cols_end)


def warped(picture: Image, matrix: Matrix, part: Part) -> Image:
    """Return that part, filled with `picture` and black beyond it."""
    rows, cols = part
    shift = np.array([[1.0, 0.0, -cols.start], [0.0, 1.0, -rows.start], [0.0, 0.0, 1.0]])
    size = (cols.stop - cols.start, rows.stop - rows.start)
    return np.asarray(cv2.warpPerspective(picture, shift @ matrix, size), np.uint8)


def moved_corners(warp: Floats, shape: tuple[int, ...]) -> Corners:
    """Return where an affine `warp` ``(2, 3)`` puts the corners of a picture of that shape."""
    right = shape[1] - 0.5
    low = shape[0] - 0.5
    flat = np.array([(-0.5, -0.5), (right, -0.5), (right, low), (-0.5, low)])
    return np.asarray(flat @ warp[:, :2].T + warp[:, 2])
