"""Headers of JPEGs, read without decoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import PIL.Image

from imgcore.pillow import ORIENTATION, broken
from imgcore.shape import check_shape
from server.documents.faults import DocumentFault, cut_off, damaged
from server.documents.geometry import Dots, plausible
from server.errors import LocalizedText

_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of the frames that decoders know: baseline, extended and progressive."""
_UNKNOWN_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the frames that no decoder here knows: most are lossless or arithmetic."""
_SOS = 0xDA
"""Marker of the start of a scan, from where on pixels are coded."""
_EOI = b"\xff\xd9"
"""Marker of the end of a JPEG, with the 0xFF before it."""
_APP0 = 0xE0
"""Marker of the segment that JFIF uses."""
_APP1 = 0xE1
"""Marker of the segment that EXIF uses."""
_APP2 = 0xE2
"""Marker of the segments that ICC profiles use."""
_APP14 = 0xEE
"""Marker of the segment in which Adobe's programs name their colour transform."""
_ICC = b"ICC_PROFILE\0"
"""First bytes of a segment with a part of an ICC profile."""
_EXIF = b"Exif\0\0"
"""First bytes of a segment with EXIF."""
_SPACES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
"""Number of channels that an ICC profile is for, by the colour space that its header names."""
_PER_INCH = {1: 1.0, 2: 2.54}
"""Factor that makes JFIF's density dots an inch, by its unit: 1 for inches, 2 for centimetres."""
_X = 0x011A
"""EXIF tag of the resolution across."""
_Y = 0x011B
"""EXIF tag of the resolution down."""
_UNIT = 0x0128
"""EXIF tag of the unit of both resolutions: 2 for inches, 3 for centimetres."""


@dataclass(frozen=True, slots=True, eq=False)
class Jpeg:
    """A whole JPEG and its header.

    Attributes
    ----------
    channels
        1 grey, 3 colour, 4 CMYK.
    sampling
        Blocks of each channel in an MCU, across and down.
    baseline
        True if every decoder knows its coding.
    transform
        Adobe's colour transform: 0 none, 1 YCbCr, 2 YCCK; -1 where nothing says so.
    jfif
        True for a JFIF file, which always is YCbCr.
    orientation
        EXIF orientation that shows it upright, 1 to 8.
    dots
        Dots an inch as stored, across and down, or None.
    profile
        Its ICC profile where that fits its channels, else nothing.
    """

    data: bytes
    width: int
    height: int
    channels: int
    sampling: tuple[tuple[int, int], ...]
    baseline: bool
    transform: int = -1
    jfif: bool = False
    orientation: int = 1
    dots: Dots | None = None
    profile: bytes = b""


def read_jpeg(data: bytes, limit_pixels: int) -> Jpeg:
    """Read a JPEG's header, and see that its end is there.

    Raises
    ------
    DocumentFault
        It is cut off, broken, or of a kind that nobody reads.
    imgcore.types.ImageError
        Too many pixels.
    """
    found: Jpeg | None = None
    notes: list[tuple[int, bytes]] = []
    coded = 0
    for marker, start, end in _segments(data):
        if marker in _UNKNOWN_FRAMES:
            raise DocumentFault(LocalizedText("不支持这种 JPEG 编码", "its JPEG coding is not supported"))
        if marker in _FRAMES:
            found = _frame(data, marker, start, end)
        elif marker in (_APP0, _APP1, _APP2, _APP14):
            notes.append((marker, data[start:end]))
        elif marker == _SOS:
            coded = end
            break
    if found is None or not coded:
        raise cut_off()
    check_shape(found.width, found.height, limit_pixels)
    if data.rfind(_EOI) < coded:
        raise cut_off()
    return _annotated(found, notes)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of the content of each segment up to the first scan's."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise damaged()
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end < at + 4 or end > len(data):
            raise cut_off()
        yield marker, at + 4, end
        at = end


def _frame(data: bytes, marker: int, start: int, end: int) -> Jpeg:
    if end - start < 6 or end - start < 6 + 3 * data[start + 5]:
        raise damaged()
    precision, height, width, channels = struct.unpack_from(">BHHB", data, start)
    if precision != 8 or channels not in (1, 3, 4):
        raise DocumentFault(
            LocalizedText("不支持这种 JPEG 像素格式", "its kind of JPEG pixels is not supported")
        )
    factors = (data[start + 7 + 3 * channel] for channel in range(channels))
    sampling = tuple((factor >> 4, factor & 15) for factor in factors)
    return Jpeg(data, width, height, channels, sampling, marker != 0xC2)


def _annotated(jpeg: Jpeg, notes: list[tuple[int, bytes]]) -> Jpeg:
    parts: dict[int, bytes] = {}
    density: Dots | None = None
    for marker, body in notes:
        if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 12:
            unit, across, down = struct.unpack_from(">BHH", body, 7)
            density = plausible(across * _PER_INCH.get(unit, 0.0), down * _PER_INCH.get(unit, 0.0))
            jpeg = replace(jpeg, jfif=True, dots=density or jpeg.dots)
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
            jpeg = replace(jpeg, transform=body[11])
        elif marker == _APP1 and body.startswith(_EXIF):
            orientation, dots = _exif(body)
            jpeg = replace(jpeg, orientation=orientation, dots=density or dots)
        elif marker == _APP2 and body.startswith(_ICC) and len(body) > 14:
            parts[body[12]] = body[14:]
    return replace(
        jpeg, profile=matching_profile(b"".join(parts[number] for number in sorted(parts)), jpeg.channels)
    )


def matching_profile(profile: bytes, channels: int) -> bytes:
    """Return the ICC profile, or nothing where it is one for other channels."""
    return profile if _SPACES.get(profile[16:20]) == channels else b""


def _exif(body: bytes) -> tuple[int, Dots | None]:
    exif = PIL.Image.Exif()
    faults: tuple[type[Exception], ...] = (*broken(), ZeroDivisionError)
    try:
        exif.load(body)
        orientation = int(exif.get(ORIENTATION, 1))
        scale = 2.54 if exif.get(_UNIT, 2) == 3 else 1.0
        dots = plausible(float(exif.get(_X, 0)) * scale, float(exif.get(_Y, 0)) * scale)
    except faults:
        # Cameras write all kinds of things there; the picture is sound without.
        return 1, None
    return (orientation if 1 <= orientation <= 8 else 1), dots


def without_orientation(data: bytes) -> bytes:
    """Return the JPEG with EXIF orientation 1; its pixels and its length stay."""
    for marker, start, end in _segments(data):
        if marker == _APP1 and data[start : start + 6] == _EXIF:
            at = _orientation_at(data[start + 6 : end])
            if at is not None:
                byte_order = "<" if data[start + 6 : start + 8] == b"II" else ">"
                place = start + 6 + at
                return data[:place] + struct.pack(f"{byte_order}H", 1) + data[place + 2 :]
        if marker == _SOS:
            break
    return data


def _orientation_at(tiff: bytes) -> int | None:
    """Return the offset of the orientation's value in EXIF's TIFF, or None."""
    byte_order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if byte_order is None or len(tiff) < 8:
        return None
    (directory,) = struct.unpack_from(f"{byte_order}I", tiff, 4)
    if directory + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(f"{byte_order}H", tiff, directory)
    for entry in range(directory + 2, min(directory + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind = struct.unpack_from(f"{byte_order}HH", tiff, entry)
        if (tag, kind) == (ORIENTATION, 3):
            return entry + 8
    return None
