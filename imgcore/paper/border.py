"""Border fill: parts that crop and deskew left empty, and slivers of desk beside the sheet."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import (
    Floats,
    Mask,
    enlarged,
    max_channel,
    paper_colour,
    push_pull,
    reduced,
    relative,
    scaled,
    without_strokes,
)
from imgcore.paper.inpainting import PaperModel, paint_paper, paper_grain
from imgcore.settings import Fill
from imgcore.types import Image, ImageError

_SIDE = 800
"""Long side of the picture on which slivers are found and colours extrapolated."""
_STROKES = 13
"""Pixels that strokes of print are thinner than."""
_BESIDE = 0.13
"""Least difference of a sliver from paper, as a share, in one channel at least."""
_DEEPEST = 0.017
"""Largest depth of a sliver as a share of the long side, 5 mm of A4; what is deeper is a picture, a bar or a
finger."""
_ALONG = 31
"""Pixels along a side that print beside it is shorter than."""
_LEAST = 0.3
"""Least share of a side along which a sliver lies."""
_SEAM = 2
"""Pixels beside an empty part that the warp has mixed with it."""
_TIP = 40
"""Pixels over which a wedge at half a degree is too thin to be detected."""
_NEAR = 40
"""Pixels of the reduced picture from which the surrounding colour is taken."""


def fill_border(image: Image, empty: Mask, fill: Fill) -> Image:
    """Fill empty parts with white, or with the colour, shade and grain of the paper beside them.

    Parameters
    ----------
    image
        BGR or grey; not modified.
    empty
        bool ``(rows, cols)``: True for pixels that show nothing of the page.
    fill
        `Fill.NONE` gives the picture itself, as does an empty mask.

    Raises
    ------
    ImageError
        The mask is not of the picture's size.
    """
    if empty.shape != image.shape[:2]:
        raise ImageError(f"the mask is {empty.shape}, the picture {image.shape[:2]}")
    if fill is Fill.NONE or not empty.any():
        return image
    grown = _with_seam(empty)
    if fill is Fill.WHITE:
        filled = image.copy()
        filled[grown] = 255
        return filled
    return _surround(image, grown)


def _with_seam(empty: Mask) -> Mask:
    """Grow a mask by the pixels that the warp has mixed with it, also past the thin ends of wedges."""
    grown = cv2.dilate(empty.astype(np.uint8), np.ones((2 * _SEAM + 1,) * 2, np.uint8)) > 0
    for turn in range(4):
        side = np.rot90(grown, turn)[:, :1]
        longer = cv2.dilate(side.astype(np.uint8), np.ones((2 * _TIP + 1, 1), np.uint8)) > 0
        np.rot90(grown, turn)[:, :_SEAM] |= longer
    return grown


def find_slivers(image: Image) -> Mask:
    """Find desk that an inexact crop left along the sides, bool ``(rows, cols)``.

    A sliver lies along a good part of a side, ends inwards in a straight line, and is thin.
    """
    if min(image.shape[:2]) < 64:
        return np.zeros(image.shape[:2], bool)
    small = scaled(image, _SIDE)
    found = slivers(small, paper_colour(without_strokes(small, _STROKES)))
    if not found.any():
        return np.zeros(image.shape[:2], bool)
    return enlarged(found.astype(np.float32), image.shape)[:, :, 0] > 0.25


def off_paper(blank: Image, paper: Floats) -> Mask:
    """Mask of the pixels of a picture without print that differ from paper, shade included."""
    ratio = relative(blank, paper)
    return np.asarray(max_channel(np.abs(ratio - 1)) > _BESIDE)


def slivers(small: Image, paper: Floats) -> Mask:
    """Find thin straight bands along the sides that differ from paper.

    Parameters
    ----------
    small
        uint8 BGR or grey, some 800 pixels long.
    paper
        float32 ``(rows, cols, channels)``, its `paper_colour`.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``.
    """
    found = np.zeros(small.shape[:2], bool)
    width = max(3, round(_DEEPEST * max(small.shape[:2]))) + 2
    for turn in range(4):
        # Each side in turn is the left one.
        # No band is deeper than the strip by more than a pixel or two.
        into = np.rot90(found, turn)[:, : width + 2]
        strip = np.ascontiguousarray(np.rot90(small, turn)[:, :width])
        under = np.ascontiguousarray(np.rot90(paper, turn)[:, :width])
        depth = _band(off_paper(_without_lines(strip), under), width - 2)
        into |= np.arange(np.size(into, 1))[None, :] < depth[:, None]
    return found


def _without_lines(strip: Image) -> Image:
    """Close print along the side only: across it, closing would take a dark sliver for a stroke."""
    return np.asarray(cv2.morphologyEx(strip, cv2.MORPH_CLOSE, np.ones((_ALONG, 1), np.uint8)), np.uint8)


def _band(off: Mask, deepest: int) -> npt.NDArray[np.float64]:
    """Depth in pixels of the sliver at the left side of a strip at each row; 0 without one."""
    rows = len(off)
    depth = np.where(off.all(axis=1), off.shape[1], np.argmin(off, axis=1)).astype(np.float64)
    at = np.flatnonzero((depth > 0) & (depth <= deepest))
    none = np.zeros(rows)
    if len(at) < max(8, _LEAST * rows):
        return none
    line = _line(at.astype(np.float64), depth[at])
    fitted = np.polyval(line, np.arange(rows))
    straight = np.abs(depth[at] - fitted[at]) < 2
    # Beyond its thin end a wedge leaves the paper free: other pixels there do not belong to it.
    if straight.mean() < 0.7 or fitted.max() > deepest + 2 or straight.sum() < _LEAST * rows:
        return none
    band: npt.NDArray[np.float64] = np.where(fitted > 0.3, np.ceil(fitted + 0.5), 0)
    return band


def _line(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Fit slope and height of a line by least absolute differences."""
    weight = np.ones_like(x)
    line = np.zeros(2)
    for _ in range(8):
        line = np.polyfit(x, y, 1, w=np.sqrt(weight))
        weight = 1 / np.maximum(np.abs(np.polyval(line, x) - y), 0.5)
    return np.asarray(line)


def _surround(image: Image, grown: Mask) -> Image:
    small = reduced(image, _SIDE)
    shape = small.shape[:2]
    share = cv2.resize(grown.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    known = np.asarray(share) == 0
    if not known.any():
        return image
    blank = without_strokes(np.where(_axes(known, small), small, 0).astype(np.uint8), _STROKES)
    paper = paper_colour(blank, known)
    model = PaperModel(small, blank, paper)
    ratio = relative(small, paper)
    near = cv2.dilate((~known).astype(np.uint8), np.ones((2 * _NEAR + 1,) * 2, np.uint8)) > 0
    usual = max_channel(np.abs(ratio - 1)) < 0.2
    worth = (known & usual & near & model.bare()).astype(np.float32)
    target = paper * (push_pull(ratio.astype(np.float32), worth) if worth.any() else 1)
    filled = image.copy()
    paint_paper(filled, grown, target, paper_grain(image, model, ~known))
    return filled


def _axes(mask: Mask, like: Image) -> Mask:
    return mask if like.ndim == 2 else mask[:, :, None]
