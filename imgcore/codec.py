"""Decoding and encoding of pictures: JPEG, PNG, BMP, TIFF and WebP.

The header is checked before a pixel is decoded: Pillow reads it lazily, OpenCV decodes. TIFFs
and animations are decoded by Pillow, too; OpenCV gets their transparency wrong.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL.BmpImagePlugin
import PIL.Image
import PIL.ImageFile
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin

from imgcore import tiff
from imgcore.pillow import ORIENTATION, broken, flattened, from_pillow, turned
from imgcore.shape import check_shape
from imgcore.strips import ROWS, for_strips
from imgcore.types import Image, ImageError

_READERS: dict[bytes, tuple[str, Callable[[io.BytesIO], PIL.ImageFile.ImageFile]]] = {
    b"\xff\xd8\xff": ("JPEG", lambda file: PIL.JpegImagePlugin.JpegImageFile(file)),
    b"\x89PNG\r\n\x1a\n": ("PNG", lambda file: PIL.PngImagePlugin.PngImageFile(file)),
    b"BM": ("BMP", lambda file: PIL.BmpImagePlugin.BmpImageFile(file)),
    b"RIFF": ("WEBP", lambda file: PIL.WebPImagePlugin.WebPImageFile(file)),
}
"""Readers of headers by a file's first bytes; its name does not count. Not PIL.Image.open: the
limits of that belong to the process, ours to the call."""
_GREY_MODES = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L", "I"})
"""Modes of grey pictures in Pillow."""
_DEFLATE_RATIO = 1032
"""Largest ratio of deflate: 258 bytes in two bits."""
_WEBP_HEADER_BYTES = 32
"""Bytes below which OpenCV takes a WebP for a part of one; shorter ones are filled up."""
_DOTS_PER_INCH = 2
"""Code for dots an inch as the unit of a TIFF's resolution."""
_BASELINE = 0xC0
"""Marker of a baseline JPEG's frame."""
_SCAN = 0xDA
"""Marker of a JPEG's scan."""
_MOST_STRIPPED = 16_000
"""Pixels along a side up to which a strip has no more blocks than a restart interval may have, 65535."""


@dataclass(frozen=True, slots=True)
class _Header:
    """Properties stated in a file's header."""

    format: str
    grey: bool
    orientation: int
    animated: bool


def decode(data: bytes, limit_pixels: int, oriented: bool = True) -> Image:
    """Decode a picture as it is meant to be seen.

    The EXIF orientation is applied, 16 bits become 8, CMYK becomes BGR, transparency lies
    on white, or on black where white would hide all there is; grey pictures stay grey. Of several
    frames the first counts.

    Parameters
    ----------
    data
        A complete file.
    limit_pixels
        The largest ``width * height`` accepted; checked before memory is spent.
    oriented
        True to apply the orientation that the file states; False for JPEGs out of a PDF.

    Raises
    ------
    ImageError
        Another format, a broken or cut file, too many pixels. The text has no file name
        and nothing of the content.
    """
    if data.startswith(tiff.MAGICS):
        return tiff.read_tiff_page(io.BytesIO(data), 0, limit_pixels).picture
    header = _read_header(data, limit_pixels)
    _check_complete(data, header.format)
    image = _first_frame(data, limit_pixels) if header.animated else _decoded(data, header)
    return turned(image, header.orientation) if oriented else image


def encode(image: Image, format: str, quality: int = 90, dots: float = 0.0) -> bytes:  # noqa: A002 - the word callers use
    """Encode a picture.

    Parameters
    ----------
    image
        BGR or grey.
    format
        ``jpg``, ``jpeg``, ``png``, ``bmp``, ``tif``, ``tiff`` or ``webp``. Pure black and
        white becomes CCITT Group 4 in a TIFF, some 50 kB a page.
    quality
        1..100 for jpg and webp.
    dots
        Dots an inch to be stated, 0 for none; bmp and webp state none.

    Raises
    ------
    ImageError
        An unknown format, or a picture the format cannot hold (a WebP ends at 16383 px).
    """
    kind = {"jpeg": "jpg", "tiff": "tif"}.get(format.lower(), format.lower())
    if kind not in ("jpg", "png", "bmp", "tif", "webp"):
        raise ImageError(f"no encoder for {format}; there are jpg, png, bmp, tif and webp")
    if kind == "tif" and _is_black_white(image):
        return _group4(image, dots)
    options = _options(kind, quality, dots)
    encoded = _jpeg(image, options) if kind == "jpg" else _encoded(image, kind, options)
    return _STATING[kind](encoded, dots) if dots and kind in _STATING else encoded


def has_quality(format: str) -> bool:  # noqa: A002 - the word callers use
    """Return whether files of a format become smaller with less quality."""
    return format.lower() in ("jpg", "jpeg", "webp")


def with_dots(jpeg: bytes, dots: float) -> bytes:
    """Return a JPEG that states so many dots an inch; its picture stays as it is."""
    return _jpeg_stating(jpeg, dots)


def _options(kind: str, quality: int, dots: float) -> list[int]:
    if kind == "jpg":
        return [cv2.IMWRITE_JPEG_QUALITY, quality]
    if kind == "webp":
        return [cv2.IMWRITE_WEBP_QUALITY, quality]
    if kind == "tif" and dots:
        unit = [cv2.IMWRITE_TIFF_RESUNIT, _DOTS_PER_INCH]
        return [*unit, cv2.IMWRITE_TIFF_XDPI, round(dots), cv2.IMWRITE_TIFF_YDPI, round(dots)]
    return []


def _encoded(image: Image, kind: str, options: Sequence[int]) -> bytes:
    try:
        done, data = cv2.imencode(f".{kind}", image, options)
    except cv2.error as exc:
        raise ImageError(_too_large(kind, image)) from exc
    if not done:
        raise ImageError(_too_large(kind, image))
    return data.tobytes()


def _jpeg(image: Image, options: Sequence[int]) -> bytes:
    """Encode a JPEG in strips, whose pixels are those of one that was encoded as a whole."""
    strips: dict[int, bytes] = {}

    def encode_strip(top: int, bottom: int) -> None:
        strips[top] = _encoded(image[top:bottom], "jpg", options)

    for_strips(encode_strip, len(image), ROWS if max(image.shape[:2]) <= _MOST_STRIPPED else len(image))
    return strips[0] if len(strips) == 1 else _joined([strips[top] for top in sorted(strips)], image)


def _joined(strips: Sequence[bytes], image: Image) -> bytes:
    """Join the JPEGs of a picture's strips to one, a restart interval each."""
    first = strips[0]
    places = dict(_segments(first))
    frame = places[_BASELINE]
    scan = places[_SCAN]
    begin = scan + 2 + int.from_bytes(first[scan + 2 : scan + 4], "big")
    components = first[frame + 9]
    sampling = first[frame + 11]
    # Of one component alone each block is by itself.
    wide, high = (8, 8) if components == 1 else (8 * (sampling >> 4), 8 * (sampling & 15))
    interval = -(-image.shape[1] // wide) * (ROWS // high)
    parts = [first[: frame + 5], struct.pack(">H", len(image)), first[frame + 7 : scan]]
    parts += [struct.pack(">HHH", 0xFFDD, 4, interval), first[scan:-2]]
    for number, strip in enumerate(strips[1:]):
        parts += [bytes((0xFF, 0xD0 + number % 8)), strip[begin:-2]]
    return b"".join((*parts, b"\xff\xd9"))


def _read_header(data: bytes, limit_pixels: int) -> _Header:
    kind, reader = next((entry for magic, entry in _READERS.items() if data.startswith(magic)), ("", None))
    if reader is None:
        raise ImageError("this is not a JPEG, PNG, BMP, TIFF or WebP picture")
    try:
        with reader(io.BytesIO(data)) as lazy:
            check_shape(*lazy.size, limit_pixels)
            if kind == "PNG" and _is_hollow(data):
                raise ImageError("the PNG data ends early")
            # Pillow would decode a whole PNG to see whether one follows the pixels.
            exif = _png_exif(data) if kind == "PNG" else lazy.getexif()
            orientation = int(exif.get(ORIENTATION, 1))
            animated = kind == "WEBP" and bool(getattr(lazy, "is_animated", False))
            return _Header(kind, lazy.mode in _GREY_MODES, orientation, animated)
    except broken() as exc:
        raise exc if isinstance(exc, ImageError) else ImageError("the picture's header is damaged") from exc


def _is_hollow(data: bytes) -> bool:
    """Return whether a PNG is too short for the pixels it claims; a few bytes must not cost 750 MB."""
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    channels = {2: 3, 4: 2, 6: 4}.get(colour, 1)
    return bool(width * height * depth * channels // 8 > _DEFLATE_RATIO * len(data))


def _png_exif(data: bytes) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    for kind, start, end in _png_chunks(data):
        if kind == b"eXIf":
            exif.load(data[start:end])
    return exif


def _png_end(data: bytes) -> int:
    """End of a PNG's last chunk, or 0 if one is cut off: OpenCV makes room for any length a chunk claims."""
    return next((end for kind, _, end in _png_chunks(data) if kind == b"IEND"), 0)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the data of each complete chunk."""
    at = 8
    while (start := at + 8) <= len(data):
        end = start + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            return
        yield data[at + 4 : start], start, end
        at = end + 4


def _first_frame(data: bytes, limit_pixels: int) -> Image:
    """Decode the first picture of an animated WebP, which OpenCV does not read."""
    try:
        with PIL.WebPImagePlugin.WebPImageFile(io.BytesIO(data)) as lazy:
            return from_pillow(lazy, limit_pixels)
    except broken() as exc:
        raise exc if isinstance(exc, ImageError) else ImageError("the WEBP data is damaged") from exc


def _decoded(data: bytes, header: _Header) -> Image:
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    if header.format == "JPEG":
        flags = cv2.IMREAD_GRAYSCALE if header.grey else cv2.IMREAD_COLOR
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    # OpenCV takes a WebP of fewer bytes for a part of one; what follows the picture is ignored.
    buffer = np.frombuffer(data.ljust(_WEBP_HEADER_BYTES, b"\0"), np.uint8)
    try:
        pixels = cv2.imdecode(buffer, flags)
    except cv2.error as exc:
        raise ImageError(f"the {header.format} data is damaged") from exc
    if pixels is None:
        raise ImageError(f"the {header.format} data is damaged or of an unsupported kind")
    return _eight_bit_bgr(pixels, header.grey)


def _check_complete(data: bytes, kind: str) -> None:
    """Refuse a cut-off JPEG or PNG, whose missing part OpenCV would fill with grey."""
    complete: dict[str, Callable[[], bool]] = {
        "JPEG": lambda: data.find(b"\xff\xd9", max(_first_scan(data), 0)) > 0,
        "PNG": lambda: _png_end(data) > 0,
        "WEBP": lambda: int.from_bytes(data[4:8], "little") + 8 <= len(data),
        "BMP": lambda: int.from_bytes(data[2:6], "little") <= len(data),
    }
    if not complete[kind]():
        raise ImageError(f"the {kind} data ends early")


def _first_scan(data: bytes) -> int:
    """Start of a JPEG's first scan, past any thumbnail in the segments before it."""
    return next((at for marker, at in _segments(data) if marker == _SCAN), len(data))


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield marker and start of a JPEG's segments, the first scan being the last."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:
            at += 1
            continue
        yield data[at + 1], at
        if data[at + 1] == _SCAN:
            return
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _eight_bit_bgr(pixels: npt.NDArray[Any], grey: bool) -> Image:
    """Convert pixels of any kind from OpenCV to uint8 BGR or grey."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise ImageError(f"pixels of type {pixels.dtype} are not supported")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = flattened(pixels)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if grey and pixels.ndim == 3:
        pixels = np.ascontiguousarray(pixels[:, :, 0])
    return pixels


def _is_black_white(image: Image) -> bool:
    return image.ndim == 2 and bool(np.all((image == 0) | (image == 255)))


def _group4(image: Image, dots: float) -> bytes:
    sink = io.BytesIO()
    stated = {"dpi": (dots, dots)} if dots else {}
    PIL.Image.fromarray(image).convert("1", dither=PIL.Image.Dither.NONE).save(
        sink, "TIFF", compression="group4", **stated
    )
    return sink.getvalue()


def _png_stating(data: bytes, dots: float) -> bytes:
    """Insert a pHYs chunk after a PNG's header, in pixels a metre."""
    metre = round(dots / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


def _jpeg_stating(data: bytes, dots: float) -> bytes:
    """Write the density into a JPEG's JFIF header; OpenCV always writes one first, a camera may have none."""
    density = struct.pack(">BHH", 1, round(dots), round(dots))
    if data[6:11] == b"JFIF\0":
        return data[:13] + density + data[18:]
    return data[:2] + b"\xff\xe0\x00\x10JFIF\0\x01\x01" + density + b"\0\0" + data[2:]


_STATING: dict[str, Callable[[bytes, float], bytes]] = {"png": _png_stating, "jpg": _jpeg_stating}
"""Functions that state a resolution in a file, by its format."""


def _too_large(kind: str, image: Image) -> str:
    return f"a {kind} file cannot hold a picture of {image.shape[1]} x {image.shape[0]}"
