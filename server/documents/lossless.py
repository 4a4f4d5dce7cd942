"""Lossless codings of pictures: PNG, and CCITT Group 4 for black and white."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import PIL.Image
import PIL.TiffImagePlugin

from imgcore.output.watermark import is_bilevel
from imgcore.types import Image
from server.documents.faults import cut_off
from server.documents.geometry import Dots, plausible
from server.documents.jpeg import matching_profile

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
"""First bytes of every PNG."""
_GREY = 0
"""Colour type of a PNG in grey without transparency."""
_COLOUR = 2
"""Colour type of a PNG in RGB without transparency."""
_PALETTE = 3
"""Colour type of a PNG whose samples are places in a palette."""
_CHANNELS = {_GREY: 1, _COLOUR: 3, _PALETTE: 1}
"""Samples of a pixel by a PNG's colour type; types that are not here have transparency."""
_CHUNK = 64 << 20
"""Most bytes that an ICC profile is unpacked to. Profiles are far smaller, and a few packed bytes must not
cost more."""
_ROWS = 278
"""TIFF tag of the number of rows in a strip."""
_OFFSETS = 273
"""TIFF tag of the offsets of the strips."""
_COUNTS = 279
"""TIFF tag of the numbers of bytes in the strips."""
_PHOTOMETRIC = 262
"""TIFF tag of the photometric interpretation, which says what a sample's value means."""
_WHITE_IS_ZERO = 0
"""Photometric interpretation of a TIFF in which 0 is white."""


@dataclass(frozen=True, slots=True, eq=False)
class Png:
    """A PNG's pixels, compressed and filtered.

    Attributes
    ----------
    data
        One deflated stream of rows, each with its filter before it.
    depth
        Bits of a sample.
    palette
        RGB, three bytes an entry, or nothing.
    """

    data: bytes
    width: int
    height: int
    depth: int
    channels: int
    palette: bytes = b""
    profile: bytes = b""


def stored_png(data: bytes) -> Png | None:
    """Return the pixels of a PNG as they are, or None where a PDF cannot hold them so.

    Interlaced and transparent ones are refused, and those with an orientation.

    Raises
    ------
    server.documents.faults.DocumentFault
        The file is cut off.
    """
    width, height, depth, colour, *rest = _header(data)
    chunks: dict[bytes, list[bytes]] = {}
    for kind, body in _chunks(data):
        chunks.setdefault(kind, []).append(body)
    if rest != [0, 0, 0] or colour not in _CHANNELS or chunks.keys() & {b"tRNS", b"eXIf", b"acTL"}:
        return None
    channels = _CHANNELS[colour]
    palette = b"".join(chunks.get(b"PLTE", [])) if colour == _PALETTE else b""
    if colour == _PALETTE and (not palette or len(palette) % 3):
        return None
    profile = matching_profile(_profile(chunks), channels) if colour != _PALETTE else b""
    return Png(b"".join(chunks.get(b"IDAT", [])), width, height, depth, channels, palette, profile)


def png_dots(data: bytes) -> Dots | None:
    """Return the resolution that a PNG states.

    Raises
    ------
    server.documents.faults.DocumentFault
        The file is cut off.
    """
    for kind, body in _chunks(data):
        if kind == b"pHYs" and len(body) == 9:
            across, down, unit = struct.unpack(">IIB", body)
            return plausible(across * 0.0254, down * 0.0254) if unit == 1 else None
        if kind == b"IDAT":
            break
    return None


def encode_png(image: Image) -> bytes:
    """Return the PNG of a picture, of one bit a pixel where that is enough."""
    # Deflate's fastest level: twice as fast as the next for a few bytes in a hundred.
    options = [cv2.IMWRITE_PNG_BILEVEL, 1] if is_bilevel(image) else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    return cv2.imencode(".png", image, options)[1].tobytes()


def encode_group4(image: Image) -> bytes:
    """Return the CCITT Group 4 code of a picture of 0 and 255 alone, some 50 kB a page; white is 0 in it.

    Parameters
    ----------
    image
        uint8 grey.
    """
    sink = io.BytesIO()
    two = PIL.Image.fromarray(image).convert("1", dither=PIL.Image.Dither.NONE)
    # One strip: a PDF takes no more, and the code goes on from row to row.
    tags = {_ROWS: image.shape[0], _PHOTOMETRIC: _WHITE_IS_ZERO}
    two.save(sink, "TIFF", compression="group4", tiffinfo=tags)
    sink.seek(0)
    with PIL.TiffImagePlugin.TiffImageFile(sink) as written:
        (start,) = written.tag_v2[_OFFSETS]
        (size,) = written.tag_v2[_COUNTS]
    return sink.getvalue()[start : start + size]


def _header(data: bytes) -> tuple[int, ...]:
    if len(data) < 33:
        raise cut_off()
    return struct.unpack_from(">IIBBBBB", data, 16)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_MAGIC)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4])
        if end + 4 > len(data):
            break
        kind = data[at + 4 : at + 8]
        yield kind, data[at + 8 : end]
        if kind == b"IEND":
            return
        at = end + 4
    raise cut_off()


def _profile(chunks: dict[bytes, list[bytes]]) -> bytes:
    body = chunks.get(b"iCCP", [b""])[0]
    name, _, packed = body.partition(b"\0")
    if not name or not packed:
        return b""
    try:
        return zlib.decompressobj().decompress(packed[1:], _CHUNK)
    except zlib.error:
        return b""
