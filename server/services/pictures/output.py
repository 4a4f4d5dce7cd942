"""Output of captures and scans: pictures processed, and encoded as files of the form that was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, NamedTuple

from imgcore import codec
from imgcore.barcode import read_codes
from imgcore.output.finish import AS_MADE, ColourMode, OutputSettings, TooManyBytes, encode_within, finish
from imgcore.output.inset import Inset
from imgcore.output.watermark import Typeface, is_bilevel
from imgcore.pipeline import Look, process
from imgcore.settings import Crop, Settings
from imgcore.strips import lent
from imgcore.types import NO_CROP, CropOutcome, Image, ImageError, Prior, Result, ShapeError
from imgcore.verdict import Verdict, judge
from server.devices.ports.camera import Camera, Size
from server.documents.faults import of_shape
from server.documents.pdf_image import picture_to_pdf
from server.documents.typeface import typeface
from server.errors import LocalizedText, PictureTooLarge, PictureUnreadable
from server.services.pictures.model_cache import ModelCache
from server.storage.paths import PictureFormat

DotsSource = Literal["", "device", "desk", "stated"]
MADE = LocalizedText("结果图片", "the finished picture")
PDF_DPI = 200.0
"""Resolution of a PDF's page where none is known, as of a camera: an A4 page of a 5-megapixel camera is about
A4 then."""


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
    kind: str = ""


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


OUTSIDE = LocalizedText("裁切矩形不在图片之内", "the crop rectangle holds nothing of it")


def process_image(
    image: Image,
    settings: Settings,
    cache: ModelCache,
    label: str | LocalizedText,
    look: Look | None = None,
    desk: Image | None = None,
) -> Result:
    """Process a picture as the settings ask.

    Parameters
    ----------
    label
        Name of the picture in errors.
    look
        As for `imgcore.pipeline.process`.
    desk
        The desk below the camera without documents, where that is known.

    Raises
    ------
    server.errors.PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    server.errors.PictureTooLong, PictureTooNarrow
        The picture, or what the settings cut out of it, has no shape to work on.
    imgcore.stopping.WorkStopped
        Nobody waits for it any more.
    server.errors.ModelDamaged
        A model that they need and that comes with gaopai is missing, or its file has another hash.
    """
    try:
        return cache.use(
            settings,
            lambda models: process(image, settings, time.perf_counter, replace(models, desk=desk), look),
        )
    except ShapeError as exc:
        raise of_shape(exc, label) from exc
    except ImageError as exc:
        reason = OUTSIDE if settings.crop is Crop.MANUAL else str(exc)
        raise PictureUnreadable(picture=label, reason=reason) from exc


PendingVerdict = Callable[[], Verdict | None]
"""Waits for the verdict on a picture, and returns it; None where none is wanted."""


class FinishedPicture(NamedTuple):
    """File of one document, its pixels without a watermark, and before they were enhanced."""

    encoded: EncodedPicture
    image: Image
    plain: Image


@dataclass(frozen=True, slots=True)
class PictureWork:
    """Processing and encoding, as the settings of a connection and the request say.

    Attributes
    ----------
    with_barcode
        True to read a barcode of each picture, for its name, here: of what this service's devices see, and of
        no picture that came from elsewhere.
    with_verdict
        True to judge whether the text of each picture will be readable.
    helpers
        Threads in which pictures are judged while they are enhanced and encoded, and that share in that; None
        for the caller's own alone.
    desk
        The desk below the camera without documents, where that is known.
    prior
        Knowledge of the pictures where no desk is known.
    """

    settings: Settings
    picture_format: PictureFormat
    output: Output
    cache: ModelCache = field(repr=False)
    with_barcode: bool = False
    with_verdict: bool = False
    helpers: Executor | None = field(default=None, repr=False)
    desk: Image | None = field(default=None, repr=False, compare=False)
    prior: Prior = Prior.PICTURE

    def run(self, image: Image, label: str | LocalizedText, dots: float = 0.0) -> list[FinishedPicture]:
        """Process a picture and encode what it gives; blocks.

        Parameters
        ----------
        label
            Name of the picture in errors.
        dots
            Resolution of the device in dots per inch; 0 if unknown.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge, ModelDamaged
        """
        verdicts: list[PendingVerdict] = []
        finished = []
        with lent(self.helpers):
            result = process_image(
                image,
                self.settings,
                self.cache,
                label,
                lambda plain, beyond: verdicts.append(self._begin_verdict(plain, beyond)),
                self.desk,
            )
            stages = tuple(one.name for one in result.report.stages if one.applied)
            each = zip(
                result.pictures, result.plain, result.crops, result.dots, result.kinds, verdicts, strict=True
            )
            for pixels, plain, crop, measured, kind, verdict in each:
                encoded = encode(pixels, self.picture_format, self.output, measured or dots)
                one = self._described(encoded, plain, verdict)
                known = one.dots_source or ("desk" if measured else "device" if dots else "")
                done = (*stages, *one.stages)
                made = replace(one, crop=self._by(crop), stages=done, dots_source=known, kind=kind)
                finished.append(FinishedPicture(made, pixels, plain))
        return finished

    def _by(self, crop: CropOutcome) -> CropOutcome:
        return crop if crop.prior is Prior.DESK else replace(crop, prior=self.prior)

    def described(self, encoded: EncodedPicture, image: Image) -> EncodedPicture:
        """Add to a picture's file what is told of its pixels, which were not enhanced."""
        return self._described(encoded, image, self._begin_verdict(image, 0.0))

    @property
    def looks(self) -> bool:
        """True if `described` looks at pixels."""
        return self.with_barcode or self.with_verdict

    def _begin_verdict(self, plain: Image, beyond: float) -> PendingVerdict:
        if not self.with_verdict:
            return lambda: None
        judged = partial(judge, plain, beyond)
        return judged if self.helpers is None else self.helpers.submit(judged).result

    def _described(self, encoded: EncodedPicture, plain: Image, verdict: PendingVerdict) -> EncodedPicture:
        barcode = barcode_of(plain) if self.with_barcode else ""
        return replace(encoded, barcode=barcode, verdict=verdict())


def barcode_of(image: Image) -> str:
    """Return the text of a picture's first barcode in reading order; empty if there is none."""
    return next((code.text for code in read_codes(image)), "")
