"""Lossless rotation of a JPEG by quarter turns, lines drawn in the same pass."""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.drawing import REASONS, Pen, finite
from imgcore.jpeg.layout import (
    DQT,
    DRI,
    SOF0,
    SOF1,
    SOS,
    ZIGZAG,
    JpegLayout,
    UnsupportedJpeg,
    header_length,
    parse_layout,
)
from imgcore.jpeg.workspace import Workspace, most_mcus
from imgcore.kernels import jpeg_mark, jpeg_rotate

APP1 = 0xE1
"""Code of the marker of application data with EXIF, whose orientation would turn the picture once more."""
NO_STROKES: npt.NDArray[np.float32] = np.zeros((0, 4), np.float32)
"""No lines to draw: an array without rows."""


def rotate_jpeg(
    data: bytes,
    clockwise: int,
    workspace: Workspace,
    strokes: npt.NDArray[np.float32] = NO_STROKES,
    pen: Pen | None = None,
) -> bytes:
    """Rotate a JPEG by quarter turns; its coefficients stay as they are, so nothing is lost.

    Parameters
    ----------
    data
        A whole baseline JPEG. Where edges are turned to the left or to the top, its size must
        be a multiple of its MCUs there, as the sizes of cameras are.
    clockwise
        Degrees: 90, 180, 270.
    strokes
        float32 ``(n, 4)``, as for `draw_lines`, in pixels of the turned picture.

    Returns
    -------
    bytes
        Without EXIF, whose orientation would turn it once more, and without restart markers.

    Raises
    ------
    UnusualJpeg
        It has to be turned as pixels: an odd edge, cut off, unusual.
    """
    start = header_length(data)
    source = parse_layout(data[:start])
    target = parse_layout(_turned_header(source, clockwise))
    intervals, ended = workspace.load(data, start, source)
    if not ended or most_mcus(len(data) - start, source) < source.count:
        raise UnsupportedJpeg("it is cut off")
    across, down = target.mcus
    touched = np.zeros((down, across), np.uint8)
    pen = pen or Pen(0)
    lines = finite(strokes)
    jpeg_mark(lines, pen.thickness / 2, *target.mcu, touched)
    # The same coefficients in another order: runs break differently, by a few bytes in a hundred.
    size = int(workspace.ends[intervals - 1]) * 5 // 4
    edited = workspace.fit_edit(size, int(np.count_nonzero(touched)), target, 1)
    status, written = jpeg_rotate(
        workspace.clean,
        workspace.ends[:intervals],
        source,
        target,
        clockwise,
        ZIGZAG,
        *rotated_order(clockwise),
        touched,
        lines,
        pen.thickness / 2,
        pen.levels,
        *workspace.fit_pool(source.count * source.blocks.size, size),
        edited,
    )
    if status:
        raise UnsupportedJpeg(REASONS[status])
    workspace.edited_ends[0] = written
    return workspace.wrap(target.header, 1)


@lru_cache(maxsize=4)
def rotated_order(
    clockwise: int,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int8]]:
    """Compute the order and signs of a block's coefficients after a rotation.

    Returns
    -------
    tuple of arrays ``(64,)``
        By their number in the stream: their number in the rotated stream, and their sign there: a
        mirrored cosine of odd frequency is its own negative.
    """
    v, u = np.divmod(ZIGZAG.astype(int), 8)
    if clockwise == 180:
        row = v
        column = u
        signs = (-1) ** (u + v)
    else:
        row = u
        column = v
        signs = (-1) ** (v if clockwise == 90 else u)
    places = row * 8 + column
    return np.argsort(ZIGZAG)[places].astype(np.uint8), signs.astype(np.int8)


def _turned_header(layout: JpegLayout, clockwise: int) -> bytes:
    """Build the header of the rotated picture.

    Raises
    ------
    UnusualJpeg
        An edge that comes to the left or to the top is not whole.
    """
    width, height = layout.mcu
    odd_right = layout.width % width
    odd_bottom = layout.height % height
    if (clockwise in (180, 270) and odd_right) or (clockwise in (90, 180) and odd_bottom):
        raise UnsupportedJpeg("its size is not a multiple of its MCUs")
    parts = [layout.header[:2]]
    for segment in layout.segments:
        body = layout.header[segment.start : segment.end]
        if segment.marker in (DRI, APP1):
            continue
        if clockwise != 180 and segment.marker in (SOF0, SOF1):
            body = _swap_frame(body)
        if clockwise != 180 and segment.marker == DQT:
            body = body[:4] + _swap_quants(body[4:])
        parts.append(body)
    assert layout.segments[-1].marker == SOS
    return b"".join(parts)


def _swap_frame(body: bytes) -> bytes:
    height, width, count = struct.unpack(">HHB", body[5:10])
    swapped = bytearray(body[:5] + struct.pack(">HHB", width, height, count) + body[10:])
    for at in range(11, 11 + 3 * count, 3):
        swapped[at] = swapped[at] >> 4 | (swapped[at] & 15) << 4
    return bytes(swapped)


def _swap_quants(body: bytes) -> bytes:
    swapped = b""
    order = rotated_order(90)[0]
    while body:
        size = 128 if body[0] >> 4 else 64
        table = np.frombuffer(body[1 : 1 + size], ">u2" if body[0] >> 4 else np.uint8)
        swapped += body[:1] + table[order].tobytes()
        body = body[1 + size :]
    return swapped
