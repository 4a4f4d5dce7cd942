"""A bent page in a picture, laid flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from imgcore.crop import crop
from imgcore.curve.bend import border_bend, grid_bend
from imgcore.curve.border import drawn, find_border, to_line
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
)
from imgcore.curve.gutter import gutter_within
from imgcore.curve.lines import find_slopes, level
from imgcore.curve.sheet_fit import NODES, blended, fit_sheet
from imgcore.curve.view import View, as_read, see_page
from imgcore.outline import find_outline
from imgcore.outline.overlap import iou
from imgcore.types import Image, Points

Method = Literal["perspective", "net", "border"]

_MARGIN = 0.04
"""Of a page's size, shown around it."""
_REACH, _FAR_REACH = 24.0, 70.0
"""Pixels of the view to the sheet's edge, from a net's grid and from a flat one."""
_FLAT_BORDER, _FLAT_GRID = 1.35, 2.5
"""Pixels of the view up to which the border of a flat page is straight, and a net's grid of it flat."""
_CLEAR = 0.6
"""Share of a side's places that have an edge, where the whole side is seen."""
_SAME_PAGE = 0.6
"""Intersection over union of a net's page and the outline, where they mean the same."""
_SMALLEST = 64
"""Pixels of the shorter side of a picture in which a page is looked for by the net alone."""
_ROUGH = 0.9
"""Pixels of the view from which a border is that of a crumpled sheet, and not of use to place it."""
_LEVEL_WIDTH = 700
"""Width in pixels at which text lines are looked at."""
_SHARE: dict[Method, float] = {"perspective": 0.0, "net": 0.5, "border": 1.0}
"""Of a fitted sheet's shape in a page's: a grid drawn by the border alone knows nothing of the inside."""
_MAX_SIDE, _LARGEST = 32767, 2.0
"""Of a page in pixels, and of its area, as a multiple of the picture's."""

Inner = tuple[int, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
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
    sheets: tuple[Leaf, ...]
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
        alone = None if net is None else _without_outline(image, net)
        return Flattened((image,), (), None, 0.0) if alone is None else _flattened(image, (alone,), None, 0.0)
    corners = outline.corners.astype(np.float64)
    line = gutter_within(image, corners)
    if line is None:
        return _flattened(image, (_sheet(image, corners, net),), None, outline.score)
    left, right = _halves(corners, line)
    pages = (_book_page(image, left, (1, line), net), _book_page(image, right, (3, line), net))
    return _flattened(image, pages, line.astype(np.float32), outline.score)


def _flattened(image: Image, sheets: tuple[Leaf, ...], gutter: Points | None, score: float) -> Flattened:
    return Flattened(tuple(cut_out(image, sheet) for sheet in sheets), sheets, gutter, score)


def _sheet(image: Image, corners: Floats, net: GridNet | None) -> Leaf:
    """How the single sheet with the given outline lies."""
    corners = as_read(image, corners)
    view = see_page(image, corners, _MARGIN)
    quad = view.of(corners)
    flat = border_bend(view.picture, quad) < _FLAT_BORDER
    grid = None if net is None else _sound_grid(net, view, quad)
    if flat and (grid is None or grid_bend(grid) < _FLAT_GRID):
        return Leaf(square_grid(corners), "perspective", 0.0)
    if grid is None:
        border = find_border(view.picture, square_grid(quad), _FAR_REACH)
        return _level_sheet(image, view, drawn(square_grid(quad), border, smoothly=False), "border")
    return _level_sheet(image, view, _placed(view, grid), "net")


def _book_page(image: Image, corners: Floats, inner: Inner, net: GridNet | None) -> Leaf:
    """How one page of an open book lies; `inner` is its side at the gutter, and the gutter's ends."""
    view = see_page(image, corners, _MARGIN)
    quad = view.of(corners)
    side, line = inner[0], view.of(inner[1])
    flat = square_grid(quad)
    border = find_border(view.picture, flat, _FAR_REACH).with_side(side, to_line(flat, side, line))
    grid = None if net is None or min(border.clear) > _CLEAR else _sound_grid(net, view, quad)
    if grid is None:
        # Books bend about their spine alone: their upper and lower edges tell it all, better than a net.
        return _level_sheet(image, view, drawn(flat, border, smoothly=False), "border")
    border = find_border(view.picture, grid, _REACH).with_side(side, to_line(grid, side, line))
    return _level_sheet(image, view, drawn(grid, border, smoothly=True), "net")


def _without_outline(image: Image, net: GridNet) -> Leaf | None:
    """A page so crumpled that it has no outline: the net's, if the picture has an edge on all its sides."""
    rows, cols = image.shape[:2]
    if min(rows, cols) < _SMALLEST:
        return None
    view = see_page(image, np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)]) - 0.5, 0.0)
    grid = net(view.picture)
    if not is_sound(grid) or min(find_border(view.picture, grid, _REACH).clear) < _CLEAR:
        return None
    return _level_sheet(image, view, _placed(view, grid), "net")


def _sound_grid(net: GridNet, view: View, quad: Floats) -> Grid | None:
    """What the net sees in a view, if that is one page and the one outlined."""
    grid = net(view.picture)
    if not is_sound(grid):
        return None
    seen = grid[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64)
    return grid if iou(seen, quad) > _SAME_PAGE else None


def _placed(view: View, grid: Grid) -> Grid:
    """A net's grid, with its border on the sheet's edge."""
    border = find_border(view.picture, grid, _REACH)
    return drawn(grid, border, smoothly=True) if border.rough < _ROUGH else grid


def _level_sheet(image: Image, view: View, grid: Grid, method: Method) -> Leaf:
    """The sheet in the picture, its text lines made level."""
    bend = grid_bend(grid) / float(np.hypot(*VIEW))
    grid = through(grid, np.asarray(np.linalg.inv(view.matrix), np.float64))
    slopes = find_slopes(_seen_flat(image, grid), NODES)
    fit = fit_sheet(grid, slopes, (image.shape[1], image.shape[0]))
    grid = blended(grid, fit, _SHARE[method])
    return Leaf(level(_seen_flat(image, grid), grid), method, bend)


def _seen_flat(image: Image, grid: Grid) -> Image:
    """The page as far as it takes to see its text lines."""
    width, height = lengths(grid)
    rows = round(float(np.clip(height / width, 0.3, 3.0)) * _LEVEL_WIDTH)
    return lay_flat(image, grid, (_LEVEL_WIDTH, rows))


def cut_out(image: Image, sheet: Leaf) -> Image:
    """The page as a flat picture, about as large as it is in `image`."""
    if sheet.method == "perspective":
        return crop(image, sheet.corners)
    return lay_flat(image, sheet.grid, _size(image, sheet.grid))


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
