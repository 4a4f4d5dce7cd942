"""One picture file: what its header tells, and its bytes as a JPEG of the size asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from imgcore.types import Image
from server.devices.adapters.filesystem.source import UnusableSource
from server.devices.ports.camera import Size

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})

PIXEL_LIMIT = 200_000_000
"""Larger pictures are refused by their header. Pillow itself draws its line at 179 megapixels."""

BYTE_LIMIT = 256 << 20

ORIENTATION = 0x0112
"""The EXIF tag; 1 is upright, 5 to 8 lie on their side."""

SURROUND = (40, 40, 40)
"""What is left and right of a picture that has another shape than the mode."""

QUALITY = 92


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file.

    Attributes
    ----------
    size
        Of the upright picture.
    ready
        Whether the file itself is what a camera would send: a sequential 8-bit JPEG,
        upright, grey or colour.
    """

    path: Path
    size: Size
    ready: bool


def inspect(path: Path) -> Picture:
    """What the header tells.

    Raises
    ------
    UnusableSource
        No picture, unreadable, or too large.
    """
    try:
        if path.stat().st_size > BYTE_LIMIT:
            raise UnusableSource(f"it is larger than {BYTE_LIMIT >> 20} MB")
        with Pillow.open(path) as image:
            return _described(path, image)
    except Pillow.DecompressionBombError as exc:
        raise UnusableSource(f"it has more than {PIXEL_LIMIT // 1_000_000} megapixels") from exc
    except (FileNotFoundError, PermissionError) as exc:
        raise UnusableSource("it does not exist or may not be read") from exc
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as exc:
        raise UnusableSource("it is no readable picture") from exc


def load(picture: Picture, size: Size) -> bytes:
    """The picture as a JPEG of `size`: the file's own bytes if they are that, else made anew.

    Raises
    ------
    UnusableSource
        The file vanished or cannot be decoded.
    """
    try:
        if picture.ready and picture.size == size:
            data = picture.path.read_bytes()
            if complete(data):
                return data
        return _jpeg(fitted(_upright(picture.path), size))
    except (OSError, SyntaxError, ValueError) as exc:
        raise UnusableSource("a picture cannot be decoded") from exc


def complete(data: bytes) -> bool:
    """Whether the bytes are a sequential Huffman-coded JPEG from SOI to EOI."""
    return data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9") and _sequential(data)


def natural(path: Path) -> list[tuple[int, str]]:
    """A sort key that puts page 2 before page 10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def fitted(image: Image, size: Size) -> Image:
    """The whole of `image` in a picture of `size`, its shape kept."""
    rows, cols = image.shape[:2]
    if (cols, rows) == size:
        return image
    scale = min(size.width / cols, size.height / rows)
    inner = (max(1, round(cols * scale)), max(1, round(rows * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    framed = np.full((size.height, size.width, 3), SURROUND, np.uint8)
    left, top = (size.width - inner[0]) // 2, (size.height - inner[1]) // 2
    framed[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=method)
    return framed


def _described(path: Path, image: Pillow.Image) -> Picture:
    if image.width * image.height > PIXEL_LIMIT:
        raise UnusableSource(f"it has more than {PIXEL_LIMIT // 1_000_000} megapixels")
    turn = image.getexif().get(ORIENTATION, 1)
    size = Size(image.height, image.width) if turn in (5, 6, 7, 8) else Size(image.width, image.height)
    ready = image.format == "JPEG" and image.mode in ("L", "RGB") and turn in (0, 1)
    return Picture(path, size, ready and "progressive" not in image.info)


def _upright(path: Path) -> Image:
    """BGR, EXIF orientation applied, transparency on white."""
    with Pillow.open(path) as image:
        turned = ImageOps.exif_transpose(image)
        if turned.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip and not scale
            turned = Pillow.fromarray((np.asarray(turned).astype(np.uint32) >> 8).astype(np.uint8))
        if turned.has_transparency_data:
            paper = Pillow.new("RGBA", turned.size, "white")
            turned = Pillow.alpha_composite(paper, turned.convert("RGBA"))
        return np.asarray(cv2.cvtColor(np.asarray(turned.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)


def _jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes()


def _sequential(data: bytes) -> bool:
    """Whether the first frame header is SOF0 or SOF1."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker in (0xC0, 0xC1)
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False
