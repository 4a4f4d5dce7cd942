"""Flat things seen from above: a picture, its cover, its corners, its shadow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from synthetic.arrays import Image, Points
from synthetic.geometry import Matrix, Part, bounds, warped
from synthetic.scene.light import lit

RESOLUTION = 8.0
"""Pixels per millimetre things are drawn at: a little above the largest picture's 7.2."""

MARGIN = 2
"""Transparent pixels around a sheet, so that a warp blends its edge."""

REACH = 26.0
"""Millimetres that a shadow reaches beyond its thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One thing.

    Attributes
    ----------
    picture, cover
        BGR, and the share of the desk it hides, 0..255; equal rows and columns.
    scale
        Pixels per millimetre.
    corners
        float32 ``(4, 2)`` in millimetres from the centre, clockwise from the document's
        top left; None for a thing that is no document.
    lift
        Millimetres that it stands off the desk: the softness of its shadow.
    """

    picture: Image
    cover: Image
    scale: float
    corners: Points | None
    lift: float = 1.0
    shadow: Image = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shadow", _shadow(self.cover, self.scale, self.lift))

    @property
    def matrix(self) -> Matrix:
        """From the picture's pixels to millimetres from its centre."""
        rows, cols = self.cover.shape
        return _centred(rows, cols, self.scale)

    @property
    def shadow_matrix(self) -> Matrix:
        """From the shadow's pixels (one a millimetre) to millimetres from the centre."""
        rows, cols = self.shadow.shape
        return _centred(rows, cols, 1.0)

    def shrunk(self, scale: float) -> Sheet:
        """Return the same at `scale` pixels per millimetre, if that is less, so that no warp aliases."""
        if scale >= self.scale:
            return self
        rows, cols = self.cover.shape
        size = (max(8, round(cols * scale / self.scale)), max(8, round(rows * scale / self.scale)))
        small = (cv2.resize(it, size, interpolation=cv2.INTER_AREA) for it in (self.picture, self.cover))
        picture, cover = (np.asarray(it, np.uint8) for it in small)
        return replace(self, picture=picture, cover=cover, scale=self.scale * size[1] / rows)


def rectangle(picture: Image, scale: float = RESOLUTION, lift: float = 0.6) -> Sheet:
    """Return a flat sheet whose edges are those of `picture`."""
    rows, cols = picture.shape[:2]
    edge = ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0))
    framed = np.pad(picture, edge, mode="edge")
    cover = np.zeros(framed.shape[:2], np.uint8)
    cover[MARGIN:-MARGIN, MARGIN:-MARGIN] = 255
    return Sheet(framed, cover, scale, box(cols / scale, rows / scale), lift)


def box(width: float, height: float) -> Points:
    """Return the corners of a rectangle around the origin, clockwise from its top left."""
    x = width / 2
    y = height / 2
    return np.array([[-x, -y], [x, -y], [x, y], [-x, y]], np.float32)


def lay(canvas: Image, sheet: Sheet, place: Matrix, fallen: Matrix, lamp: Image | None = None) -> None:
    """Darken the canvas by the sheet's shadow, then cover it with the sheet.

    Parameters
    ----------
    place, fallen
        From millimetres of the sheet and of its shadow to pixels.
    lamp
        A lamp map of the canvas that the sheet is seen under.
    """
    fallen = fallen @ sheet.shadow_matrix
    part = bounds(sheet.shadow, fallen, canvas)
    if canvas[part].size:
        dark = cv2.merge([255 - warped(sheet.shadow, fallen, part)] * 3)
        cv2.multiply(canvas[part], dark, canvas[part], scale=1 / 255)
    printed = place @ sheet.matrix
    part = bounds(sheet.cover, printed, canvas)
    if canvas[part].size:
        _cover(canvas, sheet, printed, part, lamp)


def _cover(canvas: Image, sheet: Sheet, printed: Matrix, part: Part, lamp: Image | None) -> None:
    share = warped(sheet.cover, printed, part).astype(np.float32) / 255
    seen = warped(sheet.picture, printed, part)
    seen = seen if lamp is None else lit(seen, lamp[part])
    canvas[part] = cv2.blendLinear(seen, np.ascontiguousarray(canvas[part]), share, 1.0 - share)


def _shadow(cover: Image, scale: float, lift: float) -> Image:
    """Return darkness 0..255 at one pixel a millimetre: a tight contact shadow and a wide soft one."""
    rows, cols = cover.shape
    size = (max(1, round(cols / scale)), max(1, round(rows / scale)))
    reach = round(REACH)
    base = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    base = cv2.copyMakeBorder(base, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    contact = cv2.GaussianBlur(base, (0, 0), 0.8 + 0.5 * lift)
    soft = cv2.GaussianBlur(base, (0, 0), 5.0 + lift)
    return np.asarray(cv2.addWeighted(contact, 0.30, soft, 0.24, 0.0), np.uint8)


def _centred(rows: int, cols: int, scale: float) -> Matrix:
    x = -(cols - 1) / 2 / scale
    y = -(rows - 1) / 2 / scale
    return np.array([[1 / scale, 0.0, x], [0.0, 1 / scale, y], [0.0, 0.0, 1.0]])
