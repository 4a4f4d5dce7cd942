"""Ridge pattern as extended data, which other readers of the standard formats leave out.

One area of a vendor's type: a mark, rows and columns, and two planes of bits packed by zlib: the mask of
the print, and the mask of its ridges.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from imgcore.fingerprint.formats.errors import FormatError
from imgcore.fingerprint.formats.fields import FieldReader, packed
from imgcore.fingerprint.pattern import Ridges, soften

TYPE = 0x4750
"""Type of the area with the ridge pattern: the letters "GP" in ASCII."""
MARK = b"gaopai ridges 1\0"
"""Bytes with which the data of the area start, as another vendor may use its type, too."""
SMALLEST = 32
"""Fewest rows or columns of a pattern that is read: 64 pixels of 500 dpi."""
LARGEST = 1000
"""Most rows or columns of a pattern that is read: 2000 pixels of 500 dpi."""

ROOM = 0xFFFF
"""Largest length in bytes that the 16 bits of an area's length field hold."""


def write(ridges: Ridges) -> bytes:
    """Write a block with one area; empty if that would be too long for its length field."""
    planes = np.packbits(np.stack([ridges != 0, ridges > 0]).ravel()).tobytes()
    data = MARK + packed("HH", *ridges.shape) + zlib.compress(planes, 9)
    length = len(data) + 4
    return packed("HH", TYPE, length) + data if length <= ROOM else b""


def read(block: bytes) -> Ridges | None:
    """Read the ridge pattern, if there is one of ours in the block.

    Raises
    ------
    FormatError
        A broken area of ours.
    """
    for kind, data in _areas(block):
        if kind == TYPE and data.startswith(MARK):
            return _pattern(FieldReader(data[len(MARK) :]))
    return None


def _areas(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield types and data of the areas; none if their lengths do not add up, as in other vendors' data.

    Some writers count the four bytes of type and length into the length, and some do not.
    """
    for counted in (4, 0):
        found = _split(block, counted)
        if found is not None:
            yield from found
            return


def _split(block: bytes, counted: int) -> list[tuple[int, bytes]] | None:
    reader = FieldReader(block)
    found = []
    while reader.left >= 4:
        kind = reader.short()
        length = reader.short() - counted
        if not 0 <= length <= reader.left:
            return None
        found.append((kind, reader.take(length)))
    return found if reader.left == 0 else None


def _pattern(reader: FieldReader) -> Ridges:
    rows = reader.short()
    cols = reader.short()
    if not (SMALLEST <= rows <= LARGEST and SMALLEST <= cols <= LARGEST):
        raise FormatError("the course of its ridges has no finger's size")
    packed_size = -(-2 * rows * cols // 8)
    planes = np.frombuffer(_unpacked(reader.take(reader.left), packed_size), np.uint8)
    within, dark = np.unpackbits(planes, count=2 * rows * cols).reshape(2, rows, cols).astype(np.bool_)
    return soften(dark, within)


def _unpacked(data: bytes, size: int) -> bytes:
    """Decompress to exactly `size` bytes, however long the data would become."""
    decoder = zlib.decompressobj()
    try:
        plain = decoder.decompress(data, size)
    except zlib.error as exc:
        raise FormatError("the course of its ridges is damaged") from exc
    if len(plain) != size or not decoder.eof:
        raise FormatError("the course of its ridges is damaged")
    return plain
