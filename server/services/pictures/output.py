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
from imgcore.output.finish import TooManyBytes, encode_within, finish
from imgcore.output.inset import Inset
from imgcore.output.watermark import is_bilevel
from imgcore.pipeline import Look, process
from imgcore.settings import Crop, Settings
from imgcore.sheet_format import measure_sheet
from imgcore.strips import lent
from imgcore.types import NO_CROP, CropOutcome, Image, ImageError, Prior, Result, ShapeError
from imgcore.verdict import Verdict, judge
from server.devices.ports.camera import Size
from server.documents.faults import of_shape
from server.documents.pdf_image import picture_to_pdf
from server.errors import LocalizedText, PictureTooLarge, PictureUnreadable
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.order import PictureOrder
from server.storage.paths import PictureFormat

DotsSource = Literal["", "device", "desk", "format", "stated"]
MADE = LocalizedText("结果图片", "the finished picture")


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


def encode(
    image: Image, order: PictureOrder, dots: float = 0.0, inset: Inset | None = None
) -> EncodedPicture:
    """Encode a processed picture as a file of the order's format.

    Parameters
    ----------
    dots
        Resolution of the device in dots per inch, stated where the order asks for no other; 0 if unknown.
    inset
        Picture of a second camera.

    Raises
    ------
    server.errors.PictureUnreadable
        The format cannot hold it: a WebP has at most 16383 pixels a side.
    server.errors.PictureTooLarge
        The file cannot be made as small as asked.
    """
    settings = order.output.stating(dots)
    before = image.shape[1::-1]
    if settings.placement is not None:
        image = settings.placement.apply(image, dots)
    image = finish(image, settings, order.typeface, inset)
    try:
        if order.picture_format is not PictureFormat.PDF:
            encoded = encode_within(image, order.picture_format.name, settings)
        else:
            # Pure black and white is embedded as fax code, anything else as JPEG.
            suffix = "tif" if is_bilevel(image) else "jpg"
            encoded = encode_within(
                image, suffix, settings, lambda packed: picture_to_pdf(packed, settings.dots)
            )
    except TooManyBytes as exc:
        raise PictureTooLarge(picture=MADE, size=f"{exc.size} B", limit=f"{exc.limit} B") from exc
    except ImageError as exc:
        raise PictureUnreadable(picture=MADE, reason=str(exc)) from exc
    size = Size(encoded.width, encoded.height)
    stages = (*("inset",) * (inset is not None), *order.stages, *("resize",) * (size != before))
    stated: DotsSource = "stated" if order.output.dots or order.output.placement else ""
    return EncodedPicture(encoded.data, size, stages=stages, dots=settings.dots, dots_source=stated)


def as_it_came(jpeg: bytes, size: Size, order: PictureOrder) -> EncodedPicture | None:
    """Return a device's JPEG bytes unchanged, or as the page of a PDF; None if the order asks for more."""
    settings = order.output
    if settings.quality is not None or settings.changes_pixels:
        return None
    data = codec.with_dots(jpeg, settings.dots) if settings.dots else jpeg
    if order.picture_format is PictureFormat.PDF:
        data = picture_to_pdf(data, settings.dots)
    if settings.max_bytes and len(data) > settings.max_bytes:
        return None
    return EncodedPicture(data, size, dots=settings.dots, dots_source="stated" if settings.dots else "")


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
    """Processing and encoding of one picture, as an order says.

    Attributes
    ----------
    with_barcode
        True to read a barcode of each picture, for its name, here: of what this service's devices see, and of
        no picture that came from elsewhere.
    helpers
        Threads in which pictures are judged while they are enhanced and encoded, and that share in that; None
        for the caller's own alone.
    desk
        The desk below the camera without documents, where that is known.
    prior
        Knowledge of the pictures where no desk is known.
    inset
        Picture of a second camera that is laid into a corner.
    """

    order: PictureOrder
    cache: ModelCache = field(repr=False)
    with_barcode: bool = False
    helpers: Executor | None = field(default=None, repr=False)
    desk: Image | None = field(default=None, repr=False, compare=False)
    prior: Prior = Prior.PICTURE
    inset: Inset | None = field(default=None, repr=False, compare=False)

    def run(self, image: Image, label: str | LocalizedText, dots: float = 0.0) -> list[FinishedPicture]:
        """Process a picture and encode what it gives; blocks.

        Parameters
        ----------
        label
            Name of the picture in errors.
        dots
            Resolution of the device in dots per inch; 0 if unknown.
        """
        verdicts: list[PendingVerdict] = []
        finished = []
        with lent(self.helpers):
            result = process_image(
                image,
                self.order.settings,
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
                sheet = measure_sheet(plain, crop, measured or dots)
                encoded = encode(pixels, self.order, sheet.dots, self.inset)
                one = self._described(encoded, plain, verdict)
                by: DotsSource = "desk" if measured else "device" if dots else "format" if sheet.dots else ""
                made = replace(
                    one,
                    crop=replace(self._by(crop), paper=sheet.format),
                    stages=(*stages, *one.stages),
                    dots_source=one.dots_source or by,
                    kind=kind,
                )
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
        return self.with_barcode or self.order.judged

    def _begin_verdict(self, plain: Image, beyond: float) -> PendingVerdict:
        if not self.order.judged:
            return lambda: None
        judged = partial(judge, plain, beyond)
        return judged if self.helpers is None else self.helpers.submit(judged).result

    def _described(self, encoded: EncodedPicture, plain: Image, verdict: PendingVerdict) -> EncodedPicture:
        barcode = barcode_of(plain) if self.with_barcode else ""
        return replace(encoded, barcode=barcode, verdict=verdict())


def barcode_of(image: Image) -> str:
    """Return the text of a picture's first barcode in reading order; empty if there is none."""
    return next((code.text for code in read_codes(image)), "")
