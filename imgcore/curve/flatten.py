"""Flattening of a bent page in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from imgcore.crop import crop, warp
from imgcore.curve.bend import border_bend, grid_bend, toward_plane
from imgcore.curve.border import find_border, to_line, warp_to_border
from imgcore.curve.grid import (
    VIEW,
    Floats,
    Grid,
    GridNet,
    is_plausible,
    page_lengths,
    perspective_grid,
    remap_grid,
    transform_grid,
)
from imgcore.curve.gutter import gutter_within
from imgcore.curve.page_view import PageView, page_view, text_corners
from imgcore.curve.sheet_fit import MOST_MISFIT, NODES, blended, fit_sheet
from imgcore.curve.text_lines import find_slopes, is_level, level_deviation, level_text
from imgcore.outline import Finding, Refusal, find_page
from imgcore.outline.overlap import area_fractions, iou, overlap_coefficient
from imgcore.shape import MOST_GROWTH, MOST_SIDE
from imgcore.types import Image, Points

Method = Literal["perspective", "net", "border"]

MARGIN = 0.1
"""Margin around a page in its view, as a share of its size: a curled sheet reaches beyond its corners'
outline."""
_PICTURE_MARGIN = 0.05
"""Margin around a whole picture, or a grid without an outline, in its view, as a share of its size."""
_REACH = 24.0
"""Pixels of the view within which the sheet's edge is searched from a net's grid."""
_FAR_REACH = 70.0
"""Pixels of the view within which the sheet's edge is searched from a flat grid."""
_FLAT_BORDER = 1.35
"""Deviation in pixels of the view up to which a page's border counts as flat."""
_FLAT_GRID = 2.5
"""Deviation in pixels of the view up to which a net's grid counts as flat."""
_STRAIGHT_BORDER = 0.9
"""Deviation in pixels of the view up to which a border is so straight that level text needs no net."""
_CLEAR = 0.6
"""Share of a side's places with an edge from which the whole side is visible."""
_SAME_PAGE = 0.6
"""Intersection over union from which a net's page and the outline are the same."""
_ALIKE = 0.8
"""Intersection over union from which a net's page is one whose outline was refused, or a book's that is
supposed."""
_AT_RIM = 0.25
"""Distance of a net's grid from its view's rim, as a share of the margin, within which a sheet may go on."""
_LARGER = 1.03
"""Least area of a page in the whole picture as a multiple of the outlined one's."""
_HOLDS = 0.95
"""Least share of the outlined page that lies within the page in the whole picture."""
_BENT = 4.0
"""Deviation of a refused page from flat in pixels of the view, from which its chord is no side: a scan has
1.9."""
_HALF = 0.45
"""Least share of places with an edge on the least visible side of a refused page."""
_ASIDE = 0.06
"""Distance of a gutter from the side of the page beside it, as a share of the page's width: real books have
.04 at most, and what passes for a gutter between other things .1."""
_SMALLEST = 64
"""Least shorter side of a picture in pixels in which the net alone searches a page."""
_ROUGH = 0.9
"""Roughness in pixels of the view from which a border is a crumpled sheet's, of no use for alignment."""
_SMOOTH = 0.7
"""Roughness of the border in a nearer view up to which that shows no crumpled sheet."""
_NO_CURL = 1000.0
"""Misfit of a sheet that does not stretch, in squared pixels, from which a rough border is no curled
sheet's."""
_PLANE = 0.6
"""Share of the nearest plane in the positions of a crumpled sheet's rows."""
_LEVEL_WIDTH = 700
"""Width in pixels at which text lines are measured."""
_SHARE: dict[Method, float] = {"perspective": 0.0, "net": 0.5, "border": 1.0}
"""Weight of the fitted sheet's shape by method: a grid from the border alone has no shape of the inside."""
Inner = tuple[int, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class PageGrid:
    """Grid of one page in the picture.

    Attributes
    ----------
    grid
        float32 ``(45, 31, 2)``: lattice on the page, row by row, in pixels of the picture.
    method
        Source of its shape: the outline alone, the net, or the sheet's visible border.
    bend
        Deviation of the page from flat, as a part of its diagonal.
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
    """Flat pages of a picture.

    Attributes
    ----------
    pages
        The flat pages, left to right; the picture itself if no page was found.
    sheets
        One grid for each page; none if no page was found.
    gutter
        float32 ``(2, 2)``, top and bottom of the line on which a book's pages meet, or None.
    score
        The outline's confidence, 0..1; 0 without an outline.
    """

    pages: tuple[Image, ...]
    sheets: tuple[PageGrid, ...]
    gutter: Points | None
    score: float


def flatten(image: Image, net: GridNet | None = None, finding: Finding | None = None) -> Flattened:
    """Flatten the page, or the two pages of an open book.

    A flat page is cut out by its outline alone, exactly as a crop would.

    Parameters
    ----------
    image
        BGR or grey.
    net
        Net that finds a page's grid; without one the shape comes from the sheet's border and text lines.
    finding
        Find of the page, or of the book; None to search.

    Returns
    -------
    Flattened
        The picture as it is if no page was found.
    """
    finding = find_page(image) if finding is None else finding
    outline = finding.outline
    if outline is None:
        alone = None if net is None else _without_outline(image, net) or _refused(image, finding, net)
        if alone is None:
            return Flattened((image,), (), None, 0.0)
        corners = alone.corners.astype(np.float64)
        line = gutter_within(image, corners)
        return (
            _flattened(image, (alone,), None, 0.0)
            if line is None
            else _opened(image, corners, line, net, 0.0)
        )
    corners = outline.corners.astype(np.float64)
    line = gutter_within(image, corners)
    if line is not None:
        return _opened(image, corners, line, net, outline.score)
    book = None if net is None else _beside(image, corners, net)
    if book is not None:
        return _opened(image, *book, net, outline.score)
    return _flattened(image, (_sheet(image, corners, net),), None, outline.score)


def _opened(image: Image, corners: Floats, line: Floats, net: GridNet | None, score: float) -> Flattened:
    """Flatten both pages of the open book with the given outline and gutter."""
    left, right = _halves(corners, line)
    pages = (_book_page(image, left, (1, line), net), _book_page(image, right, (3, line), net))
    return _flattened(image, pages, line.astype(np.float32), score)


def _beside(image: Image, corners: Floats, net: GridNet) -> tuple[Floats, Floats] | None:
    """Find the open book of which the outline is one page: its outline and its gutter; or None.

    The gutter lies on a side of the page, and the net sees both pages as one.
    """
    left_top, right_top, right_bottom, left_bottom = corners
    to_right = np.array([left_top, 2 * right_top - left_top, 2 * right_bottom - left_bottom, left_bottom])
    to_left = np.array([2 * left_top - right_top, right_top, right_bottom, 2 * left_bottom - right_bottom])
    for spread, inner in ((to_right, corners[[1, 2]]), (to_left, corners[[0, 3]])):
        line = gutter_within(image, spread)
        if line is None or np.abs(line - inner)[:, 0].max() > _ASIDE * np.linalg.norm(right_top - left_top):
            continue
        view = page_view(image, spread, MARGIN)
        grid = _sound_grid(net, view, view.map(spread), _ALIKE)
        if grid is not None and min(find_border(view.picture, grid, _REACH).clear) > _CLEAR:
            both = _grid_corners(_in_picture(view, _placed(view, grid)))
            line = gutter_within(image, both)
            if line is not None:
                return both, line
    return None


def _flattened(image: Image, sheets: tuple[PageGrid, ...], gutter: Points | None, score: float) -> Flattened:
    return Flattened(tuple(cut_out(image, sheet) for sheet in sheets), sheets, gutter, score)


def _sheet(image: Image, corners: Floats, net: GridNet | None) -> PageGrid:
    """Find the grid of the single sheet with the given outline."""
    corners = text_corners(image, corners)
    view = page_view(image, corners, MARGIN)
    quad = view.map(corners)
    deviation = border_bend(view.picture, quad)
    flat = perspective_grid(corners)
    if deviation < _STRAIGHT_BORDER and is_level(_seen_plane(image, corners, flat)):
        return PageGrid(flat, "perspective", 0.0)
    grid = None if net is None else _sound_grid(net, view, quad)
    if net is not None and grid is not None and _is_at_rim(grid):
        whole = _whole_sheet(image, net, corners, _in_picture(view, grid))
        if whole is not None:
            return _level_sheet(image, *whole, "net")
    if deviation < _FLAT_BORDER and (grid is None or grid_bend(grid) < _FLAT_GRID):
        return PageGrid(flat, "perspective", 0.0)
    if grid is None or net is None:
        border = find_border(view.picture, perspective_grid(quad), _FAR_REACH)
        return _level_sheet(
            image, view, warp_to_border(perspective_grid(quad), border, smoothly=False), "border"
        )
    return _level_sheet(image, *_seen_nearer(image, net, view, grid), "net")


def _book_page(image: Image, corners: Floats, inner: Inner, net: GridNet | None) -> PageGrid:
    """Find the grid of one page of an open book; `inner` is its side at the gutter, and the gutter's ends."""
    view = page_view(image, corners, MARGIN)
    quad = view.map(corners)
    side = inner[0]
    line = view.map(inner[1])
    # Pages that are held open bend about more than their spine: edges alone leave twice the net's error.
    grid = None if net is None else _sound_grid(net, view, quad)
    if grid is None:
        flat = perspective_grid(quad)
        border = find_border(view.picture, flat, _FAR_REACH).with_side(side, to_line(flat, side, line))
        return _level_sheet(image, view, warp_to_border(flat, border, smoothly=False), "border")
    border = find_border(view.picture, grid, _REACH).with_side(side, to_line(grid, side, line))
    return _level_sheet(image, view, warp_to_border(grid, border, smoothly=True), "net", book=True)


def _refused(image: Image, finding: Finding, net: GridNet) -> PageGrid | None:
    """Find the grid of a sheet whose outline was refused for a side on bare paper.

    The chord of a bent side lies there. None unless the net sees that page, too, and its sides have edges.
    """
    bent = [each.outline for each in finding.doubted if each.reason is Refusal.BARE]
    if not bent:
        return None
    corners = bent[0].corners.astype(np.float64)
    view = page_view(image, corners, MARGIN)
    grid = _sound_grid(net, view, view.map(corners), _ALIKE)
    if grid is None or grid_bend(grid) < _BENT:
        return None
    weakest, next_weakest, *_ = sorted(find_border(view.picture, grid, _REACH).clear)
    if weakest < _HALF or next_weakest < _CLEAR:
        return None
    return _level_sheet(image, view, _placed(view, grid), "net")


def _without_outline(image: Image, net: GridNet) -> PageGrid | None:
    """Find the net's grid of a page too crumpled for an outline; None unless all its sides have an edge."""
    if min(image.shape[:2]) < _SMALLEST:
        return None
    found = _in_whole_picture(image, net, 0)
    return None if found is None else _level_sheet(image, *found, "net")


def _is_at_rim(grid: Grid) -> bool:
    """Return whether a grid comes so near the rim of its view that the sheet may go on there."""
    size = np.array(VIEW)
    away = np.minimum(grid.min(axis=(0, 1)), size - 1 - grid.max(axis=(0, 1)))
    return bool((away < _AT_RIM * size * MARGIN / (1 + 2 * MARGIN)).any())


def _whole_sheet(image: Image, net: GridNet, corners: Floats, seen: Grid) -> tuple[PageView, Grid] | None:
    """Find the larger sheet of which an outline is a part, as where a bar of print passed for its edge."""
    along = corners[1] + corners[2] - corners[0] - corners[3]
    found = _in_whole_picture(image, net, round(np.arctan2(along[1], along[0]) / (np.pi / 2)))
    if found is None:
        return None
    part, whole = (_grid_corners(grid) for grid in (seen, _in_picture(*found)))
    size, larger = area_fractions(np.stack([part, whole]), image.shape)
    return found if larger > _LARGER * size and overlap_coefficient(part, whole) > _HOLDS else None


def _in_whole_picture(image: Image, net: GridNet, turn: int) -> tuple[PageView, Grid] | None:
    """Find the net's grid in the whole picture, aligned with the sheet's edge, which all its sides have.

    The page's top is the picture's, `turn` quarters on, clockwise. None without such a page.
    """
    rows, cols = image.shape[:2]
    around = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)]) - 0.5
    view = page_view(image, np.roll(around, -turn, axis=0), _PICTURE_MARGIN)
    grid = net(view.picture)
    if not is_plausible(grid) or min(find_border(view.picture, grid, _REACH).clear) < _CLEAR:
        return None
    return view, _placed(view, grid)


def _grid_corners(grid: Grid) -> Floats:
    return grid[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64)


def _sound_grid(net: GridNet, view: PageView, quad: Floats, alike: float = _SAME_PAGE) -> Grid | None:
    """The net's grid in a view, if that is plausible and the outlined page's; else None."""
    grid = net(view.picture)
    if not is_plausible(grid):
        return None
    return grid if iou(_grid_corners(grid), quad) > alike else None


def _seen_nearer(image: Image, net: GridNet, view: PageView, grid: Grid) -> tuple[PageView, Grid]:
    """Align a net's grid with the sheet's edge, or else the one it finds in a view around the first.

    A curled sheet reaches beyond its outline's view, or fills little of it; no view helps a crumpled one.
    """
    first = _aligned(view, grid, _ROUGH)
    if first is not None or grid_bend(grid) < _FLAT_GRID:
        return view, grid if first is None else first
    seen = _in_picture(view, grid)
    around = np.concatenate([_grid_corners(seen), seen.reshape(-1, 2)])
    nearer = page_view(image, around, _PICTURE_MARGIN)
    again = _sound_grid(net, nearer, nearer.map(around[:4]))
    second = None if again is None else _aligned(nearer, again, _SMOOTH)
    return (view, grid) if second is None else (nearer, second)


def _placed(view: PageView, grid: Grid) -> Grid:
    """Align a net's grid with the sheet's edge, if that is no crumpled sheet's."""
    aligned = _aligned(view, grid, _ROUGH)
    return grid if aligned is None else aligned


def _aligned(view: PageView, grid: Grid, rough: float) -> Grid | None:
    """Align a net's grid with the sheet's edge; None where that is rough along the grid."""
    border = find_border(view.picture, grid, _REACH)
    return warp_to_border(grid, border, smoothly=True) if border.rough < rough else None


def _in_picture(view: PageView, grid: Grid) -> Grid:
    """Map a grid in a view to the picture."""
    return transform_grid(grid, np.asarray(np.linalg.inv(view.matrix), np.float64))


def _level_sheet(image: Image, view: PageView, grid: Grid, method: Method, book: bool = False) -> PageGrid:
    """Fit a sheet to the grid in the picture, and make its text lines level."""
    bend = grid_bend(grid) / float(np.hypot(*VIEW))
    seen = grid
    grid = _in_picture(view, grid)
    slopes = find_slopes(_seen_flat(image, grid), NODES)
    fit = fit_sheet(grid, slopes, (image.shape[1], image.shape[0]))
    grid = blended(grid, fit, _SHARE[method])
    if fit.misfit < MOST_MISFIT:
        grid = min((grid, fit.grid), key=lambda each: level_deviation(_seen_flat(image, each)))
    grid = level_text(_seen_flat(image, grid), grid)
    if method == "net" and not book and fit.misfit > _NO_CURL and _is_rough(view, seen):
        grid = toward_plane(grid, _PLANE)
    return PageGrid(grid, method, bend)


def _is_rough(view: PageView, grid: Grid) -> bool:
    """Return whether a sheet's edge is a crumpled one's."""
    return find_border(view.picture, grid, _REACH).rough >= _ROUGH


def _seen_flat(image: Image, grid: Grid) -> Image:
    """Flatten a page under a grid to the size at which text lines are measured."""
    return remap_grid(image, grid, _level_size(grid))


def _seen_plane(image: Image, corners: Floats, grid: Grid) -> Image:
    """Flatten a plane page to the size at which text lines are measured, in 0.6 of the time of a grid."""
    cols, rows = size = _level_size(grid)
    target = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return warp(image, np.asarray(matrix, np.float64), size)


def _level_size(grid: Grid) -> tuple[int, int]:
    width, height = page_lengths(grid)
    return _LEVEL_WIDTH, round(float(np.clip(height / width, 0.3, 3.0)) * _LEVEL_WIDTH)


def cut_out(image: Image, sheet: PageGrid) -> Image:
    """Cut out a page as a flat picture, about as large as it is in `image`."""
    if sheet.method == "perspective":
        return crop(image, sheet.corners)
    return remap_grid(image, sheet.grid, _size(image, sheet.grid))


def _halves(corners: Floats, line: Floats) -> tuple[Floats, Floats]:
    """Split a book's outline into those of its left and right page."""
    (top, bottom) = line
    (left_top, right_top, right_bottom, left_bottom) = corners
    return (
        np.array([left_top, top, bottom, left_bottom]),
        np.array([top, right_top, right_bottom, bottom]),
    )


def _size(image: Image, grid: Grid) -> tuple[int, int]:
    """Width and height of the flat page in pixels, bounded by those of the picture."""
    width, height = page_lengths(grid)
    limit = np.sqrt(MOST_GROWTH * image.shape[0] * image.shape[1] / max(width * height, 1.0))
    scale = min(1.0, float(limit), MOST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
