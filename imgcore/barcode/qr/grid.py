"""Grid of a QR code's modules: its finder patterns, then the homography that fits all that is known."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.qr.symbol import (
    FINDER,
    LARGEST,
    SMALLEST,
    STEP,
    finder_pattern,
    function_patterns,
)
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

_PIXELS = 2
"""Pixels of a module where finder patterns are searched."""
_SIDES = (20, 23, 27, 32, 38, 45, 53, 63)
"""Modules across a code that are tried."""
_BLUR = 0.6
"""Blur of the patterns that are compared, a standard deviation in modules."""
_LEAST_PEAK = 0.35
"""Least correlation of a place with the finder pattern."""
_PEAKS = 5
"""Most places of finder patterns that are taken from a patch."""
_LEAST_SUM = 1.4
"""Least sum of the three correlations of a code's finder patterns."""
_ARMS = 1.6
"""Largest ratio of a code's sides once it is upright."""
_SLANT = 0.45
"""Largest cosine of the angle between a code's sides once it is upright."""
_ORDERS = np.array(list(permutations(range(_PEAKS), 3)))
"""All orders of three among the finder patterns: at the corner, to the right and below."""
_TRIPLES = 6
"""Most triples of finder patterns that are compared with whole codes."""
_GRIDS = 2
"""Most triples of finder patterns that are fitted."""
_PROMISING = 0.4
"""Correlation with the function patterns from which a grid is fitted."""
_FINEST = 0.9
"""Least pixels of the picture for a module of small codes."""
_FEW = 32
"""Most modules on a side of codes that count as small."""
_FINEST_OF_MANY = 1.5
"""Least pixels of the picture for a module of larger codes."""
_SMOOTH = 0.3
"""Smoothing of the local contrast, a standard deviation in modules."""
_AROUND = 10
"""Window of the local contrast in modules."""
_REACH = 5
"""Modules to all sides within which the fourth corner is sought, around its place in a parallelogram."""
_FIRST_STEP = 0.5
"""Modules by which corners are moved at first."""
_LAST_STEP = 0.08
"""Modules down to which the moves of corners are halved."""
_FITS = 0.5
"""Correlation of a picture with the function patterns from which the grid is right."""
_EDGE = 4
"""Modules of light ground around the function patterns where they are blurred."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Place of a QR code's modules.

    Attributes
    ----------
    size
        Modules on a side.
    homography
        float64 ``(3, 3)``, from modules, (0, 0) being the code's top left corner, to pixels.
    module
        Pixels of a module, about.
    """

    size: int
    homography: Matrix
    module: float

    @property
    def corners(self) -> Points:
        """float32 ``(4, 2)``, clockwise from the code's own top left."""
        side = float(self.size)
        return self.pixels(np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32))

    def pixels(self, modules: Floats) -> Floats:
        """Map points, float32 ``(n, 2)``, to pixels."""
        return _mapped(self.homography, modules)


@dataclass(frozen=True, slots=True, eq=False)
class _Triple:
    """Finder patterns that lie as those of one code do, in a patch reduced to `_PIXELS` a module.

    Attributes
    ----------
    middles
        ``(3, 2)``, of the corner, the right and the lower one, pixels of the reduced patch.
    reduced, factor
        The reduced patch, and its pixels over those of the patch.
    score
        Sum of their correlations.
    """

    middles: Floats
    reduced: Image
    factor: float
    score: float

    @property
    def sides(self) -> tuple[int, ...]:
        """Numbers of modules on a side that are possible, the likeliest first."""
        arms = np.linalg.norm(self.middles[1:] - self.middles[0], axis=1).mean() / _PIXELS
        nearest = SMALLEST + STEP * round((float(arms) + FINDER - SMALLEST) / STEP)
        return tuple(
            size for size in (nearest, nearest - STEP, nearest + STEP) if SMALLEST <= size <= LARGEST
        )


@dataclass(frozen=True, slots=True, eq=False)
class GridStart:
    """Finder patterns and a size from which the grid of a patch's code may be fitted."""

    patch: Image
    triple: _Triple
    size: int

    def refined(self) -> Grid | None:
        """Fit the grid to the whole patch; None if nothing fits."""
        factor = np.float32(self.triple.factor)
        middles = (self.triple.middles + np.float32(0.5)) / factor - np.float32(0.5)
        module = _PIXELS / self.triple.factor
        contrast = local_contrast(self.patch, module, _SMOOTH, _AROUND)
        return _GridFit(contrast, np.asarray(middles, np.float32), module, self.size).refined()


def promising_fits(patch: Image, side: float, scale: float) -> list[GridStart]:
    """Find starts for the grid of a patch's code, the likeliest first; none if it is hardly a code.

    Parameters
    ----------
    patch
        uint8 ``(n, n)``, the code about upright in its middle.
    side
        Pixels of the code's side, about.
    scale
        Pixels of the patch over those of the picture it was taken from.
    """
    sizes = [
        modules
        for modules in _SIDES
        if side / modules >= scale * (_FINEST if modules <= _FEW else _FINEST_OF_MANY)
    ]
    triples = sorted(_triples(patch, side, sizes), key=lambda one: -one.score)[:_TRIPLES]
    reduced = {one.factor: one.reduced for one in triples}
    contrasts = {factor: local_contrast(grey, _PIXELS, _SMOOTH, _AROUND) for factor, grey in reduced.items()}
    starts = [
        (_GridFit(contrasts[one.factor], one.middles, _PIXELS, size).value, GridStart(patch, one, size))
        for one in triples
        for size in one.sides
    ]
    promising = sorted((one for one in starts if one[0] > _PROMISING), key=lambda one: -one[0])
    return [start for _, start in promising[:_GRIDS]]


def local_contrast(patch: Image, module: float, smooth: float, around: float) -> Floats:
    """Normalise a patch by the mean and the deviation around each pixel; lengths are in modules."""
    grey = cv2.GaussianBlur(patch, (0, 0), max(smooth * module, 0.3)).astype(np.float32)
    window = (int(around * module) | 1,) * 2
    mean = cv2.blur(grey, window)
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, window) - mean * mean, 0)) + 8
    return np.asarray((grey - mean) / deviation, np.float32)


def _triples(patch: Image, side: float, sizes: Sequence[int]) -> Iterator[_Triple]:
    """Yield finder patterns that lie as those of one code do, sizes being modules across the patch."""
    pattern = cv2.resize(finder_pattern(), None, fx=_PIXELS, fy=_PIXELS, interpolation=cv2.INTER_NEAREST)
    pattern = cv2.GaussianBlur(pattern, (0, 0), _BLUR * _PIXELS, borderType=cv2.BORDER_REPLICATE)
    halves = [patch]
    for modules in sizes:
        factor = _PIXELS * modules / side
        scaled = _scaled(halves, factor)
        likeness = cv2.matchTemplate(
            scaled.astype(np.float32), np.asarray(pattern, np.float32), cv2.TM_CCOEFF_NORMED
        )
        peaks = list(_peaks(np.asarray(likeness, np.float32), (len(pattern) - 1) / 2))
        for middles, score in _right_angles(peaks):
            yield _Triple(middles, scaled, factor, score)


def _scaled(halves: list[Image], factor: float) -> Image:
    """Scale a patch, starting from its nearest half, half of it and so on; appends those that are missing."""
    number = max(int(np.floor(-np.log2(factor))), 0)
    while len(halves) <= number:
        half = cv2.resize(halves[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        halves.append(np.asarray(half, np.uint8))
    rest = factor * 2**number
    way = cv2.INTER_AREA if rest < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(halves[number], None, fx=rest, fy=rest, interpolation=way), np.uint8)


def _peaks(likeness: Floats, half: float) -> Iterator[tuple[Floats, float]]:
    """Yield the middles of the patterns most alike, and how much they are."""
    for _ in range(_PEAKS):
        _, value, _, (x, y) = cv2.minMaxLoc(likeness)
        if value < _LEAST_PEAK:
            return
        yield np.array([x + half, y + half], np.float32), float(value)
        cv2.circle(likeness, (x, y), FINDER * _PIXELS // 2, -1.0, -1)


def _right_angles(peaks: list[tuple[Floats, float]]) -> Iterator[tuple[Floats, float]]:
    """Yield the middles ``(3, 2)`` of patterns at a code's corners, and the sum of their likenesses."""
    if len(peaks) < 3 or sum(value for _, value in peaks[:3]) < _LEAST_SUM:
        return
    order = _ORDERS[(len(peaks) > _ORDERS).all(axis=1)]
    middles = np.stack([middle for middle, _ in peaks])[order]
    likeness = np.array([value for _, value in peaks])[order].sum(axis=1)
    (across, down) = ((middles[:, arm] - middles[:, 0]).T for arm in (1, 2))
    lengths = np.stack([np.hypot(*across), np.hypot(*down)])
    shorter = lengths.min(axis=0)
    longer = lengths.max(axis=0)
    good = (across[0] * down[1] > across[1] * down[0]) & (likeness > _LEAST_SUM)
    good &= (shorter >= (SMALLEST - FINDER - 2) * _PIXELS) & (longer < _ARMS * shorter)
    good &= np.abs((across * down).sum(axis=0)) < _SLANT * shorter * longer
    yield from zip(middles[good], likeness[good].tolist(), strict=True)


class _GridFit:
    """Search of the homography under which a picture correlates most with the function patterns."""

    def __init__(self, contrast: Floats, middles: Floats, module: float, size: int) -> None:
        self._contrast = contrast
        self._size = size
        self._module = module
        self._points, self._wanted = _expected(size)
        self._norm = float(np.linalg.norm(self._wanted))
        near = FINDER / 2
        far = size - FINDER / 2
        self._modules = np.array([(near, near), (far, near), (near, far), (far, far)], np.float32)
        corner, right, below = middles
        self._pixels = np.stack([corner, right, below, right + below - corner])
        self.value = self._correlation(self._pixels)

    def refined(self) -> Grid | None:
        """Search the fourth corner, then all corners in ever smaller steps; None if nothing fits."""
        if self._size > SMALLEST:
            places = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1].reshape(2, -1).T * self._module
            start = self._pixels
            for place in places:
                self._try(start, 3, place)
        step = _FIRST_STEP
        while step > _LAST_STEP:
            if not self._step(step * self._module):
                step /= 2
        if self.value < _FITS:
            return None
        return Grid(self._size, self._homography(self._pixels), self._module)

    def _step(self, length: float) -> bool:
        """Move each corner by a step if that is better; return whether any was."""
        before = self.value
        for corner in range(4):
            for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                self._try(self._pixels, corner, np.array(way) * length)
        return self.value > before + 1e-4

    def _try(self, start: Floats, corner: int, shift: Matrix) -> None:
        pixels = start.copy()
        pixels[corner] += shift.astype(np.float32)
        value = self._correlation(pixels)
        if value > self.value:
            self.value = value
            self._pixels = pixels

    def _homography(self, pixels: Floats) -> Matrix:
        return np.asarray(cv2.getPerspectiveTransform(self._modules, pixels), np.float64)

    def _correlation(self, pixels: Floats) -> float:
        seen = sampled(self._contrast, _mapped(self._homography(pixels), self._points))
        return float(seen @ self._wanted) / (float(np.linalg.norm(seen)) * self._norm + 1e-6)


@functools.cache
def _expected(size: int) -> tuple[Floats, Floats]:
    """Middles ``(n, 2)`` of the modules of function patterns, and their levels where a picture is blurred."""
    known = function_patterns(size)
    blurred = cv2.GaussianBlur(np.pad(known, _EDGE, constant_values=1.0), (0, 0), _BLUR)
    rows, cols = np.nonzero(known)
    points = np.stack([cols + 0.5, rows + 0.5], axis=1).astype(np.float32)
    return points, np.asarray(blurred[rows + _EDGE, cols + _EDGE], np.float32)


def sampled(picture: Floats, places: Floats) -> Floats:
    """Sample a picture between its pixels at places ``(n, 2)``, float32 ``(n,)``."""
    across = places[None, :, 0]
    down = places[None, :, 1]
    seen = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen[0], np.float32)


def _mapped(homography: Matrix, points: Floats) -> Floats:
    return np.asarray(cv2.perspectiveTransform(points[None], homography)[0], np.float32)
