"""Crop of a document from a picture: a perspective warp to the page's own rectangle."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.aspect import sheet_aspect
from imgcore.desk_scale import DeskScale
from imgcore.kernels import warp_cubic
from imgcore.settings import Rect
from imgcore.shape import MOST_GROWTH, MOST_SIDE
from imgcore.strips import for_strips
from imgcore.types import Image, ImageError, Points

Matrix = npt.NDArray[np.float64]

_ASLANT = 12.0
"""Degrees from its opposite side from which a side on the picture's border is no side of the sheet."""
_BEYOND = 0.5
"""Share of the picture's longer side by which a sheet is completed at most."""


def crop(image: Image, corners: Points) -> Image:
    """Cut out one document, seen from straight above.

    The sides keep at least the length they have in the picture, so no detail is lost; the
    aspect is the sheet's own, recovered from the perspective.

    Parameters
    ----------
    image
        BGR or grey.
    corners
        float32 ``(4, 2)``, clockwise from the document's top left: its boundary, so the
        whole picture is ``(-0.5, -0.5)`` to ``(cols - 0.5, rows - 0.5)``. May lie outside,
        where the picture's border continues.

    Raises
    ------
    ImageError
        The corners are not a convex quadrilateral of at least one pixel.
    """
    upright = upright_rectangle(corners, image.shape)
    if upright is not None:
        return crop_rect(image, upright)
    return warp(image, *page_transform(corners, image.shape))


def page_transform(
    corners: Points, shape: tuple[int, ...], scale: DeskScale | None = None
) -> tuple[Matrix, tuple[int, int]]:
    """Compute the homography from a picture to the page in it.

    Parameters
    ----------
    corners
        As for `crop`.
    shape
        The picture's shape.
    scale
        Scale of the desk, from which the aspect is measured rather than recovered.

    Returns
    -------
    matrix
        float64 ``(3, 3)``, from pixels of the picture to those of the page.
    size
        Columns and rows of the page.

    Raises
    ------
    ImageError
        As `crop`.
    """
    quad = np.asarray(corners, np.float64).reshape(-1, 2)
    _check(quad)
    width, height = page_size(quad, (shape[1], shape[0]), scale)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - 0.5
    to_page = cv2.getPerspectiveTransform(quad.astype(np.float32), target.astype(np.float32))
    return np.asarray(to_page, np.float64), (width, height)


def completed(corners: Points, shape: tuple[int, ...]) -> Points:
    """Complete the outline of a sheet that the picture's border cuts aslant to the whole sheet.

    The side on the border would be taken for the sheet's own, and its print be sheared. In its place comes
    one parallel to the opposite side, so far out that nothing of the picture is lost.

    Parameters
    ----------
    corners
        As for `crop`.
    shape
        The picture's shape.

    Returns
    -------
    Points
        `corners` where no single side, or more than one, lies on the border aslant.
    """
    quad = np.asarray(corners, np.float64)
    ends = np.array([(-0.5, -0.5), (shape[1] - 0.5, shape[0] - 0.5)])
    at_border = (np.abs(quad[:, None] - ends) < 1).reshape(4, 4)
    cut = np.flatnonzero((at_border & np.roll(at_border, -1, axis=0)).any(axis=1))
    if len(cut) != 1:
        return corners
    # From here on corners 2 and 3 are those on the border, corners 0 and 1 the sheet's own.
    turned = np.roll(quad, 2 - int(cut[0]), axis=0)
    along = turned[1] - turned[0]
    along /= np.linalg.norm(along)
    sides = np.array([turned[3] - turned[0], turned[2] - turned[1]])
    depths = np.abs(along[0] * sides[:, 1] - along[1] * sides[:, 0])
    rim = turned[2] - turned[3]
    if np.degrees(np.arcsin(min(1.0, np.ptp(depths) / np.linalg.norm(rim)))) < _ASLANT:
        return corners
    grown = sides * (depths.max() / np.maximum(depths, 1e-6))[:, None]
    if np.abs(grown - sides).max() > _BEYOND * max(shape[:2]):
        return corners
    turned[3], turned[2] = turned[0] + grown[0], turned[1] + grown[1]
    return np.roll(turned, int(cut[0]) - 2, axis=0).astype(np.float32)


def warp(image: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """Warp a picture by a homography, cubic, interpolated once; some 7 ms a megapixel of the result.

    Parameters
    ----------
    matrix
        ``(3, 3)``, from pixels of `image` to those of the result.
    size
        Columns and rows of the result.
    """
    channels = np.ascontiguousarray(image).reshape(*image.shape[:2], -1)
    warped = np.empty((size[1], size[0], channels.shape[2]), np.uint8)
    for_strips(lambda top, bottom: warp_cubic(channels, matrix, warped, top, bottom), len(warped))
    return warped.reshape(size[1], size[0], *image.shape[2:])


def crop_rect(image: Image, rect: Rect) -> Image:
    """Cut out an upright rectangle, clamped to the picture; pixels are copied as they are.

    Raises
    ------
    ImageError
        Nothing of the rectangle lies in the picture.
    """
    rows, cols = image.shape[:2]
    left = max(rect.left, 0)
    right = min(rect.right, cols)
    top = max(rect.top, 0)
    bottom = min(rect.bottom, rows)
    if left >= right or top >= bottom:
        raise ImageError(
            f"the rectangle {rect.left},{rect.top},{rect.right},{rect.bottom} holds nothing "
            f"of the picture of {cols} x {rows}"
        )
    return np.ascontiguousarray(image[top:bottom, left:right])


def page_size(
    quad: npt.NDArray[np.float64], picture: tuple[int, int], scale: DeskScale | None = None
) -> tuple[int, int]:
    """Estimate width and height in pixels of the sheet behind a quadrilateral.

    Parameters
    ----------
    quad
        ``(4, 2)``, clockwise from the top left.
    picture
        Width and height of the picture; its centre is taken for the optical axis.
    scale
        Scale of the desk, as for `page_transform`.
    """
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    width = max(sides[0], sides[2])
    height = max(sides[1], sides[3])
    measured = scale.size(quad, picture) if scale else None
    aspect = measured[0] / measured[1] if measured else sheet_aspect(quad, picture)
    # A recovered aspect far from the sides' own comes from a bad corner, not from a tilt.
    if not 0.5 < aspect / (width / height) < 2.0:
        aspect = width / height
    width, height = max(width, height * aspect), max(height, width / aspect)
    largest = MOST_GROWTH * picture[0] * picture[1]
    shrink = min(1.0, MOST_SIDE / max(width, height), (largest / (width * height)) ** 0.5)
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _check(quad: npt.NDArray[np.float64]) -> None:
    if quad.shape != (4, 2) or not np.isfinite(quad).all():
        raise ImageError("an outline is four points")
    edges = np.roll(quad, -1, axis=0) - quad
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    if (turns <= 0).any() or np.linalg.norm(edges, axis=1).min() < 1:
        raise ImageError("the outline is not a convex quadrilateral, clockwise, of a pixel or more")


def upright_rectangle(corners: Points, shape: tuple[int, ...]) -> Rect | None:
    """Convert an outline to a rectangle of whole pixels, if it is one and lies in a picture of that shape.

    Raises
    ------
    ImageError
        As `crop`.
    """
    quad = np.asarray(corners, np.float64).reshape(-1, 2)
    _check(quad)
    left, top = quad[0] + 0.5
    right, bottom = quad[2] + 0.5
    rectangle = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    whole = np.abs(rectangle - np.round(rectangle)).max() < 1e-3
    if not whole or np.abs(rectangle - 0.5 - quad).max() > 1e-3:
        return None
    rect = Rect(round(left), round(top), round(right), round(bottom))
    inside = rect.left >= 0 and rect.top >= 0 and rect.right <= shape[1] and rect.bottom <= shape[0]
    return rect if inside else None
