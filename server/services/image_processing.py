"""Image processing of camera and scanner pictures: the picture core, then encoding."""

from __future__ import annotations

import time
from dataclasses import dataclass

from imgcore import codec
from imgcore.pipeline import process
from imgcore.settings import Crop, Settings
from imgcore.types import Image, ImageError, Result
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


def process_image(image: Image, settings: Settings, cache: ModelCache, label: LocalizedText) -> Result:
    """Return the pictures that the settings make of one.

    Parameters
    ----------
    label
        Name of the picture in errors.

    Raises
    ------
    server.errors.PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    server.errors.ModelDamaged
        A model that they need and that comes with gaopai is missing, or its file has another hash.
    """
    try:
        return process(image, settings, time.perf_counter, cache.models(settings))
    except ImageError as exc:
        reason = OUTSIDE if settings.crop is Crop.MANUAL else str(exc)
        raise PictureUnreadable(picture=label, reason=reason) from exc


def encode(image: Image, picture_format: PictureFormat, dots: float = 0.0) -> EncodedPicture:
    """Encode `image` as a file of the given format.

    Parameters
    ----------
    dots
        Resolution to be stated in the file, in dots per inch; 0 if unknown.

    Raises
    ------
    server.errors.PictureUnreadable
        The format cannot hold it: a WebP has at most 16383 pixels a side.
    """
    size = Size(image.shape[1], image.shape[0])
    inner = PictureFormat.JPEG if picture_format is PictureFormat.PDF else picture_format
    try:
        data = codec.encode(image, inner.name, QUALITY, dots)
    except ImageError as exc:
        raise PictureUnreadable(picture=MADE, reason=str(exc)) from exc
    return passthrough(data, size, picture_format, dots)


def passthrough(data: bytes, size: Size, picture_format: PictureFormat, dots: float = 0.0) -> EncodedPicture:
    """Return a picture's bytes unchanged, or JPEG bytes as the page of a PDF."""
    pdf = picture_format is PictureFormat.PDF
    return EncodedPicture(picture_to_pdf(data, dots or PDF_DPI) if pdf else data, size)
