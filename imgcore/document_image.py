"""Document image with its mapping to the source picture, as it passes through the stages.

Crop, quarter turns and deskew only change the mapping. Pixels are interpolated when a stage asks for them:
once, from the picture itself, whatever was found before.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.crop import Matrix, crop_rect, page_transform, upright_rectangle, warp
from imgcore.desk_scale import DeskScale
from imgcore.paper.ink import SEARCHED_AREA, reduced, reduced_by
from imgcore.rotate import rotate, rotate_back
from imgcore.settings import Rect
from imgcore.types import Image, Points

_QUARTERS = {
    90: lambda cols, rows: np.array([(0.0, -1.0, rows - 1), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]),
    180: lambda cols, rows: np.array([(-1.0, 0.0, cols - 1), (0.0, -1.0, rows - 1), (0.0, 0.0, 1.0)]),
    270: lambda cols, rows: np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, cols - 1), (0.0, 0.0, 1.0)]),
}
"""Matrix of a turn clockwise, by the columns and rows before it."""


class DocumentImage:
    """Document image and its source picture; never modified.

    Attributes
    ----------
    picture
        The picture it was cut from.
    matrix
        float64 ``(3, 3)``, from pixels of `picture` to those of `image`; None if no such
        matrix exists, as for a flattened page.
    size
        Columns and rows of `image`.
    dots
        Resolution of `image` in dots per inch of the sheet; 0 if unknown.
    """

    def __init__(
        self,
        picture: Image,
        matrix: Matrix | None,
        size: tuple[int, int],
        pixels: Image | None = None,
        dots: float = 0.0,
    ) -> None:
        self.dots = dots
        self.picture = picture
        self.matrix = matrix
        self.size = size
        self._pixels = pixels

    @classmethod
    def whole(cls, picture: Image, scale: DeskScale | None = None) -> DocumentImage:
        """Make a document of the whole picture."""
        dots = _dots(picture, Rect(0, 0, picture.shape[1], picture.shape[0]), scale)
        return cls.flat(picture, picture, np.eye(3), dots)

    @classmethod
    def flat(
        cls, image: Image, picture: Image, matrix: Matrix | None = None, dots: float = 0.0
    ) -> DocumentImage:
        """Make a document of pixels that were made of the picture already."""
        return cls(picture, matrix, (image.shape[1], image.shape[0]), image, dots)

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
        return cls(picture, matrix, size, dots=size[0] / measured[0] * 25.4 if measured else 0.0)

    @classmethod
    def inside(cls, picture: Image, rect: Rect, scale: DeskScale | None = None) -> DocumentImage:
        """Cut out an upright rectangle, clamped to the picture; its pixels are copied as they are.

        Raises
        ------
        ImageError
            As `imgcore.crop.crop_rect`.
        """
        left = max(rect.left, 0)
        top = max(rect.top, 0)
        rows, cols = picture.shape[:2]
        shown = Rect(left, top, min(rect.right, cols), min(rect.bottom, rows))
        image = crop_rect(picture, rect)
        return cls.flat(image, picture, _shift(-left, -top), _dots(picture, shown, scale))

    @cached_property
    def image(self) -> Image:
        """The present image of the document."""
        if self._pixels is not None:
            return self._pixels
        assert self.matrix is not None
        return warp(self.picture, self.matrix, self.size)

    def reduced(self) -> Image:
        """Reduce the image to the grey megapixel that lines are searched in; not by way of all its pixels."""
        if self._has_pixels() or self.matrix is None:
            return reduced(self.image)
        left, top, right, bottom = self._shown()
        cols, rows = self.size
        # By a whole number first, as pixels that are skipped would be noise.
        whole = max(1, int((cols * rows / SEARCHED_AREA) ** 0.5))
        whole = whole if min(bottom - top, right - left) >= whole else 1
        part = reduced_by(self.picture[top:bottom, left:right], whole)
        scale = min(1.0, (SEARCHED_AREA / (cols * rows)) ** 0.5)
        matrix = _scaling(scale) @ self.matrix @ _shift(left, top) @ _scaling(float(whole))
        size = (max(1, round(cols * scale)), max(1, round(rows * scale)))
        return np.asarray(
            cv2.warpPerspective(part, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            np.uint8,
        )

    def quartered(self, clockwise: int) -> DocumentImage:
        """Rotate by 0, 90, 180 or 270 degrees; pixels that are there do not change."""
        if clockwise == 0:
            return self
        matrix = None if self.matrix is None else _QUARTERS[clockwise](*self.size) @ self.matrix
        if self._has_pixels() or matrix is None:
            return DocumentImage.flat(rotate(self.image, clockwise), self.picture, matrix, self.dots)
        size = self.size if clockwise == 180 else self.size[::-1]
        return DocumentImage(self.picture, matrix, size, dots=self.dots)

    def turned(self, degrees: float) -> DocumentImage:
        """Rotate clockwise about its centre; the size stays."""
        cols, rows = self.size
        about = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0)
        turn = np.vstack([about, (0.0, 0.0, 1.0)])
        if self.matrix is None:
            return DocumentImage.flat(warp(self.image, turn, self.size), self.picture, dots=self.dots)
        return DocumentImage(self.picture, turn @ self.matrix, self.size, dots=self.dots)

    def repaired(self, image: Image) -> DocumentImage:
        """Replace the pixels by others of the same size."""
        return DocumentImage.flat(image, self.picture, self.matrix, self.dots)

    def empty(self) -> npt.NDArray[np.bool_] | None:
        """Mask of the pixels outside of the picture, bool ``(rows, cols)``; None if there are none."""
        if self.matrix is None or self._inside():
            return None
        shown = np.zeros((self.picture.shape[0] + 2, self.picture.shape[1] + 2), np.uint8)
        shown[1:-1, 1:-1] = 255
        moved = self.matrix @ _shift(-1, -1)
        seen = cv2.warpPerspective(shown, moved, self.size, flags=cv2.INTER_LINEAR, borderValue=(0,))
        return np.asarray(seen) < 250

    def outline(self, clockwise: int = 0) -> Points | None:
        """Outline of what the image shows, as for `imgcore.crop.crop`; None if no quadrilateral is one.

        Parameters
        ----------
        clockwise
            Degrees by which `picture` was turned before; the outline is in pixels of the one before that.
        """
        if self.matrix is None:
            return None
        right = self.size[0] - 0.5
        bottom = self.size[1] - 0.5
        corners = np.array([[(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)]], np.float64)
        found = cv2.perspectiveTransform(corners, np.linalg.inv(self.matrix))[0]
        return rotate_back(np.asarray(found, np.float32), self.picture.shape, clockwise)

    def _has_pixels(self) -> bool:
        return self._pixels is not None or "image" in vars(self)

    def _inside(self) -> bool:
        """Return whether all corners of the image lie in the picture."""
        x, y = self._corners()
        slack = 0.5
        right = self.picture.shape[1] - 1 + slack
        bottom = self.picture.shape[0] - 1 + slack
        return bool(
            (x >= -slack).all() and (y >= -slack).all() and (x <= right).all() and (y <= bottom).all()
        )

    def _shown(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the part of the picture that is shown, at least a pixel of it."""
        x, y = self._corners()
        rows, cols = self.picture.shape[:2]
        left, top = (
            int(np.clip(np.floor(each.min()) - 2, 0, side - 1)) for each, side in ((x, cols), (y, rows))
        )
        right = int(np.ceil(x.max())) + 3
        bottom = int(np.ceil(y.max())) + 3
        return left, top, min(max(right, left + 1), cols), min(max(bottom, top + 1), rows)

    def _corners(self) -> npt.NDArray[np.float64]:
        """Corners of the image as x and y in the picture, ``(2, 4)``."""
        assert self.matrix is not None
        cols, rows = self.size
        corners = np.array([[(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)]], np.float64)
        return np.asarray(cv2.perspectiveTransform(corners, np.linalg.inv(self.matrix))[0].T)


def _shift(x: float, y: float) -> Matrix:
    return np.array([(1.0, 0.0, x), (0.0, 1.0, y), (0.0, 0.0, 1.0)])


def _scaling(factor: float) -> Matrix:
    """Scaling of a picture whose borders, not whose corner pixels' centres, stay together."""
    beside = (factor - 1) / 2
    return np.array([(factor, 0.0, beside), (0.0, factor, beside), (0.0, 0.0, 1.0)])


def _dots(picture: Image, rect: Rect, scale: DeskScale | None) -> float:
    """Return the resolution of an upright part of the picture; 0 if it has none of its own."""
    if scale is None:
        return 0.0
    left = rect.left
    top = rect.top
    right = rect.right
    bottom = rect.bottom
    quad = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64) - 0.5
    return scale.dots(quad, picture.shape[1::-1])
