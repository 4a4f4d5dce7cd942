"""TIFFs of many pages: JPEGs inside as they came, black and white as fax code, anything else deflated.

Written here because no library writes a page whose code is there already.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.output.watermark import is_bilevel
from imgcore.types import Image
from server.documents.blank_page import BlankPageDetector
from server.documents.geometry import Dots, assumed_dots
from server.documents.input_file import InputFile, Raster, decode_jpeg, picture_of
from server.documents.jpeg import Jpeg
from server.documents.lossless import encode_group4

_GROUP4 = 4
"""TIFF's number of the fax code CCITT Group 4."""
_JPEG = 7
"""TIFF's number of compression by JPEG."""
_DEFLATE = 8
"""TIFF's number of compression by Deflate, in Adobe's variant."""
_WHITE_IS_ZERO = 0
"""Photometric interpretation of black and white, or grey, in which 0 is white."""
_BLACK_IS_ZERO = 1
"""Photometric interpretation of black and white, or grey, in which 0 is black."""
_RGB = 2
"""Photometric interpretation of colour as red, green and blue."""
_YCBCR = 6
"""Photometric interpretation of colour as brightness and two differences of colour."""
_SHORT = 3
"""Type of a tag whose values are unsigned numbers of 16 bits."""
_LONG = 4
"""Type of a tag whose values are unsigned numbers of 32 bits."""
_RATIONAL = 5
"""Type of a tag whose values are fractions of two unsigned numbers of 32 bits."""
_UNDEFINED = 7
"""Type of a tag whose values are bytes of any meaning."""
_PACKED = {_SHORT: "H", _LONG: "I"}
"""Format of `struct` for a value, by the type of its tag; types that are not here are packed as ``I``."""
_FULL_RANGE = (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)
"""Values of the tag ReferenceBlackWhite for JPEGs: brightness from 0 to 255, colours around 128."""

Tag = tuple[int, int, tuple[int, ...]]
"""Number, type and values of a tag; a rational is two of the values."""


@dataclass(frozen=True, slots=True, eq=False)
class TiffPage:
    """A page: one strip, and how it is coded."""

    data: bytes
    width: int
    height: int
    coding: int
    photometric: int
    samples: int
    blank: bool
    depth: int = 8
    dots: Dots | None = None
    orientation: int = 1
    sampling: tuple[int, int] = (1, 1)
    profile: bytes = b""

    @property
    def size(self) -> int:
        return len(self.data)


class TiffDocumentWriter:
    """Writes TIFFs."""

    suffixes = ("tif", "tiff")

    def __init__(self, limit_pixels: int, blank_pages: BlankPageDetector) -> None:
        self._limit = limit_pixels
        self._blank_pages = blank_pages

    def prepare(self, source: InputFile, number: int) -> TiffPage:
        """Prepare a page; a JPEG that every reader of TIFFs knows is not encoded anew."""
        picture = picture_of(source, number, self._limit)
        blank = self._blank_pages.blank(picture)
        if isinstance(picture, Jpeg):
            photometric = _photometric(picture)
            if photometric is not None:
                return _of_jpeg(picture, photometric, blank)
            picture = decode_jpeg(picture, self._limit)
        return _of_raster(picture, blank)


def write_tiff(pages: Sequence[TiffPage]) -> list[memoryview]:
    """Return the TIFF of these pages, in this order, in chunks; below 4 GiB together."""
    file = _File()
    for number, page in enumerate(pages):
        strip = file.put(page.data)
        file.put_directory(list(_tags(page, strip, (number, len(pages)))), page.profile)
    return file.chunks


def _photometric(jpeg: Jpeg) -> int | None:
    """Return the photometric interpretation of a JPEG, None where readers of TIFFs know none for it."""
    if not jpeg.baseline or jpeg.channels == 4:
        return None
    first, *colours = jpeg.sampling
    if jpeg.channels == 1:
        return _BLACK_IS_ZERO if first == (1, 1) else None
    if colours != [(1, 1), (1, 1)] or not set(first) <= {1, 2, 4}:
        return None
    if jpeg.jfif or jpeg.transform == 1:
        return _YCBCR
    return _RGB if jpeg.transform == 0 and first == (1, 1) else None


def _of_jpeg(jpeg: Jpeg, photometric: int, blank: bool) -> TiffPage:
    return TiffPage(
        jpeg.data,
        jpeg.width,
        jpeg.height,
        _JPEG,
        photometric,
        jpeg.channels,
        blank,
        dots=jpeg.dots,
        orientation=jpeg.orientation,
        sampling=jpeg.sampling[0] if photometric == _YCBCR else (1, 1),
        profile=jpeg.profile,
    )


def _of_raster(raster: Raster, blank: bool) -> TiffPage:
    image = raster.image
    rows, cols = image.shape[:2]
    if is_bilevel(image):
        return TiffPage(encode_group4(image), cols, rows, _GROUP4, _WHITE_IS_ZERO, 1, blank, 1, raster.dots)
    kind, samples = (_BLACK_IS_ZERO, 1) if image.ndim == 2 else (_RGB, 3)
    return TiffPage(_deflated(image), cols, rows, _DEFLATE, kind, samples, blank, dots=raster.dots)


def _deflated(image: Image) -> bytes:
    """Return the differences to the pixel on the left, deflated at the fast level."""
    colour = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
    changes = colour.copy()
    changes[:, 1:] -= colour[:, :-1]
    return zlib.compress(changes.tobytes(), 1)


def _tags(page: TiffPage, strip: int, place: tuple[int, int]) -> Iterator[Tag]:
    across, down = page.dots or assumed_dots(page.width, page.height)
    yield 254, _LONG, (2,)
    yield 256, _LONG, (page.width,)
    yield 257, _LONG, (page.height,)
    yield 258, _SHORT, (page.depth,) * page.samples
    yield 259, _SHORT, (page.coding,)
    yield 262, _SHORT, (page.photometric,)
    yield 273, _LONG, (strip,)
    yield 274, _SHORT, (page.orientation,)
    yield 277, _SHORT, (page.samples,)
    yield 278, _LONG, (page.height,)
    yield 279, _LONG, (len(page.data),)
    yield 282, _RATIONAL, (round(across * 1000), 1000)
    yield 283, _RATIONAL, (round(down * 1000), 1000)
    yield 284, _SHORT, (1,)
    yield 296, _SHORT, (2,)
    yield 297, _SHORT, place
    if page.coding == _DEFLATE:
        yield 317, _SHORT, (2,)
    if page.photometric == _YCBCR:
        yield 530, _SHORT, page.sampling
        yield 532, _RATIONAL, _FULL_RANGE


class _File:
    """Chunks of a TIFF; none of the large ones is copied."""

    def __init__(self) -> None:
        head = bytearray(struct.pack("<2sHI", b"II", 42, 0))
        self.chunks = [memoryview(head)]
        self._length = len(head)
        self._link = self.chunks[0][4:]
        """Memory for the offset of the next directory."""

    def put(self, data: bytes | bytearray) -> int:
        """Append at an even offset and return it."""
        at = self._length
        self.chunks.append(memoryview(data))
        self._length += len(data)
        if self._length % 2:
            self.chunks.append(memoryview(b"\0"))
            self._length += 1
        return at

    def put_directory(self, tags: list[Tag], profile: bytes) -> None:
        """Append a page's directory, and name it in the one before."""
        entries = [self._entry(*tag) for tag in tags]
        if profile:
            entries.append(struct.pack("<HHII", 34675, _UNDEFINED, len(profile), self.put(profile)))
        directory = bytearray(struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4))
        struct.pack_into("<I", self._link, 0, self.put(directory))
        self._link = memoryview(directory)[-4:]

    def _entry(self, number: int, kind: int, values: tuple[int, ...]) -> bytes:
        count = len(values) // 2 if kind == _RATIONAL else len(values)
        packed = struct.pack(f"<{len(values)}{_PACKED.get(kind, 'I')}", *values)
        if len(packed) > 4:
            packed = struct.pack("<I", self.put(packed))
        return struct.pack("<HHI", number, kind, count) + packed.ljust(4, b"\0")
