"""Pure black and white: ink and paper, nothing between."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import PAPER, enlarged, flatten, flatten_beside, reduced
from imgcore.enhance.grey import grey
from imgcore.enhance.rim import without_dashes
from imgcore.enhance.small_print import open_gaps
from imgcore.kernels import binarize_mrf
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

_LIT = 0.5
"""A channel with less light than this, of the brightest one's, is noise rather than colour."""
_DEPTH = 100.0
"""Levels below paper that ink is brought to, so that one set of figures does for pale and bold."""
_LOCAL, _REACH = 0.4, 40
"""Ink of this share of the page's depth is brought up too, if nothing darker is within so many
pixels of the reduced picture."""
_LEAST, _SURE = 14.0, 10.0
"""Ink is at least so many levels, and so many standard deviations of grain, below paper."""
_FEW = 50
"""Pixels of strokes that tell how deep they are; with fewer, solid areas tell."""
_WEAK, _STRONG = 70, 210
"""Canny's thresholds on evened ink: a stroke's edge rises by half of its depth somewhere."""
_LEVEL, _LEVEL_REACH = 0.15, 80
"""What a level counts beside the Laplacian, a level each, and up to how many levels."""
_OUTLINE = 0.3
"""Share of a piece's rim that is an edge, if it is ink."""
_SKIRT = 35
"""Levels below paper without which a pixel is no ink, whatever its neighbours are: so that the gaps
of small dense characters stay open."""
_CERTAIN = 80
"""Levels below paper of evened ink from which a pixel is ink, whatever its neighbours are."""
_BOND = 60
"""What it costs to part neighbours without an edge: more than any pixel alone prefers."""


def black_white(image: Image) -> Image:
    """Ink 0, paper 255, nothing between; some 25 ms a megapixel.

    The paper's brightness is divided out twice, the second time measured only where the first
    found no ink, and ink brought to one depth, locally. What is darker than what surrounds it
    is ink, and what is joined to ink without an edge between; see `imgcore.kernels.mrf_binarization`.
    Small print, where that closes letters, is sharpened instead.

    Returns
    -------
    Image
        Grey ``(rows, cols)`` of 0 and 255.
    """
    once = _flat_plane(image)
    even = _evened(flatten_beside(once, once <= _otsu(once)))
    soft = np.asarray(cv2.GaussianBlur(even, (3, 3), 0), np.uint8)
    # Edges of the unblurred: a pale line a pixel wide would have none.
    edges = np.asarray(cv2.Canny(even, _WEAK, _STRONG, L2gradient=True), np.uint8)
    # Thinning edges leaves them beside a line two pixels wide, not on it: what is surely ink goes first.
    ink = binarize_mrf(soft, edges, _preference(even), _BOND) | (even <= PAPER - _CERTAIN)
    ink = _outlined(ink, edges) & (even <= PAPER - _SKIRT) & ~open_gaps(even, soft)
    return without_dashes(ink).view(np.uint8) - np.uint8(1)  # 1 becomes 0, and 0 the highest byte


def _flat_plane(image: Image) -> Image:
    """Half brightness, half the darkest channel, where coloured ink is nearly black; paper 255."""
    flat = flatten(image)
    if image.ndim == 2:
        return flat
    light = np.percentile(image[::16, ::16].reshape(-1, 3), 80, axis=0)
    channels = [np.asarray(channel, np.uint8) for channel in cv2.split(flat)]
    lit = [channel for channel, level in zip(channels, light, strict=True) if level >= _LIT * light.max()]
    brightness = grey(flat) if len(lit) == 3 else flatten(grey(image))
    return np.asarray(cv2.addWeighted(brightness, 0.5, reduce(np.minimum, lit), 0.5, 0), np.uint8)


def _evened(flat: Image) -> Image:
    """Paper at `PAPER`, ink at `_DEPTH` below it, the pale parts of a page as well as the bold."""
    depth = np.asarray(cv2.subtract(np.full_like(flat, PAPER), flat), np.uint8)
    least = max(_LEAST, _SURE * _grain(flat))
    usual = max(_ink_depth(flat), least)
    deepest = reduced(np.asarray(cv2.dilate(depth, np.ones((3, 3), np.uint8)), np.uint8))
    window = (2 * _REACH + 1,) * 2
    near = cv2.blur(cv2.dilate(deepest, np.ones(window, np.uint8)), window)
    local = np.clip(np.asarray(near, np.float32), max(_LOCAL * usual, least), usual).astype(np.uint8)
    scaled = cv2.divide(depth, enlarged(local, depth), scale=_DEPTH)
    return np.asarray(cv2.subtract(np.full_like(flat, PAPER), scaled), np.uint8)


def _preference(even: Image) -> npt.NDArray[np.int16]:
    """What ink costs more than paper at each level."""
    apart = np.arange(256) - min(_otsu(even), PAPER - _DEPTH / 2)
    return np.asarray(np.rint(_LEVEL * np.clip(apart, -_LEVEL_REACH, _LEVEL_REACH)), np.int16)


def _outlined(ink: Mask, edges: Image) -> Mask:
    """Without pieces that end nowhere sharply: shadows of creases, stains."""
    small = ink[::2, ::2].astype(np.uint8)
    count, pieces = cv2.connectedComponents(small, connectivity=8)
    rim = (small > 0) & (cv2.erode(small, np.ones((3, 3), np.uint8)) == 0)
    sharp = rim & (cv2.dilate(edges, np.ones((5, 5), np.uint8))[::2, ::2] > 0)
    rims, sharps = (np.bincount(np.asarray(pieces)[part], minlength=count) for part in (rim, sharp))
    vague = sharps < _OUTLINE * rims
    if not vague.any():
        return ink
    gone = vague[np.asarray(pieces)].repeat(2, axis=0).repeat(2, axis=1)[: ink.shape[0], : ink.shape[1]]
    return np.asarray(ink & ~gone)


def _ink_depth(flat: Image) -> float:
    """Levels below paper of the median stroke: of what Otsu's threshold takes for ink, less solid areas."""
    some = np.ascontiguousarray(flat[::2, ::2])
    ink = (some <= _otsu(flat)).astype(np.uint8)
    core = cv2.erode(ink, np.ones((7, 7), np.uint8))
    strokes = some[(ink > 0) & (cv2.dilate(core, np.ones((9, 9), np.uint8)) == 0)]
    if strokes.size < _FEW:
        strokes = some[ink > 0]
    return PAPER - float(np.median(strokes)) if strokes.size else 0.0


def _grain(flat: Image) -> float:
    """Standard deviation of the paper's grain, from second differences along some rows."""
    some = flat[::16].astype(np.int16)
    second = np.abs(some[:, 2:] - 2 * some[:, 1:-1] + some[:, :-2])
    return float(np.median(second)) * 1.4826 / 6**0.5 if second.size else 0.0


def _otsu(plane: Image) -> float:
    some = np.ascontiguousarray(plane[::2, ::2])
    return cv2.threshold(some, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]
