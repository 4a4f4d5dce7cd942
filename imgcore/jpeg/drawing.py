"""Lines drawn into a JPEG without decoding it: only the MCUs they touch are encoded anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.layout import ZIGZAG, UnsupportedJpeg
from imgcore.jpeg.scan import JpegScan
from imgcore.kernels import jpeg_draw, jpeg_mark
from imgcore.types import Points

REASONS = {1: "the lines need too much room", 2: "a code is broken", 3: "its tables lack a code"}
"""Clause of an error for each status of the kernels other than 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """Thickness and colour of lines.

    Attributes
    ----------
    thickness
        In pixels.
    colour
        BGR, 0..255.

    Raises
    ------
    ValueError
    """

    thickness: float
    colour: tuple[int, int, int] = (0, 255, 0)

    def __post_init__(self) -> None:
        if not 0 <= self.thickness < np.inf or not all(0 <= level <= 255 for level in self.colour):
            raise ValueError(f"no pen has thickness {self.thickness} and colour {self.colour}")

    @property
    def levels(self) -> npt.NDArray[np.float32]:
        """float32 ``(3,)``: Y, Cb, Cr of JFIF."""
        blue, green, red = self.colour
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        return np.array([luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402], np.float32)


def strokes_of(points: Points, closed: bool) -> npt.NDArray[np.float32]:
    """Split a polyline into its sides, float32 ``(n, 4)`` as x0, y0, x1, y1."""
    ends = np.roll(points, -1, axis=0)
    sides = np.hstack([points, ends]).astype(np.float32)
    return sides if closed else sides[:-1]


def finite(strokes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return `strokes` as contiguous float32.

    Raises
    ------
    ValueError
        One of them is infinite or no number.
    """
    plain = np.ascontiguousarray(strokes, np.float32)
    if not np.isfinite(plain).all():
        raise ValueError("strokes have to be finite")
    return plain


def draw_lines(scan: JpegScan, strokes: npt.NDArray[np.float32], pen: Pen) -> bytes:
    """Draw lines on a scanned JPEG; every MCU they do not touch keeps its bits.

    Parameters
    ----------
    scan
        Complete, and its workspace not used since.
    strokes
        float32 ``(n, 4)``: x0, y0, x1, y1, integers at pixel centres; may lie outside.

    Returns
    -------
    bytes
        A whole JPEG, Huffman tables included.

    Raises
    ------
    UnusualJpeg
        It has to be drawn on as pixels: it is cut off, or its optimised tables lack a code.
    ValueError
        The workspace was used since the scan, or strokes are not finite.
    """
    if scan.frame != scan.workspace.frame:
        raise ValueError("the workspace was used since the scan")
    if not scan.complete:
        raise UnsupportedJpeg("it is cut off")
    layout = scan.layout
    space = scan.workspace
    across, down = layout.mcus
    touched = np.zeros((down, across), np.uint8)
    strokes = finite(strokes)
    jpeg_mark(strokes, pen.thickness / 2, *layout.mcu, touched)
    size = int(space.ends[scan.intervals - 1])
    edited = space.fit_edit(size, int(np.count_nonzero(touched)), layout, scan.intervals)
    status, intervals = jpeg_draw(
        space.clean,
        space.ends[: scan.intervals],
        space.bits,
        space.dcs,
        layout,
        ZIGZAG,
        touched,
        strokes,
        pen.thickness / 2,
        pen.levels,
        edited,
        space.edited_ends,
    )
    if status:
        raise UnsupportedJpeg(REASONS[status])
    return space.wrap(layout.header, intervals)
