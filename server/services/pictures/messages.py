"""Form of pictures from requests, on top of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal, TypedDict, TypeVar

from imgcore.barcode import Code
from imgcore.output.finish import ColourMode, OutputSettings
from imgcore.output.watermark import LONGEST_TEXT, MOST_LINES, Watermark
from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings
from imgcore.types import NO_CROP, CropOutcome, CropState, Quad
from imgcore.verdict import Verdict
from server.config import OutputConfig, WatermarkConfig
from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages import pictures as messages
from server.protocol.messages.barcodes import CodeInfo
from server.protocol.messages.processing import ProcessImageRequest
from server.services.pictures.output import EncodedPicture, Output, output_with_font
from server.services.pools import ThreadPools

MIME = "image/jpg"
"""Media type of a JPEG as the standard writes it."""
TILED_ANGLE = 30.0
"""Angle of a tiled watermark where none is given, in degrees."""
_SCORES = ("blurred", "glare", "cut_off", "too_dark", "too_small")
_KINDS: Mapping[str, Literal["document", "card", "photograph"]] = {
    "document": "document",
    "card": "card",
    "photograph": "photograph",
}
"""Kinds of pages, as messages carry them."""
_COLOUR = re.compile("#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_NO_COLOUR = LocalizedText("应为 #rrggbb", "#rrggbb is expected")
_TOO_LONG = LocalizedText(
    f"最多 {LONGEST_TEXT} 个字符（含日期时间）、{MOST_LINES} 行",
    f"at most {LONGEST_TEXT} characters with date and time, in {MOST_LINES} lines are expected",
)

T = TypeVar("T")


class OutputOptions:
    """Makes the form of pictures out of a request and the configuration."""

    def __init__(self, config: OutputConfig, pools: ThreadPools) -> None:
        self._config = config
        self._pools = pools

    async def output(self, request: messages.OutputRequest) -> Output:
        """Return the form of a request's pictures.

        Raises
        ------
        server.errors.BadParameter, MissingParameter
            The watermark is invalid.
        server.errors.FontMissing
        """
        return await self.of(merged(self._config, request, datetime.now()))

    async def of(self, settings: OutputSettings) -> Output:
        """Return the form of settings, with a font for their watermark; raises `FontMissing`."""
        if settings.watermark is None:
            return Output(settings)
        return await self._pools.run(output_with_font, settings, self._config.font)


def merged(config: OutputConfig, request: messages.OutputRequest, now: datetime) -> OutputSettings:
    """Return the settings of a request.

    Raises
    ------
    server.errors.BadParameter, MissingParameter
    """
    return OutputSettings(
        quality=_first(request.quality, config.quality),
        max_bytes=_first(request.max_bytes, config.max_bytes) or 0,
        dots=_first(request.dpi, config.dpi) or 0,
        colour_mode=ColourMode(_first(request.color_mode, config.color_mode) or 0),
        watermark=_watermark(config.watermark, request.watermark, now),
    )


def _first(asked: T | None, configured: T | None) -> T | None:
    return configured if asked is None else asked


def _watermark(
    config: WatermarkConfig, asked: messages.WatermarkOptions | None, now: datetime
) -> Watermark | None:
    asked = asked or messages.WatermarkOptions()
    text = config.text if asked.text is None else asked.text
    if not text.strip():
        if asked.text is None and asked != messages.WatermarkOptions():
            raise MissingParameter(field="watermark.text")
        return None
    if _first(asked.time, config.time):
        text = f"{text}\n{now:%Y-%m-%d %H:%M:%S}"
    if text.count("\n") >= MOST_LINES or len(text) > LONGEST_TEXT:
        raise BadParameter(field="watermark.text", reason=_TOO_LONG)
    position = config.position if asked.position is None else asked.position
    opacity = _first(asked.opacity, config.opacity)
    size = _first(asked.size, config.size)
    assert opacity is not None and size is not None
    return Watermark(
        text=text.replace("\r", ""),
        place=None if position == "tiled" else position,
        angle=_angle(_first(asked.angle, config.angle), position),
        opacity=opacity,
        size=size,
        colour=_bgr(_first(asked.colour, config.colour) or ""),
    )


def _angle(angle: float | None, position: int | Literal["tiled"]) -> float:
    if angle is not None:
        return angle
    return TILED_ANGLE if position == "tiled" else 0.0


def _bgr(colour: str) -> tuple[int, int, int]:
    found = _COLOUR.fullmatch(colour)
    if found is None:
        raise BadParameter(field="watermark.colour", reason=_NO_COLOUR)
    red, green, blue = (int(part, 16) for part in found.groups())
    return blue, green, red


def corners(quad: Quad | None) -> messages.Corners | None:
    """Return corners as messages carry them: the whole picture is from 0, 0 to its width and height."""
    return None if quad is None else tuple((round(x + 0.5, 2), round(y + 0.5, 2)) for x, y in quad)


def quad_of(asked: messages.Corners) -> Quad:
    """Return the corners of a request as the picture core takes them, where 0, 0 is a pixel's centre."""
    return tuple((x - 0.5, y - 0.5) for x, y in asked)


def cuts(pictures: Sequence[EncodedPicture]) -> tuple[messages.PictureCut, ...]:
    """Return original and corners of each picture."""
    return tuple(
        messages.PictureCut(handle=one.handle, corners=cut_corners(one.crop), crop=crop_told(one.crop))
        for one in pictures
    )


def cut_corners(crop: CropOutcome) -> messages.Corners | None:
    """Return where a picture was cut out of its original; None if it is whole."""
    return corners(crop.corners) if crop.state is CropState.CROPPED else None


def crop_told(crop: CropOutcome) -> messages.PictureCrop:
    """Return the outcome of a crop as messages carry it."""
    doubted = [
        messages.DoubtedDocument(corners=points, reason=each.reason)
        for each in crop.doubted
        if (points := corners(each.corners)) is not None
    ]
    return messages.PictureCrop(
        state=crop.state.value,
        corners=corners(crop.corners),
        reason=crop.reason or None,
        prior=None if crop.reason == NO_CROP.reason else crop.prior.value,
        doubted=tuple(doubted) or None,
    )


def told(verdict: Verdict | None) -> messages.PictureVerdict | None:
    """Return a verdict as answers carry it."""
    if verdict is None:
        return None
    box = verdict.glare_place
    place = None if box is None else messages.GlarePlace(**asdict(box))
    scores = {name: round(getattr(verdict, name), 2) for name in _SCORES}
    return messages.PictureVerdict(ok=verdict.ok, glare_place=place, **scores)


class PictureFields(TypedDict):
    """Members of a message about a picture."""

    verdict: messages.PictureVerdict | None
    handle: str | None
    corners: messages.Corners | None
    crop: messages.PictureCrop | None
    page_kind: messages.PageKindFound


class PicturesFields(PictureFields):
    """Members of a message about pictures."""

    verdicts: tuple[messages.PictureVerdict, ...] | None
    cuts: tuple[messages.PictureCut, ...] | None


def picture_fields(picture: EncodedPicture) -> PictureFields:
    """Return the members of a message about a picture."""
    return PictureFields(
        verdict=told(picture.verdict),
        handle=picture.handle,
        corners=cut_corners(picture.crop),
        crop=crop_told(picture.crop),
        page_kind=_KINDS.get(picture.kind),
    )


def pictures_fields(pictures: Sequence[EncodedPicture]) -> PicturesFields:
    """Return the members of a message about pictures, of which there is one at the least."""
    first = picture_fields(pictures[0])
    verdicts = [picture.verdict for picture in pictures]
    if len(pictures) == 1:
        return PicturesFields(**first, verdicts=None, cuts=None)
    first["verdict"] = told(worst(verdicts))
    each = tuple(verdict for verdict in map(told, verdicts) if verdict is not None)
    return PicturesFields(**first, verdicts=each, cuts=cuts(pictures))


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """Return the verdict of the picture that is worst."""
    given = [verdict for verdict in verdicts if verdict is not None]
    return max(given, key=lambda verdict: verdict.worst, default=None)


NO_RECTANGLE = LocalizedText(
    "手动裁切（cropType 为 4）需要矩形", "a manual crop (cropType 4) needs a rectangle"
)


def merge(settings: Settings, request: messages.ImageInfoRequest | ProcessImageRequest) -> Settings:
    """Return `settings` with the values of the request; what it leaves out stays.

    Raises
    ------
    BadParameter
        A manual crop without a rectangle.
    """
    crop = settings.crop if request.crop_type is None else Crop(request.crop_type)
    rect = settings.rect
    if request.crop_rect is not None:
        crop_rect = request.crop_rect
        rect = Rect(crop_rect.left, crop_rect.top, crop_rect.right, crop_rect.bottom)
    if crop is Crop.MANUAL and rect is None and settings.quad is None:
        raise BadParameter(field="cropRect", reason=NO_RECTANGLE)
    return Settings(
        crop=crop,
        rect=rect,
        quad=settings.quad,
        image_type=settings.image_type if request.image_type is None else ImageType(request.image_type),
        fill=settings.fill if request.fill_border_type is None else Fill(request.fill_border_type),
        removal=settings.removal if request.removal_foreign is None else Removal(request.removal_foreign),
        rotate=settings.rotate if request.rotate is None else request.rotate,
        deskew=settings.deskew if request.deskew is None else request.deskew,
        upright=settings.upright if request.upright is None else request.upright,
        when_unsure=settings.when_unsure,
    )


def code_info(code: Code, page: int | None = None, path: str = "") -> CodeInfo:
    """Convert a barcode to the standard's message.

    Parameters
    ----------
    page
        From 1, None for a picture that has none.
    path
        The file it is in, as the request named it; may be empty.
    """
    (left, top) = code.corners.min(axis=0)
    (right, bottom) = code.corners.max(axis=0)
    return CodeInfo(
        code_num=code.text,
        code_type=code.symbology.value,
        left=str(round(float(left))),
        top=str(round(float(top))),
        right=str(round(float(right))),
        bottom=str(round(float(bottom))),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in code.corners),
        page=page,
        image_path=path or None,
    )
