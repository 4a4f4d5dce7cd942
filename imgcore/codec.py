"""Pictures from bytes and back: JPEG, PNG, BMP, TIFF and WebP.

The header is judged before a pixel is decoded: Pillow reads it lazily, OpenCV decodes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image

from imgcore.types import Image, ImageError

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP")
_MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_GREY_MODES = frozenset({"1", "L", "I;16", "I;16B", "I;16L", "I"})
_ORIENTATION = 0x0112
_BROKEN_HEADER = (
    *(OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError, OverflowError),
    *(IndexError, AttributeError, struct.error, UserWarning),
)
"""What Pillow's readers raise on a broken header, its warnings included where they are errors."""
_TURNED: dict[int, Callable[[Image], Any]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
_QUALITY = {"jpg": cv2.IMWRITE_JPEG_QUALITY, "webp": cv2.IMWRITE_WEBP_QUALITY}


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file says about itself."""

    format: str
    grey: bool
    orientation: int


def decode(data: bytes, limit_pixels: int) -> Image:
    """Decode a picture as it is meant to be seen.

    The EXIF orientation is applied, 16 bits become 8, CMYK becomes BGR, transparency lies
    on white; grey pictures stay grey. Of several frames the first counts.

    Parameters
    ----------
    data
        A complete file.
    limit_pixels
        The largest ``width * height`` accepted; judged before memory is spent.

    Raises
    ------
    ImageError
        Another format, a broken or cut file, too many pixels. The text has no file name
        and nothing of the content.
    """
    header = _read_header(data, limit_pixels)
    _check_complete(data, header.format)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    if header.format == "JPEG":
        flags = cv2.IMREAD_GRAYSCALE if header.grey else cv2.IMREAD_COLOR
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as exc:
        raise ImageError(f"the {header.format} data is damaged") from exc
    if pixels is None:
        raise ImageError(f"the {header.format} data is damaged or of an unsupported kind")
    return _turned(_eight_bit_bgr(pixels, header.grey), header.orientation)


def encode(image: Image, format: str, quality: int = 90) -> bytes:  # noqa: A002 - the word callers use
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

    Raises
    ------
    ImageError
        An unknown format, or a picture the format cannot hold (a WebP ends at 16383 px).
    """
    kind = {"jpeg": "jpg", "tiff": "tif"}.get(format.lower(), format.lower())
    if kind not in ("jpg", "png", "bmp", "tif", "webp"):
        raise ImageError(f"no encoder for {format}; there are jpg, png, bmp, tif and webp")
    if kind == "tif" and _is_black_white(image):
        return _group4(image)
    options = [_QUALITY[kind], quality] if kind in _QUALITY else []
    try:
        done, data = cv2.imencode(f".{kind}", image, options)
    except cv2.error as exc:
        raise ImageError(_too_large(kind, image)) from exc
    if not done:
        raise ImageError(_too_large(kind, image))
    return data.tobytes()


def _read_header(data: bytes, limit_pixels: int) -> _Header:
    if not data.startswith(_MAGICS):
        raise ImageError("this is not a JPEG, PNG, BMP, TIFF or WebP picture")
    try:
        # Pillow's own limits are far above any sensible one of ours; a warning of it that
        # was made an exception is caught with the rest.
        with PIL.Image.open(io.BytesIO(data), formats=_FORMATS) as lazy:
            width, height = lazy.size
            _check_size(width, height, limit_pixels)
            kind = "JPEG" if lazy.format == "MPO" else str(lazy.format)
            # OpenCV turns a TIFF by its tag whatever the flags say; it is not to be turned twice.
            orientation = 1 if kind == "TIFF" else int(lazy.getexif().get(_ORIENTATION, 1))
            return _Header(kind, lazy.mode in _GREY_MODES, orientation)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as exc:
        raise ImageError(f"the picture is over the limit of {limit_pixels} pixels") from exc
    except ImageError:
        raise
    except _BROKEN_HEADER as exc:
        raise ImageError("the picture's header is damaged") from exc


def _check_size(width: int, height: int, limit_pixels: int) -> None:
    if width < 1 or height < 1:
        raise ImageError("the picture is empty")
    if width * height > limit_pixels:
        raise ImageError(f"the picture of {width} x {height} is over the limit of {limit_pixels} pixels")


def _turned(image: Image, orientation: int) -> Image:
    turn = _TURNED.get(orientation)
    return np.ascontiguousarray(turn(image)) if turn else image


def _check_complete(data: bytes, kind: str) -> None:
    """OpenCV fills the missing part of a cut JPEG or PNG with grey; we refuse it instead."""
    complete: dict[str, Callable[[], bool]] = {
        "JPEG": lambda: data.find(b"\xff\xd9", max(_first_scan(data), 0)) > 0,
        "PNG": lambda: b"IEND\xaeB`\x82" in data[-(1 << 16) :],
        "WEBP": lambda: int.from_bytes(data[4:8], "little") + 8 <= len(data),
        "BMP": lambda: int.from_bytes(data[2:6], "little") <= len(data),
        "TIFF": lambda: True,
    }
    if not complete[kind]():
        raise ImageError(f"the {kind} data ends early")


def _first_scan(data: bytes) -> int:
    """Where a JPEG's first scan starts, past any thumbnail in the segments before it."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:
            return at
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return len(data)


def _eight_bit_bgr(pixels: npt.NDArray[Any], grey: bool) -> Image:
    """Whatever OpenCV gave, as uint8 BGR or grey."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise ImageError(f"pixels of type {pixels.dtype} are not supported")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = _over_white(pixels)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if grey and pixels.ndim == 3:
        pixels = np.ascontiguousarray(pixels[:, :, 0])
    return pixels


def _over_white(pixels: Image) -> Image:
    alpha = pixels[:, :, 3:].astype(np.uint16)
    mixed = pixels[:, :, :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _is_black_white(image: Image) -> bool:
    return image.ndim == 2 and bool(np.all((image == 0) | (image == 255)))


def _group4(image: Image) -> bytes:
    sink = io.BytesIO()
    PIL.Image.fromarray(image).convert("1", dither=PIL.Image.Dither.NONE).save(
        sink, "TIFF", compression="group4"
    )
    return sink.getvalue()


def _too_large(kind: str, image: Image) -> str:
    return f"a {kind} file cannot hold a picture of {image.shape[1]} x {image.shape[0]}"
