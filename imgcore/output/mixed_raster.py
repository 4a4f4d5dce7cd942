"""Mixed raster content: a page as print in full resolution over paper and pictures in less.

Notes
-----
The layers are those of the colour document, see `imgcore.paper.layers`: print is looked for on paper and in
fields alone, so that nothing of a picture is ever in the mask. What the layers show otherwise than the page
does is kept as a picture, too.

References
----------
ITU-T T.44, "Mixed Raster Content (MRC)", 2005. P. Haffner, L. Bottou et al., "DjVu: a compression method for
distributing scanned documents in color over the internet", 1998.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import max_channel, push_pull
from imgcore.paper.layers import Layer, PageLayers, find_layers
from imgcore.paper.layers_net import PageLayersNet
from imgcore.settings import Rect
from imgcore.strips import for_strips
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEAST_SIDE = 128
"""Least side of a page in pixels: what is smaller gains nothing."""
_DOTS = 100.0
"""Resolution to which paper is reduced, in dots an inch."""
_MOST_FACTOR = 3
"""Largest factor of the reduction: from four on, viewers show squares where others show a smooth picture."""
_CELL = 48
"""Side in pixels of the squares of which pictures consist, a multiple of the factors and of JPEG's blocks."""
_STRIP = 4 * _CELL
"""Rows of a strip."""
_SAMPLES = 8
"""Places along the side of a square at which layers are looked up."""
_PERHAPS = 0.15
"""Probability from which a place may belong to a picture: its rims and even parts are the least sure."""
_PICTURE = 0.02
"""Share of a square from which a picture makes all of it one."""
_BEYOND = 0.5
"""Share of a square from which what lies beyond the page makes it a picture."""
_MOST_PICTURES = 0.6
"""Share of a page from which its pictures are left together: nothing would be won."""
_FIELD_REACH = 40
"""Parts of the long side that are the width of the median by which print in fields is passed over."""
_DARK = 60.0
"""Contrast to paper from which the rim of a field has to be as sharp as print, in levels."""
_RIM_OF_FIELD = 7
"""Width of the square by which paper is kept off what is none, in pixels of the reduced page."""
_FAINT = 20.0
"""Least contrast of print to its ground, in levels."""
_SURE = 5.0
"""Least contrast of print to its ground, in standard deviations of the paper's grain."""
_MOST_FAINT = 60.0
"""Contrast from which everything is print, however coarse the grain is, in levels."""
_EDGE = 0.5
"""Share of a stroke's contrast from which a pixel belongs to it."""
_NEAR = 4
"""Distance in pixels within which the contrast of a stroke is looked for: half a broad stroke's width."""
_NEIGHBOURS = 3
"""Least pixels of a stroke."""
_SPECKS = 40.0
"""Parts of an inch that a side of a speck is long at most."""
_DISTINCT = 2.0
"""Multiple of the least contrast that is no speck however small it is."""
_SPECK_ROWS = 16
"""Rows around a strip in which its specks are seen as a whole."""
_SPECK_STRIP = 1024
"""Rows of a strip in which specks are looked for."""
_RIM = 2
"""Distance in pixels from print within which paper is darkened by it."""
_KNOWN = 1e-4
"""Least share of the greatest weight from which the colour of a square is known."""
_SAME_INK = 40.0
"""Levels by which the colours of strokes beside each other differ where they are of one ink."""
_NEAR_INK = 7
"""Diameter of the neighbourhood in which strokes share a colour, in pixels of the ink's layer."""
_SEEN = 4
"""Side in pixels of the squares whose means are compared: the softness of edges is no difference."""
_OFF = 44
"""Difference of such means up to which one does not see it beside print, in levels."""
_MOST_OFF = 16
"""Sum of what such means of a square of `_CELL` differ more, in levels, from which it becomes a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class MixedRaster:
    """Layers of a page.

    Attributes
    ----------
    paper
        uint8, BGR or grey: the page without print, reduced by `factor`; the last squares may be cut off.
    ink
        uint8 of that shape: colour of the print.
    mask
        bool ``(rows, cols)`` of the page: True for print.
    pictures
        Parts of the page that are shown as they are, over the paper; no print is in them.
    factor
        Side in pixels of the squares that are pixels of `paper` and `ink`.
    """

    paper: Image
    ink: Image
    mask: Mask
    pictures: Sequence[Rect]
    factor: int

    def shown(self, image: Image) -> Image:
        """Return the page as the layers show it, uint8; `image` is the page that they were made of."""
        result = np.empty_like(image)

        def show(top: int, bottom: int) -> None:
            rows = result[top:bottom]
            rows[:] = _enlarged(self.paper, self.factor, image.shape, top, bottom)
            ink = _enlarged(self.ink, self.factor, image.shape, top, bottom)
            np.copyto(rows, ink, where=self.mask[top:bottom].reshape(rows.shape[:2] + (1,) * (rows.ndim - 2)))

        for_strips(show, len(image), _STRIP)
        for rect in self.pictures:
            part = np.s_[rect.top : rect.bottom, rect.left : rect.right]
            result[part] = image[part]
        return result


def mixed_raster(image: Image, net: PageLayersNet, dots: float = 300.0) -> MixedRaster | None:
    """Tell a page's print from its paper and its pictures.

    Parameters
    ----------
    image
        uint8, BGR or grey: a page.
    dots
        Its resolution in dots an inch.

    Returns
    -------
    MixedRaster or None
        None for a page that is too small, all picture, or has no print.
    """
    if min(image.shape[:2]) < LEAST_SIDE:
        return None
    factor = int(np.clip(round(dots / _DOTS), 1, _MOST_FACTOR))
    layers = find_layers(image, net)
    pictures = _picture_cells(layers, image.shape)
    if pictures.mean() > _MOST_PICTURES:
        return None
    ground = _ground(layers)
    contrast = _contrast(image, layers, ground, pictures)
    mask = _print(contrast, _least_contrast(contrast, layers), dots)
    paper, ink = _colours(image, contrast, mask, factor)
    first = MixedRaster(paper, ink, mask, (), factor)
    pictures |= _differing_cells(first, image)
    pictures = _joined(pictures)
    if not mask.any() or pictures.mean() > _MOST_PICTURES:
        return None
    for rows, cols in _squares(pictures):
        mask[rows, cols] = False
    return MixedRaster(paper, ink, mask, tuple(_rectangles(pictures, image.shape)), factor)


def _picture_cells(layers: PageLayers, shape: tuple[int, ...]) -> Mask:
    """Return the squares of `_CELL` pixels that are pictures, or beside one, bool."""
    size = (-(-shape[1] // _CELL), -(-shape[0] // _CELL))
    pictures = (_cell_shares(_perhaps_picture(layers), shape, size) > _PICTURE).astype(np.uint8)
    beyond = _cell_shares(layers.mask(Layer.BEYOND), shape, size) > _BEYOND
    return np.asarray((cv2.dilate(pictures, np.ones((3, 3), np.uint8)) > 0) | beyond)


def _perhaps_picture(layers: PageLayers) -> Mask:
    """Return pictures, with all beside one that may belong to it or is taken for a field."""
    sure = layers.mask(Layer.PICTURE)
    perhaps = (layers.shares[:, :, Layer.PICTURE] > _PERHAPS) | layers.mask(Layer.FIELD) | sure
    _, parts = cv2.connectedComponents(perhaps.astype(np.uint8))
    return np.asarray(np.isin(parts, np.unique(parts[sure])) if sure.any() else sure)


def _cell_shares(mask: Mask, shape: tuple[int, ...], size: tuple[int, int]) -> Floats:
    """Return the share of each square that a mask of the reduced page covers."""
    x = mask.shape[1] / shape[1] * _CELL / _SAMPLES
    y = mask.shape[0] / shape[0] * _CELL / _SAMPLES
    moved = np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5]], np.float64)
    samples = cv2.warpAffine(
        mask.astype(np.float32),
        moved,
        (size[0] * _SAMPLES, size[1] * _SAMPLES),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(samples, size, interpolation=cv2.INTER_AREA), np.float32)


def _ground(layers: PageLayers) -> Image:
    """Return what print stands on, uint8 of the reduced page.

    A dark field with light print on it is print itself, around which and through which one sees paper.
    """
    width = max(3, max(layers.picture.shape[:2]) // _FIELD_REACH) | 1
    mostly = np.asarray(cv2.medianBlur(layers.picture, width), np.uint8)
    paper = _paper_everywhere(layers)
    below = max_channel(np.asarray(cv2.subtract(paper, mostly), np.uint8))
    light = max_channel(np.asarray(cv2.subtract(layers.picture, mostly), np.uint8))
    dark = max_channel(np.asarray(cv2.subtract(mostly, layers.picture), np.uint8))
    count, fields = cv2.connectedComponents(layers.mask(Layer.FIELD).astype(np.uint8))
    ground = layers.ground.copy()
    for number in range(1, count):
        field = fields == number
        if below[field].mean() > _DARK and light[field].mean() >= dark[field].mean():
            field = cv2.dilate(field.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            ground[field] = paper[field]
        else:
            ground[field] = mostly[field]
    # Beside a step of the ground, print is darker than both its sides.
    return np.asarray(cv2.erode(ground, np.ones((3, 3), np.uint8)), np.uint8)


def _paper_everywhere(layers: PageLayers) -> Image:
    """Return the colour of paper, carried on below all that is none; uint8 of the reduced page."""
    # What is beside a field may be its rim, and a crop's rim may be the desk's.
    paper = layers.mask(Layer.PAPER).astype(np.uint8)
    known = cv2.erode(paper, np.ones((_RIM_OF_FIELD,) * 2, np.uint8), borderValue=(1,)) > 0
    ground = layers.ground.reshape(*known.shape, -1).astype(np.float32)
    smooth = push_pull(ground * known[:, :, None], known.astype(np.float32))
    return np.clip(np.rint(smooth), 0, 255).astype(np.uint8).reshape(layers.ground.shape)


def _contrast(image: Image, layers: PageLayers, ground: Image, pictures: Mask) -> Image:
    """Return by how much each pixel is darker than its ground, uint8 ``(rows, cols)``; 0 off print."""
    contrast = np.empty(image.shape[:2], np.uint8)
    scale = len(image) / len(ground)
    possible = (~layers.mask(Layer.PICTURE) & ~layers.mask(Layer.BEYOND)).astype(np.uint8)

    def compare(top: int, bottom: int) -> None:
        below = _rows(ground, scale, image.shape, top, bottom, cv2.INTER_LINEAR)
        darker = max_channel(np.asarray(cv2.subtract(below, image[top:bottom]), np.uint8))
        darker *= _rows(possible, scale, image.shape, top, bottom, cv2.INTER_NEAREST)
        contrast[top:bottom] = darker

    for_strips(compare, len(image), _STRIP)
    for rows, cols in _squares(pictures):
        contrast[rows, cols] = 0
    return contrast


def _rows(small: Image, scale: float, shape: tuple[int, ...], top: int, bottom: int, how: int) -> Image:
    """Return some rows of a reduced picture that is enlarged to a shape."""
    across = shape[1] / small.shape[1]
    # Between centres of pixels, as cv2.resize does for a whole picture.
    moved = np.array(
        [[1 / across, 0, 0.5 / across - 0.5], [0, 1 / scale, (top + 0.5) / scale - 0.5]], np.float64
    )
    return np.asarray(
        cv2.warpAffine(
            small,
            moved,
            (shape[1], bottom - top),
            flags=how | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _enlarged(small: Image, factor: int, shape: tuple[int, ...], top: int, bottom: int) -> Image:
    """Return some rows of a page of squares of `factor` pixels."""
    moved = np.array(
        [[1 / factor, 0, 0.5 / factor - 0.5], [0, 1 / factor, (top + 0.5) / factor - 0.5]], np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (shape[1], bottom - top)
    return np.asarray(
        cv2.warpAffine(small, moved, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _least_contrast(contrast: Image, layers: PageLayers) -> float:
    """Return the least contrast of print, by the grain of the paper."""
    step = max(1, max(contrast.shape) // 1000)
    some = contrast[::step, ::step]
    paper = cv2.resize(
        layers.mask(Layer.PAPER).astype(np.uint8), some.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    levels = some[paper > 0].astype(np.float32)
    if not levels.size:
        return _FAINT
    usual = float(np.median(levels))
    grain = 1.4826 * float(np.median(np.abs(levels - usual)))
    return float(np.clip(usual + _SURE * grain, _FAINT, _MOST_FAINT))


def _print(contrast: Image, least: float, dots: float) -> Mask:
    """Return the pixels of strokes: as dark as half of the darkest beside them, and no specks of grain."""
    mask = np.empty(contrast.shape, np.bool_)
    window = np.ones((2 * _NEAR + 1,) * 2, np.uint8)
    around = _NEAR + _SPECK_ROWS
    speck = (dots / _SPECKS) ** 2

    def find(top: int, bottom: int) -> None:
        first = max(0, top - around)
        some = contrast[first : bottom + around]
        half = cv2.convertScaleAbs(cv2.dilate(some, window), alpha=_EDGE)
        ink = ((some >= half) & (some >= least)).astype(np.uint8)
        _remove_specks(ink, some, speck, _DISTINCT * least)
        mask[top:bottom] = ink[top - first :][: bottom - top]

    for_strips(find, len(contrast), _SPECK_STRIP)
    return mask


def _remove_specks(ink: Image, contrast: Image, area: float, distinct: float) -> None:
    """Remove components smaller than `area` pixels in which nothing is `distinct`."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= area
    kept[labels[contrast >= distinct]] = True
    kept &= stats[:, cv2.CC_STAT_AREA] >= _NEIGHBOURS
    kept[0] = False
    ink[:] = kept[labels]


def _colours(image: Image, contrast: Image, mask: Mask, factor: int) -> tuple[Image, Image]:
    """Return the colours of paper and ink, each extrapolated smoothly below the other."""
    rim = np.ones((2 * _RIM + 1,) * 2, np.uint8)

    def paper(top: int, bottom: int) -> Floats:
        first = max(0, top - _RIM)
        near = cv2.dilate(mask[first : bottom + _RIM].astype(np.uint8), rim)
        return np.asarray(1 - near[top - first :][: bottom - top], np.float32)

    def ink(top: int, bottom: int) -> Floats:
        return np.asarray(mask[top:bottom] * contrast[top:bottom].astype(np.float32) ** 2, np.float32)

    of_paper, of_ink = (_extrapolated(_sums(image, weigh, factor)) for weigh in (paper, ink))
    # Thin strokes never show all of their colour: they take it from those beside them.
    return of_paper, np.asarray(cv2.bilateralFilter(of_ink, _NEAR_INK, _SAME_INK, _NEAR_INK), np.uint8)


def _sums(image: Image, weigh: Callable[[int, int], Floats], factor: int) -> Floats:
    """Return the weighted mean colour of each square of `factor` pixels times its weight, and that weight."""
    rows, cols = (-(-side // factor) for side in image.shape[:2])
    channels = 1 if image.ndim == 2 else image.shape[2]
    sums = np.empty((rows, cols, channels + 1), np.float32)

    def gather(top: int, bottom: int) -> None:
        weight = weigh(top, bottom)[:, :, None]
        planes = image[top:bottom].reshape(bottom - top, -1, channels)
        both = np.concatenate([planes * weight, weight], axis=2)
        below = -(bottom - top) % factor
        right = -image.shape[1] % factor
        padded = cv2.copyMakeBorder(both, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0,) * 4)
        at = slice(top // factor, -(-bottom // factor))
        sums[at] = cv2.resize(padded, (cols, at.stop - at.start), interpolation=cv2.INTER_AREA)

    for_strips(gather, len(image), _STRIP)
    return sums


def _extrapolated(sums: Floats) -> Image:
    weights = sums[:, :, -1]
    known = weights > _KNOWN * weights.max()
    values = np.where(known[:, :, None], sums[:, :, :-1] / np.maximum(weights, 1e-6)[:, :, None], 0)
    smooth = push_pull(np.asarray(values, np.float32), known.astype(np.float32))
    colours = np.clip(np.rint(smooth), 0, 255).astype(np.uint8)
    return colours[:, :, 0].copy() if colours.shape[2] == 1 else colours


def _differing_cells(layers: MixedRaster, image: Image) -> Mask:
    """Return the squares that the layers show otherwise than the page does, bool."""
    size = (-(-image.shape[1] // _CELL), -(-image.shape[0] // _CELL))
    found = np.zeros(size[::-1], np.bool_)
    shown = layers.shown(image)
    few = _CELL // _SEEN

    def compare(top: int, bottom: int) -> None:
        less = (-(-image.shape[1] // _SEEN), -(-(bottom - top) // _SEEN))
        ours, theirs = (
            cv2.resize(each[top:bottom], less, interpolation=cv2.INTER_AREA) for each in (shown, image)
        )
        apart = max_channel(np.asarray(cv2.absdiff(ours, theirs), np.uint8))
        off = cv2.subtract(apart, np.full_like(apart, _OFF))
        rows = slice(top // _CELL, -(-bottom // _CELL))
        for row, col in np.ndindex(rows.stop - rows.start, size[0]):
            square = off[row * few : (row + 1) * few, col * few : (col + 1) * few]
            found[rows.start + row, col] = square.sum() > _MOST_OFF

    for_strips(compare, len(image), _STRIP)
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _joined(cells: Mask) -> Mask:
    """Return the squares with the narrow gaps between them: a few large pictures are less than many."""
    around = cv2.copyMakeBorder(cells.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    return np.asarray(cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0)


def _squares(cells: Mask) -> Iterator[tuple[slice, slice]]:
    for row, col in np.argwhere(cells):
        yield slice(row * _CELL, (row + 1) * _CELL), slice(col * _CELL, (col + 1) * _CELL)


def _rectangles(cells: Mask, shape: tuple[int, ...]) -> Iterator[Rect]:
    """Yield rectangles that cover these squares and no others, each square once."""
    left = cells.copy()
    for row, col in np.argwhere(cells):
        if not left[row, col]:
            continue
        # Up to the first square that is none, or to the end.
        width = int(np.append(left[row, col:], False).argmin())
        height = int(np.append(left[row:, col : col + width].all(axis=1), False).argmin())
        left[row : row + height, col : col + width] = False
        yield Rect(
            int(col) * _CELL,
            int(row) * _CELL,
            min(int(col + width) * _CELL, shape[1]),
            min(int(row + height) * _CELL, shape[0]),
        )
