"""Files of finished pictures, in the form that the configuration and the request ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imgcore import codec
from imgcore.output.finish import AS_MADE, ColourMode, OutputSettings, TooManyBytes, encode_within, finish
from imgcore.output.inset import Inset
from imgcore.output.watermark import Typeface, is_bilevel
from imgcore.types import NO_CROP, CropOutcome, Image, ImageError
from imgcore.verdict import Verdict
from server.devices.ports.camera import Camera, Size
from server.documents.pdf_image import picture_to_pdf
from server.documents.typeface import typeface
from server.errors import LocalizedText, PictureTooLarge, PictureUnreadable
from server.storage.paths import PictureFormat

DotsSource = Literal["", "device", "desk", "stated"]
MADE = LocalizedText("结果图片", "the finished picture")
PDF_DPI = 200.0
"""A camera knows no scale; at this one an A4 page of a 5-megapixel camera is about A4."""


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One finished picture: its file's bytes, and its size in pixels.

    Attributes
    ----------
    barcode
        Text of a barcode on it, where its name needs one.
    verdict
        Verdict on its text, where one was asked for.
    crop
        Outcome of its crop, in pixels of its original.
    handle
        Handle of its original, where that is kept.
    frames
        Number of frames that it was merged from.
    stages
        Names of the stages that changed it.
    dots, dots_source
        Resolution in dots per inch, and how it is known, as in `server.archive.record.CaptureRecord`.
    """

    data: bytes = field(repr=False)
    size: Size
    barcode: str = field(default="", repr=False)
    verdict: Verdict | None = None
    crop: CropOutcome = NO_CROP
    handle: str | None = None
    frames: int = 1
    stages: tuple[str, ...] = ()
    dots: float = 0.0
    dots_source: DotsSource = ""


@dataclass(frozen=True, slots=True)
class SecondCamera:
    """Second camera of a capture, and the place of its picture; see `Inset`."""

    camera: Camera
    corner: int
    share: float


@dataclass(frozen=True, slots=True)
class Output:
    """Form of the files of pictures, with the font of their watermark.

    Attributes
    ----------
    second
        Second camera of a capture.
    inset
        The picture that it gave.
    frames
        Most frames that a capture is merged from; None for as many as help and cost no time.
    """

    settings: OutputSettings
    typeface: Typeface | None = None
    second: SecondCamera | None = None
    inset: Inset | None = None
    frames: int | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages by which it changes pictures."""
        drawn = {"inset": self.inset, "watermark": self.settings.watermark}
        colours = ("colour_mode",) * (self.settings.colour_mode is not ColourMode.AS_IS)
        return (*(name for name, what in drawn.items() if what is not None), *colours)


PLAIN = Output(AS_MADE)


def output_with_font(settings: OutputSettings, font: str) -> Output:
    """Find the font of the watermark; blocks.

    Parameters
    ----------
    font
        File that the configuration names; may be empty.

    Raises
    ------
    server.errors.FontMissing
    """
    watermark = settings.watermark
    return Output(settings, None if watermark is None else typeface(watermark.text, font))


def encode(
    image: Image, picture_format: PictureFormat, output: Output = PLAIN, dots: float = 0.0
) -> EncodedPicture:
    """Encode a processed picture as a file of the given format.

    Parameters
    ----------
    dots
        Resolution of the device in dots per inch, stated where `output` asks for no other; 0 if unknown.

    Raises
    ------
    server.errors.PictureUnreadable
        The format cannot hold it: a WebP has at most 16383 pixels a side.
    server.errors.PictureTooLarge
        The file cannot be made as small as asked.
    """
    settings = output.settings.stating(dots)
    before = image.shape[1::-1]
    if settings.placement is not None:
        image = settings.placement.apply(image, dots)
    image = finish(image, settings, output.typeface, output.inset)
    try:
        if picture_format is not PictureFormat.PDF:
            encoded = encode_within(image, picture_format.name, settings)
        else:
            # Pure black and white is embedded as fax code, anything else as JPEG.
            suffix = "tif" if is_bilevel(image) else "jpg"
            encoded = encode_within(image, suffix, settings, lambda packed: _page(packed, settings.dots))
    except TooManyBytes as exc:
        raise PictureTooLarge(picture=MADE, size=f"{exc.size} B", limit=f"{exc.limit} B") from exc
    except ImageError as exc:
        raise PictureUnreadable(picture=MADE, reason=str(exc)) from exc
    size = Size(encoded.width, encoded.height)
    stages = (*output.stages, *("resize",) * (size != before))
    stated: DotsSource = "stated" if output.settings.dots or output.settings.placement else ""
    return EncodedPicture(encoded.data, size, stages=stages, dots=settings.dots, dots_source=stated)


def as_it_came(
    jpeg: bytes, size: Size, picture_format: PictureFormat, output: Output
) -> EncodedPicture | None:
    """Return a device's JPEG bytes unchanged, or as the page of a PDF; None if `output` asks for more."""
    settings = output.settings
    if settings.quality is not None or settings.changes_pixels or output.inset is not None:
        return None
    data = codec.with_dots(jpeg, settings.dots) if settings.dots else jpeg
    if picture_format is PictureFormat.PDF:
        data = _page(data, settings.dots)
    if settings.max_bytes and len(data) > settings.max_bytes:
        return None
    return EncodedPicture(data, size, dots=settings.dots, dots_source="stated" if settings.dots else "")


def _page(picture: bytes, dots: float) -> bytes:
    return picture_to_pdf(picture, dots or PDF_DPI)
