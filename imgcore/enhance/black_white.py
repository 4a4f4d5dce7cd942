"""Binarization: pure black ink on pure white paper."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import PAPER, divide_background, divide_local_background, enlarged, reduced
from imgcore.enhance.border_dashes import remove_border_dashes
from imgcore.enhance.grey import grey
from imgcore.enhance.small_print import open_gaps
from imgcore.kernels import binarize_mrf
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

_LIT = 0.5
"""Share of the brightest channel's light below which a channel is noise rather than colour."""
_DEPTH = 100.0
"""Levels below paper to which ink is normalised, so that one set of thresholds does for pale and bold."""
_LOCAL, _REACH = 0.4, 40
"""Share of the page's ink depth from which ink is normalised too, if nothing darker is within so many
pixels of the reduced picture."""
_LEAST, _SURE = 14.0, 10.0
"""Least depth of ink below paper in levels, and in standard deviations of grain."""
_ROUGH, _SMOOTHING, _SMOOTHEST = 2.4, 0.25, 0.8
"""Grain in levels of normalised ink from which it is smoothed, and the standard deviation of the blur in
pixels for each such level, and at most: pale ink on a rough sheet otherwise drowns in fibres."""
_LEFT = 0.45
"""Share of the grain that smoothing leaves."""
_CLEAR = 0.66
"""Share of a sheet that is clear of print, from which its grain is measured: dense print is not smoothed."""
_FEW = 50
"""Pixels of strokes needed to measure the ink's depth; with fewer, solid areas are used."""
_WEAK, _STRONG = 70, 210
"""Canny's thresholds on normalised ink: a stroke's edge rises by half of its depth somewhere."""
_LEVEL, _LEVEL_REACH = 0.15, 80
"""Weight of the level beside the Laplacian, and the levels at which it saturates."""
_OUTLINE = 0.3
"""Least share of an ink component's boundary that is an edge."""
_SKIRT, _PALE_SKIRT = 35, 28
"""Levels below paper that every ink pixel has, whatever its neighbours are, so that the gaps of small
dense characters stay open; and where grain was smoothed, which makes strokes paler."""
_CERTAIN = 80
"""Levels below paper of normalised ink from which a pixel is ink, whatever its neighbours are."""
_PAIRWISE = 60
"""Cost of different labels of neighbours without an edge: more than the unary cost of any pixel."""


def black_white(image: Image) -> Image:
    """Binarize a picture: ink 0, paper 255; some 25 ms a megapixel.

    The paper's brightness is divided out twice, the second time measured only where the first
    found no ink, and ink is normalised to one depth, locally. Ink is labelled by a Markov random field;
    see `imgcore.kernels.mrf_binarization`. Small print, whose letters that closes, is sharpened instead.

    Returns
    -------
    Image
        Grey ``(rows, cols)`` of 0 and 255.
    """
    once = _flat_plane(image)
    dark = once <= _otsu(once)
    flat = divide_local_background(once, dark)
    grain, depth, skirt = _grain(flat), _ink_depth(flat), _SKIRT
    rough = _DEPTH * _paper_grain(flat, dark) / max(depth, _LEAST)
    if rough >= _ROUGH:
        sigma = min(_SMOOTHEST, _SMOOTHING * rough)
        flat = np.asarray(cv2.GaussianBlur(flat, (0, 0), sigma), np.uint8)
        grain, skirt = grain * _LEFT, _PALE_SKIRT
    even = _evened(flat, depth, grain)
    soft = np.asarray(cv2.GaussianBlur(even, (3, 3), 0), np.uint8)
    # Edges of the unblurred: a pale line a pixel wide would have none.
    edges = np.asarray(cv2.Canny(even, _WEAK, _STRONG, L2gradient=True), np.uint8)
    # Thinning edges leaves them beside a line two pixels wide, not on it: certain ink comes first.
    ink = binarize_mrf(soft, edges, _unary_costs(even), _PAIRWISE) | (even <= PAPER - _CERTAIN)
    ink = _outlined(ink, edges) & (even <= PAPER - skirt) & ~open_gaps(even, soft)
    return remove_border_dashes(ink).view(np.uint8) - np.uint8(1)  # 1 becomes 0, and 0 the highest byte


def _flat_plane(image: Image) -> Image:
    """Average brightness and the darkest channel, in which coloured ink is nearly black; paper 255."""
    flat = divide_background(image)
    if image.ndim == 2:
        return flat
    light = np.percentile(image[::16, ::16].reshape(-1, 3), 80, axis=0)
    channels = [np.asarray(channel, np.uint8) for channel in cv2.split(flat)]
    lit = [channel for channel, level in zip(channels, light, strict=True) if level >= _LIT * light.max()]
    brightness = grey(flat) if len(lit) == 3 else divide_background(grey(image))
    return np.asarray(cv2.addWeighted(brightness, 0.5, reduce(np.minimum, lit), 0.5, 0), np.uint8)


def _evened(flat: Image, usual_depth: float, grain: float) -> Image:
    """Normalise paper to `PAPER` and ink to `_DEPTH` below it, in the pale parts of a page as in the bold."""
    depth = np.asarray(cv2.subtract(np.full_like(flat, PAPER), flat), np.uint8)
    least = max(_LEAST, _SURE * grain)
    usual = max(usual_depth, least)
    deepest = reduced(np.asarray(cv2.dilate(depth, np.ones((3, 3), np.uint8)), np.uint8))
    window = (2 * _REACH + 1,) * 2
    near = cv2.blur(cv2.dilate(deepest, np.ones(window, np.uint8)), window)
    local = np.clip(np.asarray(near, np.float32), max(_LOCAL * usual, least), usual).astype(np.uint8)
    scaled = cv2.divide(depth, enlarged(local, depth), scale=_DEPTH)
    return np.asarray(cv2.subtract(np.full_like(flat, PAPER), scaled), np.uint8)


def _unary_costs(even: Image) -> npt.NDArray[np.int16]:
    """Cost of ink less that of paper at each level."""
    apart = np.arange(256) - min(_otsu(even), PAPER - _DEPTH / 2)
    return np.asarray(np.rint(_LEVEL * np.clip(apart, -_LEVEL_REACH, _LEVEL_REACH)), np.int16)


def _outlined(ink: Mask, edges: Image) -> Mask:
    """Remove components without sharp edges: shadows of creases, stains."""
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
    """Depth below paper of the median stroke in levels: ink by Otsu's threshold, less solid areas."""
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


def _paper_grain(flat: Image, dark: Mask) -> float:
    """Standard deviation of the paper's grain beside print; 0 where too little paper is clear of it."""
    clear = cv2.erode((~dark[::16]).view(np.uint8), np.ones((1, 7), np.uint8))[:, 1:-1] > 0
    some = flat[::16].astype(np.int16)
    second = np.abs(some[:, 2:] - 2 * some[:, 1:-1] + some[:, :-2])[clear]
    known = second.size > max(4 * _FEW, _CLEAR * clear.size)
    return float(np.median(second)) * 1.4826 / 6**0.5 if known else 0.0


def _otsu(plane: Image) -> float:
    some = np.ascontiguousarray(plane[::2, ::2])
    return cv2.threshold(some, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]
