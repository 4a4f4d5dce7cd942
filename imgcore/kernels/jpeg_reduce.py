"""A JPEG at a half or a quarter of its size, from the low coefficients of its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgcore.kernels.jpeg_entropy import BitReader, BrokenCode, Bytes, Offsets, read_mcu

if TYPE_CHECKING:
    from imgcore.jpeg.layout import JpegLayout


def jpeg_reduce(
    clean: Bytes, ends: Offsets, layout: JpegLayout, places: Bytes, side: int, planes: Sequence[Bytes]
) -> int:
    """Decode all MCUs, each block as `side` pixels a side.

    Parameters
    ----------
    clean, ends
        As ``jpeg_unstuff`` left them.
    places
        ``(64,)``: the place in a block of a coefficient, by its number in the stream.
    side
        2 or 4.
    planes
        ``(down * v * side, across * h * side)`` for each component; receive the pixels.

    Returns
    -------
    int
        Number of complete MCUs; what follows a broken code is left as it was.
    """
    if side not in (2, 4):
        raise ValueError("a block becomes 2 or 4 pixels wide")
    across, down = layout.mcus
    cosines = _cosines(side)
    reader = BitReader(clean)
    predictors = np.zeros(len(layout.components), int)
    segment = 0
    for mcu in range(across * down):
        if layout.interval and mcu and mcu % layout.interval == 0:
            segment += 1
            if segment >= ends.size:
                return mcu
            reader.at = int(ends[segment - 1]) * 8
            predictors[:] = 0
        try:
            blocks = list(read_mcu(reader, layout, predictors))
        except BrokenCode:
            return mcu
        _place(blocks, layout, divmod(mcu, across), planes, places, cosines)
        if reader.at > int(ends[segment]) * 8:
            return mcu
    return across * down


def _place(
    blocks: Sequence[tuple[int, npt.NDArray[np.int_]]],
    layout: JpegLayout,
    at: tuple[int, int],
    planes: Sequence[Bytes],
    places: Bytes,
    cosines: npt.NDArray[np.float64],
) -> None:
    side = len(cosines)
    seen = [0] * len(planes)
    for c, coefficients in blocks:
        component = layout.components[c]
        y, x = divmod(seen[c], component.h)
        seen[c] += 1
        block = np.zeros(64)
        block[places] = coefficients
        block *= layout.quants[c]
        low = block.reshape(8, 8)[:side, :side]
        top = (at[0] * component.v + y) * side
        left = (at[1] * component.h + x) * side
        pixels = np.floor(cosines.T @ low @ cosines + 128.5)
        planes[c][top : top + side, left : left + side] = np.clip(pixels, 0, 255)


def _cosines(side: int) -> npt.NDArray[np.float64]:
    """Compute the cosines by frequency and pixel, in the scale of coefficients of 8 x 8."""
    frequency, pixel = np.mgrid[:side, :side]
    weights = np.where(frequency, 0.5, np.sqrt(1 / 8))
    return np.asarray(weights * np.cos((2 * pixel + 1) * frequency * np.pi / (2 * side)), np.float64)
