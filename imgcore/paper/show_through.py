"""Removal of what shows through from the back of thin paper, by tone or by the back's own picture.

Ink of this side is dark or sharp; what shines through is pale, grey and blurred by the paper. What is neither
surely the back's stays: coloured print, tinted fields, photographs, and all that is near ink.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import reduced
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_TALL = 297.0
"""Millimetres of the long side of a sheet."""
_STROKE = 14.0
"""Millimetres: what is broader is a field or a picture, and no letter of the back."""
_PALE, _INK = 0.005, 0.42
"""Depth below paper, 0..1, from which a pixel may be the back's, and from which it is surely ink."""
_FINE, _CRISP = 0.5, 0.085
"""Millimetres of a fine stroke, and its depth over what is beside it, which no blurred one has."""
_SHARE = 0.55
"""Share of the depth of the page's ink from which a pixel is ink, where that is paler than `_INK` says."""
_TOUCHING = 0.6
"""Share of the depth of ink from which what touches ink is of its stroke."""
_SHARP = 0.115
"""Steepest rise of a stroke in its own depth a millimetre, of 0.025 mm: sharper is of this side."""
_COLOURED = 18.0
"""Levels by which print differs in colour from the paper it is on."""
_SPREAD, _CERTAIN = 0.15, 0.2
"""Millimetres by which paper blurs what shines through it; least certainty that the back was found."""
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
    page = _Sheet(image)
    shown = page.shown()
    behind = None if back is None or not shown.any() else _mirrored(_Sheet(back), page)
    return page.without(shown if behind is None else page.explained(shown, behind))


class _Sheet:
    """A page, its paper and the depth of everything on it."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self.unit = max(image.shape[:2]) / _TALL
        self.paper = _paper(image, self.unit)
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        tone = self.paper if image.ndim == 2 else cv2.cvtColor(self.paper, cv2.COLOR_BGR2GRAY)
        self._tone = np.maximum(tone, 1).astype(np.float32)
        depth = 1.0 - grey.astype(np.float32) / self._tone
        depth -= _bare(depth)
        self.depth = np.asarray(cv2.GaussianBlur(depth, (0, 0), max(0.5, 0.06 * self.unit)), np.float32)
        self._smooth = cv2.GaussianBlur(depth, (0, 0), max(0.8, 0.2 * self.unit))

    def shown(self) -> Floats:
        """Return the depth of what is surely the back's, 0 elsewhere; beside ink that of its surroundings."""
        near = self.near_ink()
        pale = (self._smooth > _PALE) & ~near
        sharp = self._sharp(pale & ~self._grown(near, _NEAR))
        kept = self._grown(sharp | self._coloured(), _NEAR) | self._tinted()
        depth = np.where(pale & ~kept, np.clip(self.depth, 0, 0.9), 0).astype(np.float32)
        known, reach = (~(near | kept)).astype(np.float32), 0.25 * self.unit
        around = cv2.GaussianBlur(depth, (0, 0), reach) / (cv2.GaussianBlur(known, (0, 0), reach) + 0.05)
        return np.asarray(np.where(near & ~kept, around, depth), np.float32)

    def without(self, shown: Floats) -> ShowThroughRemoval:
        """Lift the picture by what shows through; its grain and its ink stay."""
        if not shown.any():
            return ShowThroughRemoval(self._image, 0.0)
        lift = 1.0 / (1.0 - shown)
        raised = np.minimum(np.rint(self._image * (lift if self._image.ndim == 2 else lift[:, :, None])), 255)
        return ShowThroughRemoval(raised.astype(np.uint8), float((shown > _PALE).mean()))

    def near_ink(self) -> Mask:
        """Return the ink of this side, and what is beside it."""
        return self._grown(self._ink(), _NEAR)

    def explained(self, shown: Floats, behind: Floats) -> Floats:
        """Return the part of what shows that the ink behind the page explains, also under ink."""
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
        fine = cv2.morphologyEx(self.depth, cv2.MORPH_TOPHAT, np.ones((side, side), np.uint8))
        deep = self._ink_depth()
        ink = (self.depth > deep) | (fine > _CRISP)
        pale = (self.depth > _TOUCHING * deep) | (fine > _CRISP / 2)
        count, labels = cv2.connectedComponents((ink | pale).astype(np.uint8), connectivity=8)
        touched = np.zeros(count, bool)
        touched[labels[ink]] = True
        touched[0] = False
        return np.asarray(touched[labels], bool)

    def _ink_depth(self) -> float:
        dark = self.depth[self.depth > 0.3]
        usual = float(np.percentile(dark, 80)) if dark.size > 0.0005 * self.depth.size else 1.0
        return min(_INK, max(0.22, _SHARE * usual))

    def _grown(self, mask: Mask, millimetres: float) -> Mask:
        side = 2 * max(1, round(millimetres * self.unit)) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), bool)

    def _coloured(self) -> Mask:
        if self._image.ndim == 2:
            return np.zeros(self._image.shape, bool)
        away = self.paper.astype(np.int16) - self._image
        spread = away.max(axis=2) - away.min(axis=2)
        return np.asarray(cv2.blur(spread.astype(np.float32), (3, 3)) > _COLOURED, bool)

    def _tinted(self) -> Mask:
        page = float(np.percentile(self._tone[::8, ::8], 80))
        return np.asarray(self._tone < _TINTED * page, bool)

    def _sharp(self, pale: Mask) -> Mask:
        """Return the strokes whose rim is as sharp as print of this side."""
        down, across = (
            cv2.Sobel(self.depth, cv2.CV_32F, *way, ksize=3, scale=1 / 8) for way in ((0, 1), (1, 0))
        )
        rise = cv2.magnitude(across, down) * self.unit / 40.0
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(pale.astype(np.uint8), connectivity=8)
        steepest, deepest = np.zeros(count, np.float32), np.full(count, 1e-3, np.float32)
        places = np.asarray(labels[pale], np.intp)
        np.maximum.at(steepest, places, rise[pale])
        np.maximum.at(deepest, places, self.depth[pale])
        sharp = (steepest > _SHARP * deepest) & (deepest > 0.06) & (boxes[:, cv2.CC_STAT_AREA] > 3)
        sharp[0] = False
        return np.asarray(sharp[labels], bool)


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
        size = (shape[0] // step, shape[1] // step)
        there, here = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (ink, seen))
        (right, down), certain = cv2.phaseCorrelate(there, here, cv2.createHanningWindow(size, cv2.CV_32F))
        if step == 4 and certain < _CERTAIN:
            return None
        moved = np.array([[1, 0, right * step], [0, 1, down * step]], np.float32)
        ink = cv2.warpAffine(ink, moved, shape)
    return np.asarray(ink, np.float32)
