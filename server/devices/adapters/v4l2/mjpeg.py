"""Camera JPEGs made whole: from SOI to EOI, no padding, Huffman tables present.

Motion-JPEG cameras take liberties that a JPEG decoder does not forgive: buffers padded
with zeros, the Huffman tables left out because "everybody has them" (the AVI convention),
the end marker forgotten. Pixels are never touched here.
"""

from __future__ import annotations

import mmap
from typing import NamedTuple

from imgcore.jpeg.standard import STANDARD_DHT

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_DHT, _SOS = 0xC4, 0xDA
MAX_SEGMENTS = 64
"""More header segments than any camera writes; beyond it the frame counts as broken."""

HABIT = 8
"""So many frames in a row without EOI are a camera's habit, not lost data."""


class Header(NamedTuple):
    """Where the header of a JPEG ends: the offset of SOS, and whether a DHT came before."""

    scan: int
    has_tables: bool


class Mjpeg:
    """Makes the frames of one stream whole."""

    def __init__(self) -> None:
        self._unfinished = 0

    def whole(self, buffer: mmap.mmap, used: int) -> bytes | None:
        """A copy of the JPEG in the first `used` bytes, or None if there is no whole one.

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
        if self._unfinished > HABIT:
            return _copy(buffer, header, used) + _EOI
        return None


def read_header(buffer: mmap.mmap, used: int) -> Header | None:
    """Walk the segments from SOI to SOS; None for anything that is not a JPEG header."""
    if buffer[:2] != _SOI:
        return None
    position, has_tables = 2, False
    for _ in range(MAX_SEGMENTS):
        if position + 4 > used or buffer[position] != 0xFF:
            return None
        marker = buffer[position + 1]
        if marker == _SOS:
            return Header(position, has_tables)
        if marker == 0xFF:  # a fill byte, legal before any marker
            position += 1
            continue
        has_tables = has_tables or marker == _DHT
        position += 2 + max(2, buffer[position + 2] << 8 | buffer[position + 3])
    return None


def _copy(buffer: mmap.mmap, header: Header, end: int) -> bytes:
    if header.has_tables:
        return buffer[:end]
    with memoryview(buffer) as view:
        return b"".join((view[: header.scan], STANDARD_DHT, view[header.scan : end]))
