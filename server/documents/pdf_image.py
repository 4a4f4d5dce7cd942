"""Pictures as a PDF stores them."""

from __future__ import annotations

from dataclasses import dataclass

from imgcore.types import Image
from server.documents.group4 import group4
from server.documents.jpeg import Jpeg
from server.documents.picture import Picture
from server.documents.png import Png, encode_png, is_black_white, stored_png
from server.documents.resolution import Dots


@dataclass(frozen=True, slots=True, eq=False)
class PdfImage:
    """A picture's coded pixels, and their meaning.

    Attributes
    ----------
    coding
        The name of a member of `img2pdf.ImageFormat`.
    inverted
        Of CMYK, that the largest value stands for no ink; of fax code, that 0 is white.
    palette
        RGB, or nothing.
    orientation
        How it is turned to be seen, as in EXIF.
    """

    data: bytes
    coding: str
    width: int
    height: int
    channels: int
    depth: int = 8
    inverted: bool = False
    palette: bytes = b""
    profile: bytes = b""
    orientation: int = 1
    dots: Dots | None = None


def pdf_image(picture: Picture) -> PdfImage:
    """A JPEG as it is, anything else without loss."""
    if isinstance(picture, Jpeg):
        return _of_jpeg(picture)
    if is_black_white(picture.image):
        return _of_black_white(picture.image, picture.dots)
    stored = stored_png(picture.stored) if picture.stored else None
    stored = stored or stored_png(encode_png(picture.image))
    assert stored is not None, "what we encode ourselves is neither interlaced nor transparent"
    return _of_png(stored, picture.dots)


def _of_jpeg(jpeg: Jpeg) -> PdfImage:
    return PdfImage(
        jpeg.data,
        "JPEG",
        jpeg.width,
        jpeg.height,
        jpeg.channels,
        # Programs that write Adobe's marker write CMYK upside down, as Adobe's do.
        inverted=jpeg.channels == 4 and jpeg.transform >= 0,
        profile=jpeg.profile,
        orientation=jpeg.orientation,
        dots=jpeg.dots,
    )


def _of_png(png: Png, dots: Dots | None) -> PdfImage:
    return PdfImage(
        png.pixels,
        "PNG",
        png.width,
        png.height,
        png.channels,
        png.depth,
        palette=png.palette,
        profile=png.profile,
        dots=dots,
    )


def _of_black_white(image: Image, dots: Dots | None) -> PdfImage:
    rows, cols = image.shape[:2]
    return PdfImage(group4(image), "CCITTGroup4", cols, rows, 1, 1, inverted=True, dots=dots)
