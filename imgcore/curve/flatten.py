"""A bent page in a picture, laid flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import cv2
import numpy as np

from imgcore.crop import crop
from imgcore.curve.bend import border_bend, grid_bend
from imgcore.curve.border import Border, drawn, find_border, to_line
from imgcore.curve.grid import (
    VIEW,
    Floats,
    Grid,
    GridNet,
    is_sound,
    lay_flat,
    lengths,
    square_grid,
    through,
    upright_view,
)
from imgcore.curve.gutter import gutter_within
from imgcore.curve.lines import level
from imgcore.outline import find_outline
from imgcore.types import Image, Points

Method = Literal["perspective", "net", "border"]

_MARGIN = 0.04
"""Of a page's size, shown around it."""
_REACH, _FAR_REACH = 24.0, 70.0
"""Pixels of the view to the sheet's edge, from a net's grid and from a flat one."""
_FLAT_BORDER, _FLAT_GRID = 1.5, 6.0
"""Pixels of the view up to which a page counts as flat."""
_ROUGH = 3.0
"""Pixels of the view from which a border is that of a crumpled sheet, and not of use to place it."""
_LEVEL_WIDTH = 700
"""Width in pixels at which text lines are looked at."""
_LEVEL_TIMES = 2
_MAX_SIDE, _LARGEST = 32767, 2.0
"""Of a page in pixels, and of its area, as a multiple of the picture's."""

Inner = tuple[int, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One page, and where it lies.

    Attributes
    ----------
    grid
        float32 ``(45, 31, 2)``: a lattice on the page, row by row, in pixels of the picture.
    method
        Who told its shape: the outline alone, the net, or the sheet's visible border.
    bend
        How far the page lies from flat, as a part of its diagonal.
    """

    grid: Grid
    method: Method
    bend: float

    @property
    def corners(self) -> Points:
        """float32 ``(4, 2)``, clockwise from the page's top left."""
        return self.grid[[0, 0, -1, -1], [0, -1, -1, 0]]


@dataclass(frozen=True, slots=True, eq=False)
class Flattened:
    """What became of a picture.

    Attributes
    ----------
    pages
        The flat pages, left to right; the picture itself where no page was found.
    sheets
        One for each page; none where no page was found.
    gutter
        float32 ``(2, 2)``, top and bottom of the line on which a book's pages meet, or None.
    score
        The outline's certainty, 0..1.
    """

    pages: tuple[Image, ...]
    sheets: tuple[Sheet, ...]
    gutter: Points | None
    score: float


def flatten(image: Image, net: GridNet | None = None) -> Flattened:
    """Lay the page, or the two pages of an open book, flat.

    A flat page is cut out by its outline alone, exactly as a crop would.

    Parameters
    ----------
    image
        BGR or grey.
    net
        Lays a grid on a page; without one the sheet's visible border and its text lines tell its shape.

    Returns
    -------
    Flattened
        The picture as it is where no page was found.
    """
    outline = find_outline(image)
    if outline is None:
        return Flattened((image,), (), None, 0.0)
    corners = outline.corners.astype(np.float64)
    line = gutter_within(image, corners)
    if line is None:
        sheets: tuple[Sheet, ...] = (find_sheet(image, corners, net),)
    else:
        first, second = _halves(corners, line)
        sheets = (find_sheet(image, first, net, (1, line)), find_sheet(image, second, net, (3, line)))
    gutter = None if line is None else line.astype(np.float32)
    return Flattened(tuple(cut_out(image, sheet) for sheet in sheets), sheets, gutter, outline.score)


def find_sheet(image: Image, corners: Floats, net: GridNet | None, inner: Inner | None = None) -> Sheet:
    """How the page with the given outline lies.

    Parameters
    ----------
    corners
        float64 ``(4, 2)``, clockwise from the page's top left.
    inner
        The side at the gutter (1 right, 3 left) and the gutter's ends ``(2, 2)``, for the page of a book.
    """
    view = _view(image, corners)
    quad = cv2.perspectiveTransform(corners[None], view.matrix)[0]
    flat = square_grid(corners)
    found = None if net is None else _by_net(view, net, inner)
    bend = border_bend(view.picture, quad) if inner is None else np.inf
    if found is None:
        if bend < _FLAT_BORDER:
            return Sheet(flat, "perspective", 0.0)
        found = _by_border(view, quad, inner)
    elif bend < _FLAT_BORDER and grid_bend(found) < _FLAT_GRID:
        return Sheet(flat, "perspective", 0.0)
    grid = through(found, np.asarray(np.linalg.inv(view.matrix), np.float64))
    for _ in range(_LEVEL_TIMES):
        width, height = lengths(grid)
        size = (_LEVEL_WIDTH, round(float(np.clip(height / width, 0.3, 3.0)) * _LEVEL_WIDTH))
        grid = level(lay_flat(image, grid, size), grid)
    return Sheet(grid, "border" if net is None else "net", grid_bend(found) / float(np.hypot(*VIEW)))


def cut_out(image: Image, sheet: Sheet) -> Image:
    """The page as a flat picture, about as large as it is in `image`."""
    if sheet.method == "perspective":
        return crop(image, sheet.corners)
    return lay_flat(image, sheet.grid, _size(image, sheet.grid))


class _View(NamedTuple):
    """A picture of one page, upright and small, and the map to it, ``(3, 3)``."""

    picture: Image
    matrix: Floats


def _view(image: Image, corners: Floats) -> _View:
    matrix = upright_view(corners, _MARGIN)
    shrink = min(1.0, float(np.sqrt(abs(np.linalg.det(matrix[:2, :2])))))
    size = (max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink)))
    # Reduced by areas first: a warp alone takes single pixels, and text breaks up.
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if shrink < 1 else image
    back = np.diag([image.shape[1] / size[0], image.shape[0] / size[1], 1.0])
    back[:2, 2] = (np.diag(back)[:2] - 1) / 2
    picture = cv2.warpAffine(small, (matrix @ back)[:2], VIEW, flags=cv2.INTER_LINEAR,
                             borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return _View(np.asarray(picture, np.uint8), matrix)


def _by_net(view: _View, net: GridNet, inner: Inner | None) -> Grid | None:
    """The page's grid in the view as the net sees it, put in its place; None where that is no grid."""
    grid = net(view.picture)
    if not is_sound(grid):
        return None
    border = find_border(view.picture, grid, _REACH)
    if inner is not None:
        border = _pinned(border, grid, view, inner)
    return drawn(grid, border, smoothly=True) if border.rough < _ROUGH else grid


def _by_border(view: _View, quad: Floats, inner: Inner | None) -> Grid:
    """The page's grid in the view, from the sheet's visible edge alone."""
    grid = square_grid(quad)
    border = find_border(view.picture, grid, _FAR_REACH)
    if inner is not None:
        border = _pinned(border, grid, view, inner)
    return drawn(grid, border, smoothly=False)


def _pinned(border: Border, grid: Grid, view: _View, inner: Inner) -> Border:
    """The border with its inner side on the gutter."""
    side, line = inner
    return border.with_side(side, to_line(grid, side, cv2.perspectiveTransform(line[None], view.matrix)[0]))


def _halves(corners: Floats, line: Floats) -> tuple[Floats, Floats]:
    """Outlines of the left and the right page of a book."""
    (top, bottom), (left_top, right_top, right_bottom, left_bottom) = line, corners
    return (
        np.array([left_top, top, bottom, left_bottom]),
        np.array([top, right_top, right_bottom, bottom]),
    )


def _size(image: Image, grid: Grid) -> tuple[int, int]:
    """Width and height of the flat page in pixels; not much more than the picture has."""
    width, height = lengths(grid)
    limit = np.sqrt(_LARGEST * image.shape[0] * image.shape[1] / max(width * height, 1.0))
    scale = min(1.0, float(limit), _MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
