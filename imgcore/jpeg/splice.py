"""Lines drawn into a JPEG without decoding it: only the MCUs they touch are made anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.layout import ZIGZAG, UnusualJpeg
from imgcore.jpeg.scan import Scan
from imgcore.kernels import jpeg_splice, jpeg_touch
from imgcore.types import Points

REASONS = {1: "the lines need too much room", 2: "a code is broken", 3: "its tables lack a code"}


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """How lines look.

    Attributes
    ----------
    thickness
        In pixels.
    colour
        BGR, 0..255.
    """

    thickness: float
    colour: tuple[int, int, int] = (0, 255, 0)

    @property
    def levels(self) -> npt.NDArray[np.float32]:
        """float32 ``(3,)``: Y, Cb, Cr of JFIF."""
        blue, green, red = self.colour
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        return np.array([luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402], np.float32)


def strokes_of(points: Points, closed: bool) -> npt.NDArray[np.float32]:
    """float32 ``(n, 4)``: the sides of a polyline as x0, y0, x1, y1."""
    ends = np.roll(points, -1, axis=0)
    sides = np.hstack([points, ends]).astype(np.float32)
    return sides if closed else sides[:-1]


def draw_lines(scan: Scan, strokes: npt.NDArray[np.float32], pen: Pen) -> bytes:
    """The scanned JPEG with lines on it; every MCU they do not touch keeps its bits.

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
    """
    if not scan.complete:
        raise UnusualJpeg("it is cut off")
    layout, space = scan.layout, scan.workspace
    across, down = layout.mcus
    touched = np.zeros((down, across), np.uint8)
    jpeg_touch(np.ascontiguousarray(strokes, np.float32), pen.thickness / 2, *layout.mcu, touched)
    size = int(space.ends[scan.intervals - 1])
    space.fit_edit(size, int(np.count_nonzero(touched)), len(layout.header), scan.intervals)
    status, intervals = jpeg_splice(
        space.clean,
        space.ends[: scan.intervals],
        space.bits,
        space.dcs,
        layout,
        ZIGZAG,
        touched,
        np.ascontiguousarray(strokes, np.float32),
        pen.thickness / 2,
        pen.levels,
        space.edited,
        space.edited_ends,
    )
    if status:
        raise UnusualJpeg(REASONS[status])
    return space.wrap(layout.header, intervals)
