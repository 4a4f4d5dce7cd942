"""Removal of what shows through from the back of thin paper, by tone or by the back's own picture.

Ink of this side is dark or sharp; what shines through is pale, grey and blurred by the paper. What is neither
surely the back's stays: coloured print, tinted fields, photographs, and all that is near ink.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import reduced
from imgcore.strips import ROWS, by_squares, for_strips
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SEARCHED_PIXELS = 16_000_000
"""Pixels of the picture that is searched, A4 at 400 dpi. A search takes some 24 bytes a pixel: of larger
pictures a reduced one is searched, and what is found there is removed from the picture as it came."""
_TALL = 297.0
"""Millimetres of the long side of a sheet."""
_SLIM = 80.0
"""Millimetres of the short side of what is longer than a sheet: paper of tills."""
_STROKE = 14.0
"""Millimetres of the broadest stroke: what is broader is a field or a picture, and no letter of the back."""
_PALE = 0.005
"""Depth below paper, 0..1, from which a pixel may be the back's."""
_INK = 0.42
"""Depth below paper, 0..1, from which a pixel is surely ink."""
_FINE = 0.5
"""Millimetres of a fine stroke."""
_CRISP = 0.085
"""Depth of a fine stroke over what is beside it, 0..1, which no blurred one has."""
_SHARE = 0.55
"""Share of the depth of the page's ink from which a pixel is ink, where that is paler than `_INK` says."""
_TOUCHING = 0.6
"""Share of the depth of ink from which what touches ink is of its stroke."""
_SHARP = 0.115
"""Steepest rise of a stroke of the back in 0.025 mm, as a share of its depth: sharper strokes are of this
side."""
_COLOURED = 18.0
"""Levels by which print differs in colour from the paper it is on."""
_SPREAD = 0.15
"""Millimetres by which paper blurs what shines through it."""
_CERTAIN = 0.2
"""Least certainty that the back was found."""
_NEAR = 0.4
"""Millimetres around ink that are left alone."""
_TINTED = 0.78
"""Share of the page's paper below which a surface is a picture or a field."""


class ShowThroughRemoval(NamedTuple):
    """Picture without what showed through, and the share of its pixels that was changed."""

    image: Image
    share: float


def remove_show_through(image: Image, back: Image | None = None) -> ShowThroughRemoval:
    """Remove what shows through from the back: by the back's own picture, else by tone.

    Parameters
    ----------
    image
        A whole page, BGR or grey; not modified.
    back
        The other side of the sheet as it was scanned in the same pass. Used where its ink is found again.
    """
    page = _Sheet(_searched(image))
    shown = page.shown()
    behind = None if back is None or not shown.any() else _mirrored(_Sheet(_searched(back)), page)
    if behind is not None:
        shown = page.explained(shown, behind)
    del page
    return _without(image, shown)


def _factor(image: Image) -> int:
    return max(1, math.ceil(math.sqrt(image.shape[0] * image.shape[1] / SEARCHED_PIXELS)))


def _searched(image: Image) -> Image:
    """Reduce a picture of more than `SEARCHED_PIXELS` pixels."""
    factor = _factor(image)
    return image if factor == 1 else by_squares(image, factor)


def _without(image: Image, shown: Floats) -> ShowThroughRemoval:
    """Brighten the picture by as much as shows through; its grain and its ink stay."""
    if not shown.any():
        return ShowThroughRemoval(image, 0.0)
    factor = _factor(image)
    raised = np.empty_like(image)

    def lift(top: int, bottom: int) -> None:
        depth = _enlarged(shown, factor, top, bottom, image.shape[1])
        by = 1.0 / (1.0 - depth)
        lifted = image[top:bottom] * (by if image.ndim == 2 else by[:, :, None])
        raised[top:bottom] = np.minimum(np.rint(lifted), 255)

    for_strips(lift, len(image))
    return ShowThroughRemoval(raised, float((shown > _PALE).mean()))


def _enlarged(small: Floats, factor: int, top: int, bottom: int, cols: int) -> Floats:
    """Return rows of what was made of a reduced picture, at the size of the picture itself."""
    if factor == 1:
        return small[top:bottom]
    # Rows and columns beyond the last whole square have the depth of the last one.
    down, across = (
        np.clip((np.arange(start, end, dtype=np.float32) + 0.5) / factor - 0.5, 0, size - 1)
        for start, end, size in ((top, bottom, len(small)), (0, cols, small.shape[1]))
    )
    x, y = np.broadcast_arrays(across[None], down[:, None])
    first = int(down[0])
    rows = small[first : int(down[-1]) + 2]
    return np.asarray(
        cv2.remap(rows, np.ascontiguousarray(x), y - np.float32(first), cv2.INTER_LINEAR), np.float32
    )


class _Sheet:
    """A page, and the depth of everything on it.

    What is as large as the page is made in strips, by which a search takes half the memory.
    """

    def __init__(self, image: Image) -> None:
        self.shape = image.shape[:2]
        self.unit = min(max(self.shape) / _TALL, min(self.shape) / _SLIM)
        paper = _paper(image, self.unit)
        tone = np.maximum(paper if image.ndim == 2 else cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY), 1)
        self._coloured = _coloured(image, paper)
        self._tinted = _tinted(tone)
        depth = _depth(image, tone)
        del paper, tone
        self.depth = np.asarray(cv2.GaussianBlur(depth, (0, 0), max(0.5, 0.06 * self.unit)), np.float32)
        self._pale = cv2.GaussianBlur(depth, (0, 0), max(0.8, 0.2 * self.unit), dst=depth) > _PALE

    def shown(self) -> Floats:
        """Return the depth of what is surely the back's, 0 elsewhere; beside ink that of its surroundings."""
        near = self.near_ink()
        pale = self._pale & ~near
        sharp = self._sharp(pale & ~self._grown(near, _NEAR))
        kept = self._grown(sharp | self._coloured, _NEAR) | self._tinted
        del sharp
        depth = np.clip(self.depth, 0, 0.9)
        depth[~pale | kept] = 0
        del pale
        reach = 0.25 * self.unit
        known = (~(near | kept)).astype(np.float32)
        cv2.GaussianBlur(known, (0, 0), reach, dst=known)
        known += 0.05
        around = np.asarray(cv2.GaussianBlur(depth, (0, 0), reach), np.float32)
        around /= known
        np.copyto(depth, around, where=near & ~kept)
        return depth

    def near_ink(self) -> Mask:
        """Return the ink of this side, and what is beside it."""
        return self._grown(self._ink(), _NEAR)

    def explained(self, shown: Floats, behind: Floats) -> Floats:
        """Return the part of what shows through that the ink behind the page explains, also under ink."""
        sure = (shown > _PALE) & ~self.near_ink() & (behind > 0.05)
        if sure.sum() < 100:
            return shown
        strength = float((self.depth[sure] * behind[sure]).sum() / (behind[sure] ** 2).sum())
        expected = np.clip(strength * behind, 0, 0.5)
        here = expected > _PALE / 2
        seen = np.where(here & (shown > 0) & ~self.near_ink(), shown, expected * here)
        return np.asarray(np.minimum(seen, np.maximum(self.depth, 0)), np.float32)

    def _ink(self) -> Mask:
        """Return what is dark, or fine, and the paler strokes that touch it, as a pen leaves them."""
        side = max(3, round(_FINE * self.unit))
        kernel = np.ones((side, side), np.uint8)
        deep = self._ink_depth()
        ink = np.empty(self.shape, bool)
        pale = np.empty(self.shape, bool)

        def find(top: int, bottom: int) -> None:
            first = max(0, top - 2 * side)
            around = self.depth[first : bottom + 2 * side]
            fine = cv2.morphologyEx(around, cv2.MORPH_TOPHAT, kernel)[top - first : bottom - first]
            depth = self.depth[top:bottom]
            ink[top:bottom] = (depth > deep) | (fine > _CRISP)
            pale[top:bottom] = ink[top:bottom] | (depth > _TOUCHING * deep) | (fine > _CRISP / 2)

        for_strips(find, len(ink))
        count, labels = cv2.connectedComponents(pale.view(np.uint8), connectivity=8)
        touched = np.zeros(count, bool)

        def touch(top: int, bottom: int) -> None:
            touched[labels[top:bottom][ink[top:bottom]]] = True

        for_strips(touch, len(ink))
        touched[0] = False
        return _chosen(touched, np.asarray(labels, np.int32))

    def _ink_depth(self) -> float:
        dark = self.depth[self.depth > 0.3]
        usual = float(np.percentile(dark, 80)) if dark.size > 0.0005 * self.depth.size else 1.0
        return min(_INK, max(0.22, _SHARE * usual))

    def _grown(self, mask: Mask, millimetres: float) -> Mask:
        side = 2 * max(1, round(millimetres * self.unit)) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), bool)

    def _sharp(self, pale: Mask) -> Mask:
        """Return the strokes whose rim is as sharp as print of this side."""
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(pale.view(np.uint8), connectivity=8)
        steepest = np.zeros(count, np.float32)
        deepest = np.full(count, 1e-3, np.float32)
        rows = len(pale)
        for top in range(0, rows, ROWS):
            first = max(0, top - 1)
            bottom = min(rows, top + ROWS)
            around = self.depth[first : bottom + 1]
            down, across = (
                cv2.Sobel(around, cv2.CV_32F, *way, ksize=3, scale=1 / 8)[top - first : bottom - first]
                for way in ((0, 1), (1, 0))
            )
            rise = cv2.magnitude(across, down) * self.unit / 40.0
            here = pale[top:bottom]
            places = np.asarray(labels[top:bottom][here], np.intp)
            np.maximum.at(steepest, places, rise[here])
            np.maximum.at(deepest, places, self.depth[top:bottom][here])
        sharp = (steepest > _SHARP * deepest) & (deepest > 0.06) & (boxes[:, cv2.CC_STAT_AREA] > 3)
        sharp[0] = False
        return _chosen(sharp, np.asarray(labels, np.int32))


def _chosen(parts: Mask, labels: npt.NDArray[np.int32]) -> Mask:
    """Mask the pixels of the parts that are chosen."""
    chosen = np.empty(labels.shape, bool)

    def choose(top: int, bottom: int) -> None:
        chosen[top:bottom] = parts[labels[top:bottom]]

    for_strips(choose, len(chosen))
    return chosen


def _depth(image: Image, tone: Image) -> Floats:
    """Return the depth of each pixel below the tone of its paper, 0..1, bare paper at 0."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    depth = np.empty(tone.shape, np.float32)

    def measure(top: int, bottom: int) -> None:
        depth[top:bottom] = 1.0 - grey[top:bottom].astype(np.float32) / tone[top:bottom].astype(np.float32)

    for_strips(measure, len(depth))
    depth -= _bare(depth)
    return depth


def _coloured(image: Image, paper: Image) -> Mask:
    """Mask what differs in colour from the paper it is on."""
    coloured = np.zeros(image.shape[:2], bool)

    def compare(top: int, bottom: int) -> None:
        first = max(0, top - 1)
        away = paper[first : bottom + 1].astype(np.int16) - image[first : bottom + 1]
        spread = (away.max(axis=2) - away.min(axis=2)).astype(np.float32)
        coloured[top:bottom] = cv2.blur(spread, (3, 3))[top - first : bottom - first] > _COLOURED

    if image.ndim == 3:
        for_strips(compare, len(image))
    return coloured


def _tinted(tone: Image) -> Mask:
    page = float(np.percentile(tone[::8, ::8].astype(np.float32), 80))
    return np.asarray(tone < np.float32(_TINTED * page), bool)


def _bare(depth: Floats) -> float:
    """Return the commonest depth, that of bare paper: the surface lies on top of its grain."""
    counts, edges = np.histogram(depth[::3, ::3], 120, (-0.06, 0.06))
    peak = int(np.convolve(counts, np.ones(5), "same").argmax())
    return float(edges[peak] + edges[peak + 1]) / 2


def _paper(image: Image, unit: float) -> Image:
    """Return the colour of the surface under all strokes."""
    small = reduced(image, 600)
    side = max(3, round(_STROKE * unit * max(small.shape[:2]) / max(image.shape[:2]))) | 1
    closed = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    smooth = cv2.GaussianBlur(closed, (0, 0), side / 4)
    return np.asarray(cv2.resize(smooth, (image.shape[1], image.shape[0])), np.uint8)


def _mirrored(back: _Sheet, front: _Sheet) -> Floats | None:
    """Return the ink of the back as it lies behind the front; None where nothing of it shines through."""
    shape = (front.depth.shape[1], front.depth.shape[0])
    blur = _SPREAD * front.unit
    ink = cv2.resize(cv2.flip(back.depth, 1), shape, interpolation=cv2.INTER_AREA)
    ink = cv2.GaussianBlur(np.clip(ink, 0, 1), (0, 0), blur)
    seen = np.where(front.near_ink(), 0, np.clip(front.depth, 0, 0.3)).astype(np.float32)
    for step in (4, 1):
        size = (max(2, shape[0] // step), max(2, shape[1] // step))
        there, here = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (ink, seen))
        (right, down), certain = cv2.phaseCorrelate(there, here, cv2.createHanningWindow(size, cv2.CV_32F))
        if step == 4 and certain < _CERTAIN:
            return None
        moved = np.array([[1, 0, right * step], [0, 1, down * step]], np.float32)
        ink = cv2.warpAffine(ink, moved, shape)
    return np.asarray(ink, np.float32)
