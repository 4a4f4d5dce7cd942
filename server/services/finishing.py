"""From pixels to a file's bytes: the last step of every picture, from a camera or a scanner."""

from __future__ import annotations

from dataclasses import dataclass

from imgcore import codec
from imgcore.types import Image
from server.devices.ports.camera import Size
from server.storage.formats import PictureFormat
from server.storage.pdf import picture_to_pdf

QUALITY = 92
PDF_DPI = 200.0
"""A camera knows no scale; at this one an A4 page of a 5-megapixel camera is about A4."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One finished picture: its file's bytes, and its size in pixels."""

    data: bytes
    size: Size


def encode(image: Image, picture_format: PictureFormat, dots: float = 0.0) -> Encoded:
    """`image` as a file of the given format.

    Parameters
    ----------
    dots
        Dots an inch to be stated; 0 where nobody knows them.
    """
    size = Size(image.shape[1], image.shape[0])
    if picture_format is not PictureFormat.PDF:
        return Encoded(codec.encode(image, picture_format.name, QUALITY, dots), size)
    return as_it_is(codec.encode(image, PictureFormat.JPEG.name, QUALITY, dots), size, picture_format, dots)


def as_it_is(jpeg: bytes, size: Size, picture_format: PictureFormat, dots: float = 0.0) -> Encoded:
    """A JPEG unchanged, or as the page of a PDF."""
    pdf = picture_format is PictureFormat.PDF
    return Encoded(picture_to_pdf(jpeg, dots or PDF_DPI) if pdf else jpeg, size)
