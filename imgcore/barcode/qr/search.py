"""Second search for QR codes that an engine does not read at first, patch by patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.barcode.cells import CellLevel
from imgcore.barcode.deblurring import deblurred
from imgcore.barcode.engines import DecodedSymbol, Engine
from imgcore.barcode.patches import contains, upright
from imgcore.barcode.qr.equalizer import equalized
from imgcore.barcode.qr.grid import promising_fits
from imgcore.barcode.qr.symbol import draw
from imgcore.barcode.squares import Square
from imgcore.types import Image, Points

_MARGIN = 0.3
"""Share of a patch's sides that is seen around it."""
_SCALE = 2.2
"""Pixels of the upright patch over those of the picture."""
_SIDES = (160, 480)
"""Least and most pixels on a side of the upright patch."""
_LIGHT_BLUR = 0.7
"""Blur that the milder filter undoes, a standard deviation in pixels of the picture."""
_LIGHT_NOISE = 0.1
"""Share of noise that the milder filter allows for."""
_GRAIN = 1.2
"""Blur that the stronger filter undoes, a standard deviation in pixels of the picture."""
_GRAIN_NOISE = 0.2
"""Share of noise that the stronger filter allows for."""


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """Patch laid upright: its picture, its pixels over those of the grey picture, and the way back."""

    picture: Image
    scale: float
    back: Points

    def in_picture(self, corners: Points) -> Points:
        return np.asarray(cv2.transform(corners[None], self.back)[0], np.float32)


def read_qr_codes(
    levels: Sequence[CellLevel],
    squares: Sequence[Square],
    engine: Engine,
    known: Sequence[DecodedSymbol] = (),
) -> Iterator[DecodedSymbol]:
    """Read the QR codes in patches.

    Parameters
    ----------
    levels
        The picture at several sizes.
    squares
        Patches that may be codes.
    engine
        Engine that reads.
    known
        Codes that were read before, and are not given again: a patch may hold some of them.
    """
    found = [symbol.corners for symbol in known]
    for square in squares:
        if any(contains(corners, square.x, square.y) for corners in found):
            continue
        patch = _patch(levels, square)
        for symbol in _read(patch, engine):
            corners = patch.in_picture(symbol.corners)
            if any(contains(area, *corners.mean(axis=0)) for area in found):
                continue
            found.append(corners)
            yield DecodedSymbol(symbol.text, symbol.symbology, corners, symbol.gs1)


def _patch(levels: Sequence[CellLevel], square: Square) -> _Patch:
    pixels = square.size * (1 + 2 * _MARGIN)
    side = int(np.clip(_SCALE * pixels, *_SIDES))
    target = np.array([(0, 0), (side, 0), (side, side)], np.float32)
    back = cv2.getAffineTransform(target, square.corners(_MARGIN)[:3])
    return _Patch(upright(levels, square, _MARGIN, side), side / pixels, np.asarray(back, np.float32))


def _read(patch: _Patch, engine: Engine) -> tuple[DecodedSymbol, ...]:
    if symbols := engine.read_matrix_codes(patch.picture):
        return symbols
    fits = promising_fits(patch.picture, len(patch.picture) / (1 + 2 * _MARGIN), patch.scale)
    for picture in _variants(patch) if fits else ():
        if symbols := engine.read_matrix_codes(picture):
            return symbols
    for grid in filter(None, (fit.refined() for fit in fits)):
        for levels in equalized(patch.picture, grid):
            for symbol in engine.read_matrix_codes(draw(levels))[:1]:
                return (DecodedSymbol(symbol.text, symbol.symbology, grid.corners, symbol.gs1),)
    return ()


def _variants(patch: _Patch) -> Iterator[Image]:
    yield deblurred(patch.picture, _LIGHT_BLUR * patch.scale, _LIGHT_NOISE)
    yield deblurred(patch.picture, _GRAIN * patch.scale, _GRAIN_NOISE)
