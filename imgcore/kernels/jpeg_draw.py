"""Strokes drawn into entropy-coded data.

The twin decodes and encodes every MCU, which gives the same bits as copying the blocks that no
stroke touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgcore.kernels.jpeg_entropy import BitReader, BrokenCode, Bytes, Offsets, read_mcu

if TYPE_CHECKING:
    from imgcore.jpeg.layout import JpegLayout

Floats = npt.NDArray[np.float32]

_PLACE = np.arange(8)
"""Numbers of a block's rows or columns, and of its frequencies."""
BASIS = np.cos((2 * _PLACE[None, :] + 1) * _PLACE[:, None] * np.pi / 16) / 2
"""float64 ``(8, 8)``: the orthonormal cosine transform, rows by frequency."""
BASIS[0] = np.sqrt(1 / 8)
"""Row of frequency 0, scaled down so that the transform is orthonormal."""


def jpeg_mark(strokes: Floats, radius: float, width: int, height: int, touched: Bytes) -> None:
    """Mark the MCUs that strokes may touch.

    Parameters
    ----------
    strokes
        ``(n, 4)``: x0, y0, x1, y1, integers at pixel centres.
    width, height
        Of an MCU in pixels.
    touched
        ``(down, across)``; touched ones become 1. Some more may, none fewer.
    """
    reach = radius + 1
    for row, column in np.ndindex(*touched.shape):
        left = column * width - reach
        top = row * height - reach
        right = left + width + 2 * reach
        bottom = top + height + 2 * reach
        for x0, y0, x1, y1 in strokes.tolist():
            if _crosses((x0, y0), (x1 - x0, y1 - y0), (left, top), (right, bottom)):
                touched[row, column] = 1


def _crosses(
    start: tuple[float, float],
    step: tuple[float, float],
    low: tuple[float, float],
    high: tuple[float, float],
) -> bool:
    """Return whether a segment meets a box."""
    begin = 0.0
    end = 1.0
    for at, by, least, most in zip(start, step, low, high, strict=True):
        if by == 0:
            if not least <= at <= most:
                return False
            continue
        first, second = sorted(((least - at) / by, (most - at) / by))
        begin = max(begin, first)
        end = min(end, second)
    return begin <= end


def jpeg_draw(  # noqa: PLR0913, PLR0917 - the signature of the compiled twin, which takes plain arrays
    clean: Bytes,
    ends: Offsets,
    bits: npt.NDArray[np.uint32],
    dcs: npt.NDArray[np.int16],
    layout: JpegLayout,
    places: Bytes,
    touched: Bytes,
    strokes: Floats,
    radius: float,
    colour: Floats,
    edited: Bytes,
    edited_ends: Offsets,
) -> tuple[int, int]:
    """Draw strokes on the marked MCUs, and copy the bits of every block that they do not touch.

    Parameters
    ----------
    clean, ends, bits, dcs
        As ``jpeg_scan`` left them, all MCUs whole.
    places
        ``(64,)``: place in a block of each coefficient in the order of the stream.
    radius
        Half the strokes' thickness, in pixels.
    colour
        One level for each component.
    edited, edited_ends
        Receive the new clean data and the ends of its restart intervals.

    Returns
    -------
    tuple of int
        0, or 1: no room, 2: a broken code, 3: the tables lack a code; and the intervals written.
    """
    reader = BitReader(clean)
    across = touched.shape[1]
    total = touched.size
    interval = layout.interval or total
    begin = 0
    segment = 0
    for first in range(0, total, interval):
        out: list[str] = []
        before = np.zeros(len(layout.components), int)
        for mcu in range(first, min(first + interval, total)):
            reader.at = int(bits[mcu])
            predictors = dcs[mcu, : len(layout.components)].astype(int)
            try:
                blocks = list(read_mcu(reader, layout, predictors))
            except BrokenCode:
                return 2, segment
            if touched.flat[mcu]:
                row, column = divmod(mcu, across)
                blocks = drawn(blocks, layout, places, strokes, radius, colour, (row, column))
            text = written(blocks, layout, before)
            if text is None:
                return 3, segment
            out.append(text)
        ones = "".join(out)
        ones += "1" * (-len(ones) % 8)
        data = np.packbits(np.frombuffer(ones.encode(), np.uint8) - ord("0"))
        if begin + data.size > edited.size:
            return 1, segment
        edited[begin : begin + data.size] = data
        begin += data.size
        edited_ends[segment] = begin
        segment += 1
    return 0, segment


Blocks = list[tuple[int, npt.NDArray[np.int_]]]


def drawn(  # noqa: PLR0913, PLR0917 - as above
    blocks: Blocks,
    layout: JpegLayout,
    places: Bytes,
    strokes: Floats,
    radius: float,
    colour: Floats,
    mcu: tuple[int, int],
) -> Blocks:
    """Blend the strokes into the blocks of one MCU."""
    width, height = layout.mcu
    y, x = np.mgrid[mcu[0] * height : (mcu[0] + 1) * height, mcu[1] * width : (mcu[1] + 1) * width]
    share = np.zeros((height, width))
    for stroke in strokes:
        share = np.maximum(share, np.clip(radius + 0.5 - _distance(stroke, x, y), 0, 1))
    result: Blocks = []
    seen = [0] * len(layout.components)
    for component, block in blocks:
        plane = layout.components[component]
        step_x = width // (8 * plane.h)
        step_y = height // (8 * plane.v)
        by, bx = divmod(seen[component], plane.h)
        seen[component] += 1
        mean = share.reshape(8 * plane.v, step_y, 8 * plane.h, step_x).mean((1, 3))
        part = mean[by * 8 : by * 8 + 8, bx * 8 : bx * 8 + 8]
        if part.any():
            block = _blended(block, layout.quants[component], places, part, float(colour[component]))
        result.append((component, block))
    return result


def _distance(stroke: Floats, x: npt.NDArray[np.int_], y: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    x0, y0, x1, y1 = map(float, stroke)
    dx = x1 - x0
    dy = y1 - y0
    length = dx * dx + dy * dy
    t = np.clip(((x - x0) * dx + (y - y0) * dy) / length, 0, 1) if length else np.zeros(x.shape)
    return np.hypot(x - x0 - t * dx, y - y0 - t * dy)


def _blended(
    block: npt.NDArray[np.int_], quant: Floats, places: Bytes, share: npt.NDArray[np.float64], level: float
) -> npt.NDArray[np.int_]:
    natural = np.zeros(64)
    natural[places] = block
    pixels = BASIS.T @ (natural * quant).reshape(8, 8) @ BASIS
    pixels += share * (level - 128 - pixels)
    coefficients = np.rint((BASIS @ pixels @ BASIS.T).reshape(64) / quant)
    ordered: npt.NDArray[np.int_] = np.clip(coefficients, -1023, 1023)[places].astype(int)
    return ordered


def written(blocks: Blocks, layout: JpegLayout, before: npt.NDArray[np.int_]) -> str | None:
    """Encode an MCU as a text of bits; None when the table lacks a code. The predictors are updated."""
    text = ""
    for component, block in blocks:
        words = layout.sets.words[layout.components[component].codes]
        pairs = [(0, 0, int(block[0] - before[component]))]
        before[component] = block[0]
        last = 0
        for place in (np.flatnonzero(block[1:]) + 1).tolist():
            run = place - last - 1
            pairs += [(1, 0xF0, 0)] * (run // 16) + [(1, run % 16 << 4, int(block[place]))]
            last = place
        pairs += [(1, 0, 0)] if last != 63 else []
        for kind, symbol, number in pairs:
            size = abs(number).bit_length()
            word = int(words[kind, symbol | size])
            if not word or size > 11 - kind:
                return None
            text += format(word & 0xFFFF, f"0{word >> 16}b")
            text += format(number + (1 << size) - 1 if number < 0 else number, f"0{size}b") if size else ""
    return text
