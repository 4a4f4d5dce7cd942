"""A page as a picture: a JPEG as it came, or pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass

from imgcore import codec, tiff
from imgcore.pillow import turned
from imgcore.types import Image
from server.documents import pdf, png
from server.documents.jpeg import Jpeg
from server.documents.resolution import Dots, believed
from server.documents.source import Kind, Source
from server.documents.turning import lies


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels, upright.

    Attributes
    ----------
    image
        BGR or grey.
    stored
        The PNG they came from, where it says the same: it may have more than eight bits.
    """

    image: Image
    dots: Dots | None = None
    stored: bytes = b""


Picture = Jpeg | Raster


def picture_of(source: Source, number: int, limit_pixels: int) -> Picture:
    """One page of a file.

    Parameters
    ----------
    number
        From 0.

    Raises
    ------
    server.documents.faults.DocumentFault, imgcore.types.ImageError
        It is damaged, has too many pixels, or must be drawn where nothing can.
    """
    if source.jpeg is not None:
        return source.jpeg
    if source.document is not None:
        return _pdf_picture(source, number, limit_pixels)
    if source.kind is Kind.TIFF:
        page = tiff.read_tiff_page(io.BytesIO(source.data), number, limit_pixels)
        return Raster(page.picture, (page.dots, page.dots) if page.dots else None)
    image = codec.decode(source.data, limit_pixels)
    if source.data.startswith(png.MAGIC):
        return Raster(image, png.png_dots(source.data), source.data)
    return Raster(image, _bmp_dots(source.data))


def raster_of(source: Source, number: int, limit_pixels: int) -> Raster:
    """The pixels of one page of a file; see `picture_of`."""
    picture = picture_of(source, number, limit_pixels)
    return unpacked(picture, limit_pixels) if isinstance(picture, Jpeg) else picture


def unpacked(jpeg: Jpeg, limit_pixels: int) -> Raster:
    """A JPEG's pixels, as it is meant to be seen.

    Raises
    ------
    imgcore.types.ImageError
        It is damaged.
    """
    # Out of a PDF it may be meant otherwise than it says itself.
    image = turned(codec.decode(jpeg.data, limit_pixels, oriented=False), jpeg.orientation)
    dots = jpeg.dots
    return Raster(image, dots[::-1] if dots and lies(jpeg.orientation) else dots)


def _pdf_picture(source: Source, number: int, limit_pixels: int) -> Picture:
    assert source.document is not None
    with source.lock:
        stored = pdf.stored_jpeg(source.document, number, limit_pixels)
        if stored is not None:
            return stored
        image, dots = pdf.read_page_of(source.document, io.BytesIO(source.data), number, limit_pixels)
    return Raster(image, (dots, dots))


def _bmp_dots(data: bytes) -> Dots | None:
    if not data.startswith(b"BM"):
        return None
    across, down = (int.from_bytes(data[at : at + 4], "little") * 0.0254 for at in (38, 42))
    return believed(across, down)
