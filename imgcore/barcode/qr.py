"""Second search for QR codes that an engine does not read at first, on stretched and filtered variants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.barcode.engines import DecodedSymbol, Engine
from imgcore.barcode.finder_patterns import FinderPattern
from imgcore.types import Image, Points

_AROUND = 12
"""Widths of a finder pattern, to each side: a code of version 10 is eight wide."""
_MOST_PIXELS = 2_000_000
_WHOLE = 500_000
"""Pixels of a picture that is searched as a whole."""


@dataclass(frozen=True, slots=True)
class _Variant:
    """Filter applied to the picture; `across` and `down` are the scales of its sides."""

    change: Callable[[Image], Image]
    across: float = 1.0
    down: float = 1.0


def _scaled(across: float, down: float) -> _Variant:
    def change(grey: Image) -> Image:
        # Halved and more, the engine decides by the picture's own levels and not by those around a pixel.
        way = cv2.INTER_AREA if max(across, down) < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(grey, None, fx=across, fy=down, interpolation=way), np.uint8)

    return _Variant(change, across, down)


def _darkened(grey: Image) -> Image:
    return np.asarray(cv2.LUT(grey, (255 * (np.arange(256) / 255.0) ** 3).astype(np.uint8)), np.uint8)


def _sharpened(grey: Image) -> Image:
    return np.asarray(cv2.addWeighted(grey, 2.5, cv2.GaussianBlur(grey, (0, 0), 2.0), -1.5, 0), np.uint8)


def _binarized(grey: Image) -> Image:
    """Halve a picture and binarize it by one threshold."""
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.threshold(half, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)


_VARIANTS = (
    _scaled(2.0, 1.0),
    _Variant(_darkened),
    _Variant(_binarized, 0.5, 0.5),
    _scaled(0.25, 0.25),
    _Variant(_sharpened),
    _scaled(1.0, 2.0),
)
"""Stretched, patterns are searched along other lines; the others are for glare, shade, grain and blur."""


def read_qr_codes(grey: Image, finders: Sequence[FinderPattern], engine: Engine) -> Iterator[DecodedSymbol]:
    """Read the QR codes around finder patterns.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    finders
        Finder patterns of no code read before; none to search the whole picture.
    engine
        Engine that reads.
    """
    left, top, part = _surroundings(grey, finders)
    factor = min(1.0, float(np.sqrt(_MOST_PIXELS / part.size)))
    if factor < 1.0:
        part = np.asarray(
            cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    waiting, found = list(finders), list[Points]()
    for variant in _VARIANTS:
        if min(part.shape) * min(variant.across, variant.down) < 20:
            continue
        for symbol in engine.read_qr_codes(np.ascontiguousarray(variant.change(part))):
            scale = np.array([variant.across, variant.down], np.float32) * np.float32(factor)
            corners = (symbol.corners + np.float32(0.5)) / scale - np.float32(0.5)
            corners = (corners + np.array([left, top])).astype(np.float32)
            if not any(contains(area, *corners.mean(axis=0)) for area in found):
                found.append(corners)
                yield DecodedSymbol(symbol.text, symbol.symbology, corners)
        waiting = [finder for finder in waiting if not any(near(area, finder) for area in found)]
        if finders and not waiting:
            return


def contains(corners: Points, x: float, y: float) -> bool:
    """Return whether a point lies in a convex area."""
    return bool(cv2.pointPolygonTest(corners, (float(x), float(y)), False) >= 0)


def near(corners: Points, finder: FinderPattern) -> bool:
    """Return whether a finder pattern belongs to the code with these corners; boxes are not exact."""
    return bool(cv2.pointPolygonTest(corners, (finder.x, finder.y), True) > -finder.size)


def _surroundings(grey: Image, finders: Sequence[FinderPattern]) -> tuple[int, int, Image]:
    """Left, top, and the part of the picture to search."""
    if not finders or grey.size <= _WHOLE:
        return 0, 0, grey
    reach = _AROUND * max(finder.size for finder in finders)
    left, top = (max(0, int(min(values) - reach)) for values in _places(finders))
    right, bottom = (int(max(values) + reach) + 1 for values in _places(finders))
    return left, top, grey[top:bottom, left:right]


def _places(finders: Sequence[FinderPattern]) -> tuple[list[float], list[float]]:
    return [finder.x for finder in finders], [finder.y for finder in finders]
