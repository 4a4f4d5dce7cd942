"""Lossless rotation of a JPEG by its coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgcore.kernels.jpeg_draw import Blocks, Floats, drawn, written
from imgcore.kernels.jpeg_entropy import BitReader, BrokenCode, Bytes, Offsets, read_mcu

if TYPE_CHECKING:
    from imgcore.jpeg.layout import JpegLayout

Planes = list[npt.NDArray[np.int_]]


def jpeg_rotate(  # noqa: PLR0913, PLR0917 - the signature of the compiled twin, which takes plain arrays
    clean: Bytes,
    ends: Offsets,
    source: JpegLayout,
    target: JpegLayout,
    clockwise: int,
    places: Bytes,
    order: Bytes,
    signs: npt.NDArray[np.int8],
    touched: Bytes,
    strokes: Floats,
    radius: float,
    colour: Floats,
    entries: npt.NDArray[np.uint32],
    pool: Bytes,
    edited: Bytes,
) -> tuple[int, int]:
    """Read all coefficients, rotate them, draw on them, write them.

    Parameters
    ----------
    clean, ends
        As ``jpeg_unstuff`` left them.
    source, target
        The layouts before and after.
    places, order, signs
        ``(64,)``, by a coefficient's number in the stream: its place in a block; its number in the
        rotated stream, and its sign there.
    touched, strokes, radius, colour
        As for ``jpeg_draw``, of the rotated picture.
    entries, pool
        Scratch: ``(blocks, 2)``, and about as long as `edited`.
    edited
        Receives the new clean data, in one interval.

    Returns
    -------
    tuple of int
        0, or 1: no room, 2: a broken code, 3: the tables lack a code; and the bytes written.
    """
    try:
        planes = _read(clean, ends, source, order, signs)
    except BrokenCode:
        return 2, 0
    planes = [np.rot90(plane, -clockwise // 90) for plane in planes]
    across, down = target.mcus
    before = np.zeros(len(target.components), int)
    out: list[str] = []
    for row, column in np.ndindex(down, across):
        mcu = _mcu(planes, target, row, column)
        if touched[row, column]:
            mcu = drawn(mcu, target, places, strokes, radius, colour, (row, column))
        text = written(mcu, target, before)
        if text is None:
            return 3, 0
        out.append(text)
    ones = "".join(out)
    ones += "1" * (-len(ones) % 8)
    data = np.packbits(np.frombuffer(ones.encode(), np.uint8) - ord("0"))
    if data.size > edited.size:
        return 1, 0
    edited[: data.size] = data
    return 0, data.size


def _read(
    clean: Bytes, ends: Offsets, layout: JpegLayout, order: Bytes, signs: npt.NDArray[np.int8]
) -> Planes:
    """Read each component as ``(rows, columns, 64)`` blocks, rotated in themselves, not yet moved.

    Raises
    ------
    BrokenCode
    """
    across, down = layout.mcus
    planes = [np.zeros((down * c.v, across * c.h, 64), int) for c in layout.components]
    reader = BitReader(clean)
    predictors = np.zeros(len(planes), int)
    segment = 0
    for mcu in range(across * down):
        if layout.interval and mcu and mcu % layout.interval == 0:
            segment += 1
            if segment >= ends.size:
                raise BrokenCode()
            reader.at = int(ends[segment - 1]) * 8
            predictors[:] = 0
        row, column = divmod(mcu, across)
        seen = [0] * len(planes)
        for c, block in read_mcu(reader, layout, predictors):
            plane = layout.components[c]
            y, x = divmod(seen[c], plane.h)
            seen[c] += 1
            planes[c][row * plane.v + y, column * plane.h + x][order] = block * signs
        if reader.at > int(ends[segment]) * 8:
            raise BrokenCode()
    return planes


def _mcu(planes: Planes, layout: JpegLayout, row: int, column: int) -> Blocks:
    return [
        (c, planes[c][row * plane.v + y, column * plane.h + x])
        for c, plane in enumerate(layout.components)
        for y in range(plane.v)
        for x in range(plane.h)
    ]
