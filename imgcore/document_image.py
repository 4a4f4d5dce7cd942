"""Document image with its mapping to the source picture, as it passes through the stages.

Crop and deskew only change the mapping; pixels are interpolated once, from the picture itself,
whatever was found in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.crop import Matrix, crop_rect, page_transform, upright_rectangle, warp
from imgcore.desk_scale import DeskScale
from imgcore.rotate import rotate
from imgcore.settings import Rect
from imgcore.types import Image, Points


@dataclass(frozen=True, slots=True, eq=False)
class DocumentImage:
    """Document image and its source picture.

    Attributes
    ----------
    image
        The present image of the document.
    picture
        The picture it was cut from.
    matrix
        float64 ``(3, 3)``, from pixels of `picture` to those of `image`; None if no such
        matrix exists, as for a flattened page.
    dots
        Resolution of `image` in dots per inch of the sheet; 0 if unknown.
    """

    image: Image
    picture: Image
    matrix: Matrix | None
    dots: float = 0.0

    @classmethod
    def whole(cls, picture: Image, scale: DeskScale | None = None) -> DocumentImage:
        """Make a sheet of the whole picture."""
        return cls(picture, picture, np.eye(3), _dots(picture, Rect(0, 0, *picture.shape[1::-1]), scale))

    @classmethod
    def cut(cls, picture: Image, corners: Points, scale: DeskScale | None = None) -> DocumentImage:
        """Cut out one document of a picture.

        Parameters
        ----------
        scale
            Scale of the desk, which gives the document's true proportions and resolution.

        Raises
        ------
        ImageError
            As `imgcore.crop.crop`.
        """
        rect = upright_rectangle(corners, picture.shape)
        if rect is not None:
            return cls.inside(picture, rect, scale)
        matrix, size = page_transform(corners, picture.shape, scale)
        measured = scale.size(np.asarray(corners, np.float64), picture.shape[1::-1]) if scale else None
        dots = size[0] / measured[0] * 25.4 if measured else 0.0
        return cls(warp(picture, matrix, size), picture, matrix, dots)

    @classmethod
    def inside(cls, picture: Image, rect: Rect, scale: DeskScale | None = None) -> DocumentImage:
        """Cut out an upright rectangle, clamped to the picture; its pixels are copied as they are.

        Raises
        ------
        ImageError
            As `imgcore.crop.crop_rect`.
        """
        rows, cols = picture.shape[:2]
        left, top = max(rect.left, 0), max(rect.top, 0)
        matrix = np.array([(1.0, 0.0, -left), (0.0, 1.0, -top), (0.0, 0.0, 1.0)])
        shown = Rect(left, top, min(rect.right, cols), min(rect.bottom, rows))
        return cls(crop_rect(picture, rect), picture, matrix, _dots(picture, shown, scale))

    def quartered(self, clockwise: int) -> DocumentImage:
        """Rotate by 0, 90, 180 or 270 degrees; no pixel changes."""
        rows, cols = self.image.shape[:2]
        quarters = {
            0: np.eye(3),
            90: np.array([(0.0, -1.0, rows - 1), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]),
            180: np.array([(-1.0, 0.0, cols - 1), (0.0, -1.0, rows - 1), (0.0, 0.0, 1.0)]),
            270: np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, cols - 1), (0.0, 0.0, 1.0)]),
        }
        matrix = None if self.matrix is None else quarters[clockwise] @ self.matrix
        return replace(self, image=rotate(self.image, clockwise), matrix=matrix)

    def turned(self, degrees: float) -> DocumentImage:
        """Rotate clockwise about its centre; the size stays."""
        rows, cols = self.image.shape[:2]
        about = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0)
        turn = np.vstack([about, (0.0, 0.0, 1.0)])
        if self.matrix is None:
            return replace(self, image=warp(self.image, turn, (cols, rows)))
        matrix = turn @ self.matrix
        return replace(self, image=warp(self.picture, matrix, (cols, rows)), matrix=matrix)

    def repaired(self, image: Image) -> DocumentImage:
        """Replace the pixels by others of the same size."""
        return replace(self, image=image)

    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Mask of the pixels outside of the picture, bool ``(rows, cols)``; None if there are none."""
        if self.matrix is None or self._inside():
            return None
        rows, cols = self.image.shape[:2]
        shown = np.zeros((self.picture.shape[0] + 2, self.picture.shape[1] + 2), np.uint8)
        shown[1:-1, 1:-1] = 255
        moved = self.matrix @ np.array([(1.0, 0.0, -1.0), (0.0, 1.0, -1.0), (0.0, 0.0, 1.0)])
        seen = cv2.warpPerspective(shown, moved, (cols, rows), flags=cv2.INTER_LINEAR, borderValue=(0,))
        return np.asarray(seen) < 250

    def _inside(self) -> bool:
        """Return whether all corners of the image lie in the picture."""
        assert self.matrix is not None
        rows, cols = self.image.shape[:2]
        corners = np.array([[(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)]], np.float64)
        x, y = cv2.perspectiveTransform(corners, np.linalg.inv(self.matrix))[0].T
        slack = 0.5
        right, bottom = self.picture.shape[1] - 1 + slack, self.picture.shape[0] - 1 + slack
        return bool(
            (x >= -slack).all() and (y >= -slack).all() and (x <= right).all() and (y <= bottom).all()
        )


def _dots(picture: Image, rect: Rect, scale: DeskScale | None) -> float:
    """Return the resolution of an upright part of the picture; 0 if it has none of its own."""
    if scale is None:
        return 0.0
    left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
    quad = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64) - 0.5
    return scale.dots(quad, picture.shape[1::-1])
