"""What every picture goes through, from a camera or a scanner: the picture core, then a file's bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from imgcore import codec
from imgcore.pipeline import process
from imgcore.settings import Crop, Settings
from imgcore.types import Image, ImageError
from server.devices.ports.camera import Size
from server.errors import LocalizedText, PictureUnreadable
from server.services.model_cache import ModelCache
from server.storage.paths import PictureFormat
from server.storage.pdf import picture_to_pdf

QUALITY = 92
MADE = LocalizedText("结果图片", "the finished picture")
OUTSIDE = LocalizedText("裁切矩形不在图片之内", "the crop rectangle holds nothing of it")
PDF_DPI = 200.0
"""A camera knows no scale; at this one an A4 page of a 5-megapixel camera is about A4."""


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One finished picture: its file's bytes, and its size in pixels."""

    data: bytes
    size: Size


def process_image(
    image: Image, settings: Settings, cache: ModelCache, shown: LocalizedText
) -> Sequence[Image]:
    """The pictures that the settings make of one.

    Parameters
    ----------
    shown
        What the picture is called in errors.

    Raises
    ------
    server.errors.PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    server.errors.ModelDamaged
        A model that they need and that comes with gaopai is missing or another file.
    """
    try:
        return process(image, settings, time.perf_counter, cache.models(settings)).pictures
    except ImageError as exc:
        reason = OUTSIDE if settings.crop is Crop.MANUAL else str(exc)
        raise PictureUnreadable(picture=shown, reason=reason) from exc


def encode(image: Image, picture_format: PictureFormat, dots: float = 0.0) -> EncodedPicture:
    """`image` as a file of the given format.

    Parameters
    ----------
    dots
        Dots an inch to be stated; 0 where nobody knows them.

    Raises
    ------
    server.errors.PictureUnreadable
        The format cannot hold it: a WebP ends at 16383 pixels.
    """
    size = Size(image.shape[1], image.shape[0])
    inner = PictureFormat.JPEG if picture_format is PictureFormat.PDF else picture_format
    try:
        data = codec.encode(image, inner.name, QUALITY, dots)
    except ImageError as exc:
        raise PictureUnreadable(picture=MADE, reason=str(exc)) from exc
    return passthrough(data, size, picture_format, dots)


def passthrough(data: bytes, size: Size, picture_format: PictureFormat, dots: float = 0.0) -> EncodedPicture:
    """A picture's bytes unchanged, or as the page of a PDF, for which they are a JPEG."""
    pdf = picture_format is PictureFormat.PDF
    return EncodedPicture(picture_to_pdf(data, dots or PDF_DPI) if pdf else data, size)
