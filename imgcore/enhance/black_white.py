"""Binarization: pure black ink on pure white paper."""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import (
    PAPER,
    ROWS,
    closed,
    divide_background,
    divide_local_background,
    divided_rows,
    enlarged_rows,
    reduced,
)
from imgcore.enhance.border_dashes import remove_border_dashes
from imgcore.enhance.dark_surround import without_dark_surround
from imgcore.enhance.grey import grey
from imgcore.enhance.small_print import open_gaps
from imgcore.kernels import binarize_mrf, double_where_sharp
from imgcore.strips import for_strips
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]

_LIT = 0.5
"""Share of the brightest channel's light below which a channel is noise rather than colour."""
_DEPTH = 100.0
"""Levels below paper to which ink is normalised, so that one set of thresholds does for pale and bold."""
_LOCAL = 0.4
"""Share of the page's ink depth from which ink is brought to full depth, too, if nothing darker is near."""
_REACH = 40
"""Pixels of the reduced picture within which nothing darker may be where pale ink is brought to full
depth."""
_LEAST = 14.0
"""Least depth of ink below paper, in levels."""
_SURE = 10.0
"""Least depth of ink below paper, in standard deviations of grain."""
_ROUGH = 2.4
"""Grain in levels of normalised ink from which a page is smoothed: pale ink on a rough sheet otherwise drowns
in fibres."""
_SMOOTHING = 0.2
"""Standard deviation of the blur over grain, in pixels for each level of grain."""
_SMOOTHEST = 0.8
"""Largest standard deviation of the blur over grain, in pixels, where strokes are thin."""
_OF_STROKE = 0.4
"""Largest standard deviation of the blur over grain, as a share of the width of broad strokes; it holds where
it is more than `_SMOOTHEST`."""
_MOST = 1.2
"""Largest standard deviation of the blur over grain in any case, in pixels."""
_LEFT = 0.36
"""Grain that a blur of a pixel leaves, as a share; a wider one leaves less."""
_CLEAR = 0.5
"""Share of a sheet that is clear of print, from which its grain is measured: dense print is not smoothed."""
_STROKES = ((1, 4), (4, 1), (2, 2))
"""Rows and columns of the least pieces of strokes."""
_FEW = 50
"""Pixels of strokes needed to measure the ink's depth; with fewer, solid areas are used."""
_INNER = 1.5
"""Distance from paper, in pixels, of the middle of a stroke three pixels wide."""
_BROAD = (0.6, 0.76)
"""Shares of strokes three pixels wide or more: up to the first print is thin, from the second it is not."""
_STEPS = 256
"""Steps of a pixel in which the distance from paper is compared, as whole numbers of two bytes."""
_CORE = 60
"""Levels below paper of normalised ink at whose rim the steepness of a page's strokes is measured."""
_WEAK = 70
"""Largest lower threshold of Canny's edge detector on normalised ink."""
_STRONG = 210
"""Least upper threshold of Canny's edge detector on normalised ink; it goes up with the page's steepness."""
_STRONGEST = 280
"""Largest upper threshold of Canny's edge detector, however steep the page's ink is."""
_SOFTEST = 60
"""Least upper threshold of Canny's edge detector where strokes are broad, as out of focus they have no steep
edges."""
_SOFT = 0.5
"""Share of ink over five pixels wide from which strokes are broad: grain and thin print have less."""
_STEEP_SHARE = 80
"""Percentile of the rises along the rim of ink that tells how steep the ink is."""
_AS_STEEP = 0.8
"""Share of the ink's steepness from which an edge belongs to ink."""
_NEAR = 9
"""Side in pixels of the neighbourhood whose span of levels tells whether an edge is sharp."""
_AT_ONCE = 4
"""Multiple of the levels that its neighbourhood spans by which a sharp edge rises at least; Sobel's operator
counts four for all of them."""
_SPAN = 25
"""Least span of levels in the neighbourhood of a sharp edge."""
_LEVEL = 0.15
"""Weight of a pixel's level beside the Laplacian."""
_LEVEL_REACH = 80
"""Levels from the threshold at which the cost of a pixel's level saturates."""
_OUTLINE = 0.3
"""Least share of an ink component's boundary that is an edge."""
_SKIRT = 20
"""Levels below paper that every ink pixel has, whatever its neighbours are."""
_GRAINY_SKIRT = 28
"""Levels below paper that every ink pixel has on paper with grain."""
_THIN_SKIRT = 35
"""Levels below paper that every ink pixel has in thin print and between two strokes, so that the gaps of
small characters stay open."""
_GAPS = ((1, 5), (5, 1))
"""Rows and columns of the pieces into which no gap between strokes fits."""
_BETWEEN = 6
"""Levels by which a gap is lighter than both strokes beside it."""
_CERTAIN = 80
"""Levels below paper of normalised ink from which a pixel is ink, whatever its neighbours are."""
_PAIRWISE = 60
"""Cost of different labels of neighbours without an edge: more than the unary cost of any pixel."""


def black_white(image: Image) -> Image:
    """Binarize a picture: ink 0, paper 255; some 30 ms a megapixel.

    The paper's brightness is divided out twice, the second time measured only where the first
    found no ink, and ink is normalised to one depth, locally. Ink is labelled by a Markov random field;
    see `imgcore.kernels.mrf_binarization`. Small print, whose letters that closes, is sharpened instead.

    Returns
    -------
    Image
        Grey ``(rows, cols)`` of 0 and 255.
    """
    flat = _flattened(image)
    even = _evened(flat)
    soft = np.asarray(cv2.GaussianBlur(even, (3, 3), 0), np.uint8)
    # Edges of the unblurred: a pale line a pixel wide would have none.
    edges = _edges(even, grainy=flat.blur > 0)
    # Thinning edges leaves them beside a line two pixels wide, not on it: certain ink comes first.
    ink = binarize_mrf(soft, edges, _unary_costs(even), _PAIRWISE) | (even <= PAPER - _CERTAIN)
    ink = _outlined(ink, edges) & _deep_enough(even, flat.skirt)
    if flat.blur <= _SMOOTHEST:
        ink &= ~open_gaps(even, soft)
    return remove_border_dashes(ink).view(np.uint8) - np.uint8(1)  # 1 becomes 0, and 0 the highest byte


class _Flattened(NamedTuple):
    """A page in even light.

    Attributes
    ----------
    plane
        Paper is `PAPER`, dark surround, too.
    depth, grain
        Of its ink below paper, and standard deviation of its paper, in levels.
    blur
        Standard deviation in pixels of the blur that its grain asked for.
    skirt
        Levels below paper that every ink pixel has, once ink is normalised.
    """

    plane: Image
    depth: float
    grain: float
    blur: float
    skirt: int


def _flattened(image: Image) -> _Flattened:
    plane = _flat_plane(without_dark_surround(image))
    flat, dark = _divided(plane)
    second = _second_differences(flat)
    depth = _ink_depth(flat)
    grain = _deviation(second)
    strokes = _without_flecks(dark)
    halves = _half_widths(strokes[len(strokes) // 4 : -(len(strokes) // 4) or None])
    broad = halves[halves >= _INNER]
    skirt = round(float(np.interp(broad.size / max(1, halves.size), _BROAD, (_THIN_SKIRT, _SKIRT))))
    rough = _DEPTH * _paper_grain(second, strokes) / max(depth, _LEAST)
    if rough < _ROUGH:
        return _Flattened(flat, depth, grain, 0.0, skirt)
    width = 2 * float(np.median(broad)) - 1 if broad.size else 0.0
    sigma = min(_MOST, _SMOOTHING * rough, max(_SMOOTHEST, _OF_STROKE * width))
    flat, _ = _divided(np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.uint8))
    left = grain * _LEFT / max(sigma, _SMOOTHEST)
    return _Flattened(flat, _ink_depth(flat), left, sigma, _GRAINY_SKIRT)


def _divided(plane: Image) -> tuple[Image, Mask]:
    """Divide by the paper beside what is dark; that, too."""
    dark = plane <= _otsu(plane)
    return divide_local_background(plane, dark), dark


def _flat_plane(image: Image) -> Image:
    """Average brightness and the darkest channel, in which coloured ink is nearly black; paper 255."""
    if image.ndim == 2:
        return divide_background(image)
    light = np.percentile(image[::16, ::16].reshape(-1, 3), 80, axis=0)
    lit = [channel for channel in range(3) if light[channel] >= _LIT * light.max()]
    brightness = None if len(lit) == 3 else divide_background(grey(image))
    paper = closed(image)
    plane = np.empty(image.shape[:2], np.uint8)

    def flatten(top: int, bottom: int) -> None:
        flat = divided_rows(image, paper, top, bottom)
        darkest = reduce(cv2.min, [cv2.extractChannel(flat, channel) for channel in lit])
        bright = grey(flat) if brightness is None else brightness[top:bottom]
        cv2.addWeighted(bright, 0.5, darkest, 0.5, 0, plane[top:bottom])

    for_strips(flatten, len(image), ROWS)
    return plane


def _evened(flat: _Flattened) -> Image:
    """Normalise paper to `PAPER` and ink to `_DEPTH` below it, in the pale parts of a page as in the bold."""
    plane = flat.plane
    least = max(_LEAST, _SURE * flat.grain)
    usual = max(flat.depth, least)
    darkest = reduced(np.asarray(cv2.erode(plane, np.ones((3, 3), np.uint8)), np.uint8))
    deepest = PAPER - np.minimum(darkest, PAPER)
    window = (2 * _REACH + 1,) * 2
    near = cv2.blur(cv2.dilate(deepest, np.ones(window, np.uint8)), window)
    local = np.clip(np.asarray(near, np.float32), max(_LOCAL * usual, least), usual).astype(np.uint8)
    even = np.empty_like(plane)

    def normalise(top: int, bottom: int) -> None:
        paper = np.full_like(plane[top:bottom], PAPER)
        depth = cv2.subtract(paper, plane[top:bottom])
        scaled = cv2.divide(depth, enlarged_rows(local, plane, top, bottom), scale=_DEPTH)
        cv2.subtract(paper, scaled, even[top:bottom])

    for_strips(normalise, len(plane), ROWS)
    return even


def _unary_costs(even: Image) -> npt.NDArray[np.int16]:
    """Cost of ink less that of paper at each level."""
    apart = np.arange(256) - min(_otsu(even), PAPER - _DEPTH / 2)
    return np.asarray(np.rint(_LEVEL * np.clip(apart, -_LEVEL_REACH, _LEVEL_REACH)), np.int16)


def _edges(even: Image, grainy: bool) -> Image:
    """Edges as steep as those of the page's own ink, or, on paper without grain, as sharp as a drawn line.

    What shines through is blurred by the paper.
    """
    across, down = (np.asarray(way, np.int16) for way in cv2.spatialGradient(even))
    some = np.s_[::2, ::2]
    core = (_quarter(even) <= PAPER - _CORE).view(np.uint8)
    rim = core > cv2.erode(core, np.ones((3, 3), np.uint8))
    rises = np.hypot(across[some][rim], down[some][rim])
    steepest = float(np.percentile(rises, _STEEP_SHARE)) if rises.size else 0.0
    if not grainy:
        inked = cv2.threshold(even, PAPER, 255, cv2.THRESH_TRUNC)[1]
        near = np.ones((_NEAR, _NEAR), np.uint8)
        darkest, brightest = (np.asarray(of(inked, near), np.uint8) for of in (cv2.erode, cv2.dilate))
        double_where_sharp(across, down, darkest, brightest, _AT_ONCE, _SPAN)
    broad = cv2.morphologyEx(core, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    soft = np.count_nonzero(broad) > _SOFT * np.count_nonzero(core)
    strong = min(max(_SOFTEST if soft else _STRONG, _AS_STEEP * steepest), _STRONGEST)
    return np.asarray(cv2.Canny(across, down, min(_WEAK, strong / 3), strong, L2gradient=True), np.uint8)


def _outlined(ink: Mask, edges: Image) -> Mask:
    """Remove components without sharp edges, in place: shadows of creases, stains."""
    small = _quarter(ink.view(np.uint8))
    count, pieces = cv2.connectedComponents(small, connectivity=8)
    rim = small > cv2.erode(small, np.ones((3, 3), np.uint8))
    sharp = cv2.dilate(edges, np.ones((5, 5), np.uint8))[::2, ::2][rim] > 0
    owners = np.asarray(pieces)[rim]
    rims, sharps = (np.bincount(some, minlength=count) for some in (owners, owners[sharp]))
    vague = sharps < _OUTLINE * rims
    if not vague.any():
        return ink
    kept = np.take(~vague, np.asarray(pieces))
    twice = (kept.astype("<u2") * np.uint16(257)).view(np.bool_)[:, : ink.shape[1]]
    ink[::2] &= twice
    ink[1::2] &= twice[: len(ink) // 2]
    return ink


def _ink_depth(flat: Image) -> float:
    """Depth below paper of the median stroke in levels: ink by Otsu's threshold, less solid areas."""
    some = _quarter(flat)
    ink = (some <= _otsu(flat)).astype(np.uint8)
    core = cv2.erode(ink, np.ones((7, 7), np.uint8))
    strokes = some[(ink > 0) & (cv2.dilate(core, np.ones((9, 9), np.uint8)) == 0)]
    if strokes.size < _FEW:
        strokes = some[ink > 0]
    return PAPER - _median(strokes) if strokes.size else 0.0


def _second_differences(flat: Image) -> Shorts:
    """Second differences along some rows, without sign."""
    some = flat[::16].astype(np.int16)
    return np.asarray(np.abs(some[:, 2:] - 2 * some[:, 1:-1] + some[:, :-2]), np.int16)


def _deviation(second: Shorts) -> float:
    """Standard deviation of grain, from its second differences."""
    return _median(second) * 1.4826 / 6**0.5 if second.size else 0.0


def _paper_grain(second: Shorts, strokes: Image) -> float:
    """Standard deviation of the paper's grain beside print; 0 where too little paper is clear of it."""
    clear = cv2.erode(1 - strokes[::16], np.ones((1, 9), np.uint8))[:, 1:-1] > 0
    beside = second[clear]
    return _deviation(beside) if beside.size > max(4 * _FEW, _CLEAR * clear.size) else 0.0


def _without_flecks(dark: Mask) -> Image:
    """Mark by 1 what is dark over some pixels along a row, along a column or both ways: grain seldom is."""
    opened = (
        cv2.morphologyEx(dark.view(np.uint8), cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in _STROKES
    )
    return np.asarray(reduce(np.maximum, opened), np.uint8)


def _deep_enough(even: Image, skirt: int) -> Mask:
    """Mark what can be ink by its depth: the pale rim of a stroke, but not what lies between two."""
    if skirt == _THIN_SKIRT:
        return even <= PAPER - skirt
    between = np.zeros_like(even)
    for shape in _GAPS:
        hat = cv2.morphologyEx(even, cv2.MORPH_TOPHAT, np.ones(shape, np.uint8))
        between = np.maximum(between, hat)
    rim = (even <= PAPER - skirt) & (between < _BETWEEN)
    return np.asarray(rim | (even <= PAPER - _THIN_SKIRT))


def _half_widths(strokes: Image) -> Floats:
    """Distance from paper in pixels of each pixel in the middle of a stroke."""
    inner = cv2.distanceTransform(strokes, cv2.DIST_L2, 3)
    steps = cv2.multiply(inner, _STEPS, dtype=cv2.CV_16U)
    highest = cv2.dilate(steps, np.ones((3, 3), np.uint8))
    return np.asarray(steps[(highest == steps) & strokes.view(np.bool_)] / np.float32(_STEPS), np.float32)


def _median(values: npt.NDArray[np.integer[Any]]) -> float:
    """Lower median of whole numbers from 0; several times as fast as NumPy's."""
    below = np.cumsum(np.bincount(values.ravel()))
    return float(np.searchsorted(below, (values.size + 1) // 2))


def _otsu(plane: Image) -> float:
    return cv2.threshold(_quarter(plane), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]


def _quarter(plane: Image) -> Image:
    """Return every second pixel of every second row; the lower bytes of pairs are copied the fastest."""
    if plane.shape[1] % 2:
        return np.ascontiguousarray(plane[::2, ::2])
    return plane[::2].view("<u2").astype(np.uint8)
