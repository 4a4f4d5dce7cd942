"""Composition of two sides on one A4 page: of a card at its true size, or of a form of two pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum

import cv2
import numpy as np

from imgcore.document_image import DocumentImage
from imgcore.models import Models
from imgcore.orientation import find_orientation
from imgcore.outline import find_documents, find_page
from imgcore.rotate import rotate
from imgcore.types import Image, Outline, Points

CARD = (85.6, 54.0)
"""Width and height of an ID-1 card, in millimetres."""
A4 = (210.0, 297.0)
"""Width and height of an A4 page that stands upright, in millimetres."""

_CORNER = 3.18
"""Radius of a card's corners in millimetres, by ISO/IEC 7810."""
_GAP = 20.0
"""Millimetres between two cards."""
_MARGIN = 8.0
"""Millimetres around each page of a form."""
_TOLERANCE = 0.22
"""Largest deviation of a view's proportions from a card's, in the logarithm: it may lie at a slant."""
_AROUND = 0.2
"""Margin around a card for a second look at it, as a share of its length."""
_CUT_TOLERANCE = 0.13
"""Largest deviation from a card's proportions, in the logarithm, of a picture that was cut out before;
pictures of cameras, 4 to 3, are beyond it."""
_INCH = 25.4
"""Millimetres of an inch."""


class Arrangement(IntEnum):
    """Arrangements of two sides; values are the protocol's ``layout``."""

    CARD = 0
    BESIDE = 1
    BELOW = 2


def find_sides(image: Image, wanted: int, arrangement: Arrangement, models: Models) -> list[Image]:
    """Cut out the sides that a picture shows, in reading order and upright as far as that is certain.

    A picture that is one side already, without anything around it, is that side.

    Parameters
    ----------
    wanted
        1 or 2: most sides that are returned, the most certain ones.
    models
        Nets for several documents and for orientation; without them less is found.

    Returns
    -------
    list of Image
        As large as in the picture; maybe fewer than `wanted`.
    """
    card = arrangement is Arrangement.CARD
    if wanted == 1 and not card:
        return [_upright(_page(image), models, card)]
    outlines = find_documents(image, models.documents).outlines
    outlines = tuple(outline for outline in outlines if not card or _is_card(_proportions(outline)))
    chosen = sorted(outlines, key=lambda outline: -_area(outline))[:wanted]
    corners = [
        _refined(image, one.corners) if card else one.corners for one in outlines if _among(one, chosen)
    ]
    sides = [DocumentImage.cut(image, quad).image for quad in corners]
    if not sides and wanted == 1 and _is_cut_out(image, models):
        sides = [image]
    return [_upright(side, models, card) for side in sides]


def compose_page(sides: Sequence[Image], arrangement: Arrangement, dots: float) -> Image:
    """Lay one or two sides on a white A4 page, BGR; it lies across for two pages beside each other.

    Parameters
    ----------
    dots
        Dots an inch of the page.
    """
    across = arrangement is Arrangement.BESIDE
    width, height = (A4[1], A4[0]) if across else A4
    page = np.full((_pixels(height, dots), _pixels(width, dots), 3), 255, np.uint8)
    for number, side in enumerate(sides):
        if arrangement is Arrangement.CARD:
            _place_card(page, side, number - (len(sides) - 1) / 2, dots)
        else:
            _place_page(page, side, number, across, dots)
    return page


def _page(image: Image) -> Image:
    outlines = find_page(image).outlines
    return DocumentImage.cut(image, outlines[0].corners).image if outlines else image


def _refined(image: Image, corners: Points) -> Points:
    """Look at a card once more from near, where its edges are longer than all lines around it."""
    rows, cols = image.shape[:2]
    (left, top) = corners.min(axis=0)
    (right, bottom) = corners.max(axis=0)
    around = _AROUND * max(right - left, bottom - top)
    first = max(0, int(top - around))
    start = max(0, int(left - around))
    near = image[first : min(rows, int(bottom + around)), start : min(cols, int(right + around))]
    offset = np.array([start, first], np.float32)
    seen = [outline.corners + offset for outline in find_page(np.ascontiguousarray(near)).outlines]
    return min([corners, *seen], key=_distortion)


def _distortion(corners: Points) -> float:
    """Deviation of a quadrilateral from a card seen from straight above."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    skew = abs(math.log(sides[0] / sides[2])) + abs(math.log(sides[1] / sides[3]))
    proportions = (sides[0] + sides[2]) / (sides[1] + sides[3])
    return skew + abs(abs(math.log(proportions)) - math.log(CARD[0] / CARD[1]))


def _proportions(outline: Outline) -> float:
    sides = np.linalg.norm(outline.corners - np.roll(outline.corners, -1, axis=0), axis=1)
    return float((sides[0] + sides[2]) / max(sides[1] + sides[3], 1e-6))


def _is_card(proportions: float, tolerance: float = _TOLERANCE) -> bool:
    return abs(abs(math.log(proportions)) - math.log(CARD[0] / CARD[1])) <= tolerance


def _is_cut_out(image: Image, models: Models) -> bool:
    """Return whether a picture is a card without a desk around it: of its shape, and printed."""
    shaped = _is_card(image.shape[1] / image.shape[0], _CUT_TOLERANCE)
    return (
        shaped and models.orientation is not None and find_orientation(image, models.orientation) is not None
    )


def _area(outline: Outline) -> float:
    return float(cv2.contourArea(outline.corners))


def _among(outline: Outline, others: Sequence[Outline]) -> bool:
    return any(outline is other for other in others)


def _upright(side: Image, models: Models, card: bool) -> Image:
    found = None if models.orientation is None else find_orientation(side, models.orientation)
    if found is not None:
        return rotate(side, found.clockwise)
    # Most cards are printed across.
    return rotate(side, 90) if card and side.shape[0] > side.shape[1] else side


def _place_card(page: Image, side: Image, step: float, dots: float) -> None:
    """Lay a card in the middle of a page, so many steps below its centre."""
    size = CARD if side.shape[1] >= side.shape[0] else CARD[::-1]
    width, height = (_pixels(length, dots) for length in size)
    middle = page.shape[0] / 2 + step * (height + _pixels(_GAP, dots))
    card = _resized(side, width, height)
    cover = _rounded(width, height, _pixels(_CORNER, dots))
    left = (page.shape[1] - width) // 2
    top = round(middle - height / 2)
    part = page[top : top + height, left : left + width]
    part[:] = np.rint(part + (card.astype(np.float32) - part) * cover[:, :, None]).astype(np.uint8)


def _place_page(page: Image, side: Image, number: int, across: bool, dots: float) -> None:
    """Lay a page into one half, as large as it fits."""
    rows, cols = page.shape[:2]
    room = (cols // 2, rows) if across else (cols, rows // 2)
    margin = _pixels(_MARGIN, dots)
    fits = min((room[0] - 2 * margin) / side.shape[1], (room[1] - 2 * margin) / side.shape[0])
    width, height = (max(1, round(length * fits)) for length in (side.shape[1], side.shape[0]))
    left = (room[0] - width) // 2
    top = (room[1] - height) // 2
    left, top = (left + number * room[0], top) if across else (left, top + number * room[1])
    page[top : top + height, left : left + width] = _resized(side, width, height)


def _resized(side: Image, width: int, height: int) -> Image:
    how = cv2.INTER_AREA if side.shape[1] > width else cv2.INTER_CUBIC
    made = np.asarray(cv2.resize(side, (width, height), interpolation=how), np.uint8)
    return np.asarray(cv2.cvtColor(made, cv2.COLOR_GRAY2BGR), np.uint8) if made.ndim == 2 else made


def _rounded(width: int, height: int, radius: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Mask 0..1 of a rectangle with rounded corners."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    beyond_x = np.maximum(radius - x, x - (width - 1 - radius)).clip(0)
    beyond_y = np.maximum(radius - y, y - (height - 1 - radius)).clip(0)
    return np.asarray((radius + 0.5 - np.hypot(beyond_x, beyond_y)).clip(0, 1), np.float32)


def _pixels(millimetres: float, dots: float) -> int:
    return round(millimetres / _INCH * dots)
