"""A folder of pictures, or one picture, shown one after the other as JPEGs of one size."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps

from imgcore.types import Image
from server.devices.adapters.filesystem.frame_source import FilesystemCamera, FrameReader, UnusableFile
from server.devices.ports.camera import CameraMode, MediaType, PixelFormat, Size
from server.devices.ports.frame_header import jpeg_fault
from server.errors import LocalizedText

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
"""Suffixes of the names of files that are taken for pictures."""

PIXEL_LIMIT = 200_000_000
"""Most pixels of a picture; larger ones are refused by their header. Pillow's own limit is 179 megapixels."""

BYTE_LIMIT = 256 << 20
"""Most bytes of a picture's file; larger ones are not opened."""

ORIENTATION = 0x0112
"""EXIF tag of the orientation: 1 is upright, 5 to 8 lie on their side."""

BACKGROUND = (40, 40, 40)
"""Colour, as BGR, beside a picture that has another shape than the mode."""

QUALITY = 92
"""Quality, of 100, of the JPEGs that pictures are converted to."""

PICTURE_LIMIT = 2000
"""Most pictures of a folder that are shown; each header is read when the camera is listed."""

SIZE_LIMIT = 32
"""Most sizes that are offered: the largest ones."""

KEPT_BYTES = 48 << 20
"""Most bytes of converted pictures that are kept, so that a small folder is converted once."""

_LARGE = LocalizedText("超过 {limit} MB", "it is larger than {limit} MB")
_MANY_PIXELS = LocalizedText("超过 {limit} 百万像素", "it has more than {limit} megapixels")


class Slideshow:
    """The readable pictures at a path, in natural order.

    Raises
    ------
    UnusableFile
        There is none.
    """

    def __init__(self, entry: FilesystemCamera) -> None:
        self._fps = entry.fps
        self._pictures = _readable(entry.path)
        sizes = sorted({picture.size for picture in self._pictures}, key=_area, reverse=True)
        self._sizes = tuple(sizes[:SIZE_LIMIT])
        self.media = (MediaType(PixelFormat.MJPG, self._sizes),)
        """MJPG in each size that occurs."""

    def open(self, mode: CameraMode) -> FrameReader:
        """Show from the first picture on."""
        if not any(picture.path.is_file() for picture in self._pictures):
            raise UnusableFile(LocalizedText("图片已不存在", "its pictures are not there any more"))
        size = min(self._sizes, key=lambda size: abs(_area(size) - _area(mode.size)))
        if mode.size in self._sizes:
            size = mode.size
        return SlideshowReader(self._pictures, CameraMode(PixelFormat.MJPG, size, self._fps))


class SlideshowReader:
    """Reader of a slideshow in one mode."""

    def __init__(self, pictures: tuple[PictureFile, ...], mode: CameraMode) -> None:
        self._pictures = pictures
        self.mode = mode
        self._place = 0
        self._converted: OrderedDict[Path, bytes] = OrderedDict()

    def next_frame(self) -> bytes:
        """Return the next picture that can still be read."""
        for _ in self._pictures:
            picture = self._pictures[self._place]
            self._place = (self._place + 1) % len(self._pictures)
            try:
                return self._data(picture)
            except UnusableFile:
                continue
        raise UnusableFile(LocalizedText("图片都已无法读取", "none of its pictures can be read any more"))

    def close(self) -> None:
        """Forget the converted pictures."""
        self._converted.clear()

    def _data(self, picture: PictureFile) -> bytes:
        if picture.camera_ready and picture.size == self.mode.size:
            return load(picture, self.mode.size)
        if picture.path not in self._converted:
            self._converted[picture.path] = load(picture, self.mode.size)
            while len(self._converted) > 1 and sum(map(len, self._converted.values())) > KEPT_BYTES:
                self._converted.popitem(last=False)
        return self._converted[picture.path]


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture file.

    Attributes
    ----------
    size
        Size of the upright picture.
    camera_ready
        True if a camera could send the file itself: a sequential 8-bit JPEG, upright, grey or
        colour.
    """

    path: Path
    size: Size
    camera_ready: bool


def inspect(path: Path) -> PictureFile:
    """Read the header of a picture file.

    Raises
    ------
    UnusableFile
        No picture, unreadable, or too large.
    """
    try:
        if path.stat().st_size > BYTE_LIMIT:
            raise UnusableFile(_LARGE.filled(limit=BYTE_LIMIT >> 20))
        with PIL.Image.open(path) as image:
            return _described(path, image)
    except PIL.Image.DecompressionBombError as exc:
        raise UnusableFile(_MANY_PIXELS.filled(limit=PIXEL_LIMIT // 1_000_000)) from exc
    except (FileNotFoundError, PermissionError) as exc:
        raise UnusableFile(LocalizedText("不存在或无权读取", "it does not exist or may not be read")) from exc
    except (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError) as exc:
        raise UnusableFile(LocalizedText("不是可读的图片", "it is no readable picture")) from exc


def load(picture: PictureFile, size: Size) -> bytes:
    """Return the picture as a JPEG of `size`: the file's own bytes if they are that, else a new one.

    Raises
    ------
    UnusableFile
        The file vanished or cannot be decoded.
    """
    try:
        if picture.camera_ready and picture.size == size:
            data = picture.path.read_bytes()
            if is_complete_jpeg(data):
                return data
        return _jpeg(fit(_upright(picture.path), size))
    except (OSError, SyntaxError, ValueError) as exc:
        raise UnusableFile(LocalizedText("有图片无法解码", "a picture cannot be decoded")) from exc


def is_complete_jpeg(data: bytes) -> bool:
    """Return whether the bytes are a sequential Huffman-coded JPEG from SOI to EOI."""
    return data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9") and jpeg_fault(data) is None


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Return a sort key that puts page 2 before page 10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def fit(image: Image, size: Size) -> Image:
    """Return the whole of `image` in a picture of `size`, its shape kept."""
    rows, cols = image.shape[:2]
    if (cols, rows) == size:
        return image
    scale = min(size.width / cols, size.height / rows)
    inner = (max(1, round(cols * scale)), max(1, round(rows * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    framed = np.full((size.height, size.width, 3), BACKGROUND, np.uint8)
    left = (size.width - inner[0]) // 2
    top = (size.height - inner[1]) // 2
    framed[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=method)
    return framed


def _readable(path: Path) -> tuple[PictureFile, ...]:
    if path.is_file():
        return (inspect(path),)
    found = []
    for file in islice(_files(path), PICTURE_LIMIT):
        try:
            found.append(inspect(file))
        except UnusableFile:  # one broken file among pictures does not spoil the folder
            continue
    if not found:
        raise UnusableFile(LocalizedText("其中没有可读的图片", "it holds no readable picture"))
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
    except OSError as exc:
        raise UnusableFile(LocalizedText("不存在或无权读取", "it does not exist or may not be read")) from exc
    return sorted(files, key=natural_order)


def _area(size: Size) -> int:
    return size.width * size.height


def _described(path: Path, image: PIL.Image.Image) -> PictureFile:
    if image.width * image.height > PIXEL_LIMIT:
        raise UnusableFile(_MANY_PIXELS.filled(limit=PIXEL_LIMIT // 1_000_000))
    turn = image.getexif().get(ORIENTATION, 1)
    size = Size(image.height, image.width) if turn in (5, 6, 7, 8) else Size(image.width, image.height)
    ready = image.format == "JPEG" and image.mode in ("L", "RGB") and turn in (0, 1)
    return PictureFile(path, size, ready and "progressive" not in image.info)


def _upright(path: Path) -> Image:
    """Return BGR, EXIF orientation applied, transparency on white."""
    with PIL.Image.open(path) as image:
        turned = PIL.ImageOps.exif_transpose(image)
        if turned.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip and not scale
            turned = PIL.Image.fromarray((np.asarray(turned).astype(np.uint32) >> 8).astype(np.uint8))
        if turned.has_transparency_data:
            paper = PIL.Image.new("RGBA", turned.size, "white")
            turned = PIL.Image.alpha_composite(paper, turned.convert("RGBA"))
        return np.asarray(cv2.cvtColor(np.asarray(turned.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)


def _jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes()
