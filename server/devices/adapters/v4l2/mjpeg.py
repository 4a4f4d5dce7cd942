"""Camera JPEGs made whole: from SOI to EOI, no padding, Huffman tables present.

Motion-JPEG cameras take liberties that a JPEG decoder does not forgive: buffers padded
with zeros, the Huffman tables left out because "everybody has them" (the AVI convention),
the end marker forgotten. Pixels are never touched here.
"""

from __future__ import annotations

import mmap
import struct
from typing import NamedTuple

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
        return b"".join((view[: header.scan], STANDARD_TABLES, view[header.scan : end]))


# The typical Huffman tables of ITU-T T.81 annex K.3 ---------------------------------------

_DC_VALUES = bytes(range(12))
_AC_LUMINANCE = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a"
    "3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a929394"
    "95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8"
    "e9eaf1f2f3f4f5f6f7f8f9fa"
)
_AC_CHROMINANCE = bytes.fromhex(
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728"
    "292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92"
    "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7"
    "e8e9eaf2f3f4f5f6f7f8f9fa"
)


def _table(place: int, lengths: str, values: bytes) -> bytes:
    """One table: class and number, how many codes there are of each length, their values."""
    return bytes([place]) + bytes.fromhex(lengths) + values


_TABLES = b"".join(
    (
        _table(0x00, "00010501010101010100000000000000", _DC_VALUES),
        _table(0x10, "0002010303020403050504040000017d", _AC_LUMINANCE),
        _table(0x01, "00030101010101010101010000000000", _DC_VALUES),
        _table(0x11, "00020102040403040705040400010277", _AC_CHROMINANCE),
    )
)
STANDARD_TABLES = struct.pack(">BBH", 0xFF, _DHT, 2 + len(_TABLES)) + _TABLES
"""One DHT segment with all four."""
