"""Pixel formats of V4L2: compressed frames repaired, raw ones described."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgcore.jpeg.standard import STANDARD_DHT
from server.devices.adapters.v4l2.video_node import BufferLayout
from server.devices.adapters.v4l2.videodev2 import fourcc
from server.devices.ports.camera import PixelFormat

_SOI = b"\xff\xd8"
"""First bytes of a JPEG."""
_EOI = b"\xff\xd9"
"""Last bytes of a JPEG."""
_DHT = 0xC4
"""Marker of a segment with Huffman tables."""
_SOS = 0xDA
"""Marker of the start of a scan, from where on pixels are coded."""
MAX_SEGMENTS = 64
"""Header segments that are looked at, which are more than any camera writes; beyond them the frame counts as
broken."""

MAX_UNFINISHED = 8
"""Most frames in a row without EOI that count as lost data; a camera with more never sends it."""


class ScanOffset(NamedTuple):
    """Header of a JPEG: the offset of SOS; true for a DHT before it."""

    scan: int
    has_tables: bool


class Mjpeg:
    """Completes the JPEG frames of one stream."""

    def __init__(self) -> None:
        self._unfinished = 0

    def whole(self, buffer: mmap.mmap, used: int) -> bytes | None:
        """Return a copy of the JPEG in the first `used` bytes, or None if there is no whole one.

        A frame without EOI was cut off on its way and is refused, unless all frames of
        this camera come so: then EOI is appended.
        """
        header = read_header(buffer, used)
        if header is None:
            return None
        end = buffer.rfind(_EOI, header.scan, used)
        self._unfinished = self._unfinished + 1 if end < 0 else 0
        if end >= 0:
            return _copy(buffer, header, end + len(_EOI))
        if self._unfinished > MAX_UNFINISHED:
            return _copy(buffer, header, used) + _EOI
        return None


def read_header(buffer: mmap.mmap, used: int) -> ScanOffset | None:
    """Walk the segments from SOI to SOS; None for anything that is not a JPEG header."""
    if buffer[:2] != _SOI:
        return None
    position = 2
    has_tables = False
    for _ in range(MAX_SEGMENTS):
        if position + 4 > used or buffer[position] != 0xFF:
            return None
        marker = buffer[position + 1]
        if marker == _SOS:
            return ScanOffset(position, has_tables)
        if marker == 0xFF:  # a fill byte, legal before any marker
            position += 1
            continue
        has_tables = has_tables or marker == _DHT
        position += 2 + max(2, buffer[position + 2] << 8 | buffer[position + 3])
    return None


def _copy(buffer: mmap.mmap, header: ScanOffset, end: int) -> bytes:
    if header.has_tables:
        return buffer[:end]
    with memoryview(buffer) as view:
        return b"".join((view[: header.scan], STANDARD_DHT, view[header.scan : end]))


GREY = fourcc("GREY")
"""Format of V4L2 with one byte a pixel, as infrared cameras deliver it."""

SOURCES = {
    fourcc("MJPG"): PixelFormat.MJPG,
    fourcc("JPEG"): PixelFormat.MJPG,
    fourcc("YUYV"): PixelFormat.YUYV,
    fourcc("UYVY"): PixelFormat.YUYV,
    fourcc("BGR3"): PixelFormat.BGR,
    fourcc("RGB3"): PixelFormat.BGR,
    GREY: PixelFormat.YUYV,
}
"""Formats of V4L2 that become a frame without decoding, and the frame's format; the cheapest of each kind
come first."""

Copier = Callable[[mmap.mmap, int], bytes | None]
"""Function of a buffer and its used length that returns a copy in the frame's format, or None if broken."""


def sources(offered: Iterable[int]) -> dict[PixelFormat, int]:
    """Return the driver format to ask for, for each frame format that `offered` can give.

    Frame formats come best first: compressed ones fit the bus at full size.
    """
    present = set(offered)
    found: dict[PixelFormat, int] = {}
    for source, result in SOURCES.items():
        if source in present:
            found.setdefault(result, source)
    return found


def grey_only(offered: Iterable[int]) -> bool:
    """Return whether grey is the only format in use here that a device offers."""
    return SOURCES.keys() & set(offered) == {GREY}


def copier(layout: BufferLayout) -> Copier:
    """Return the function that copies frames of that layout out of the driver's memory."""
    if SOURCES[layout.fourcc] is PixelFormat.MJPG:
        return Mjpeg().whole
    return _Raw(layout).packed


class _Raw:
    """Uncompressed rows, perhaps padded, perhaps in another order of components."""

    def __init__(self, layout: BufferLayout) -> None:
        pixel = _BYTES.get(layout.fourcc, 2)
        self._rows = layout.size.height
        self._row = layout.size.width * pixel
        self._stride = max(layout.stride, self._row)
        self._swap = _SWAPS.get(layout.fourcc)

    def packed(self, buffer: mmap.mmap, used: int) -> bytes | None:
        # The last row may come without its padding.
        if used < self._stride * (self._rows - 1) + self._row:
            return None
        if self._stride == self._row and self._swap is None:
            return buffer[: self._row * self._rows]
        rows = np.ndarray((self._rows, self._row), np.uint8, buffer, strides=(self._stride, 1))
        return (rows if self._swap is None else self._swap(rows)).tobytes()


Rows = NDArray[np.uint8]


def _swap_pairs(rows: Rows) -> Rows:
    """Convert UYVY to YUYV: swap each pair of bytes."""
    return rows.reshape(len(rows), -1, 2)[:, :, ::-1]


def _swap_ends(rows: Rows) -> Rows:
    """Convert RGB to BGR."""
    return rows.reshape(len(rows), -1, 3)[:, :, ::-1]


def _add_colour(rows: Rows) -> Rows:
    """Convert grey of the full range to YUYV without colour, whose luma goes from 16 to 235."""
    return np.stack((_VIDEO_LEVELS[rows], np.full_like(rows, 128)), axis=2)


_VIDEO_LEVELS = np.rint(16 + np.arange(256) * 219 / 255).astype(np.uint8)
"""Luma of YUYV, 16 to 235, by a grey level of the full range."""


_SWAPS: dict[int, Callable[[Rows], Rows]] = {
    fourcc("UYVY"): _swap_pairs,
    fourcc("RGB3"): _swap_ends,
    GREY: _add_colour,
}
"""Functions that put the components of a pixel in the frame's order, by the format of V4L2."""
_BYTES = {fourcc("BGR3"): 3, fourcc("RGB3"): 3, GREY: 1}
"""Bytes of a pixel by the format of V4L2, where they are not two."""
