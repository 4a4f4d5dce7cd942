"""Settings of the picture core from requests about cameras and scanners."""

from __future__ import annotations

from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings
from server.errors import BadParameter, LocalizedText
from server.protocol.messages.cameras import ImageInfoRequest
from server.protocol.messages.processing import ProcessImageRequest

NO_RECTANGLE = LocalizedText(
    "手动裁切（cropType 为 4）需要矩形", "a manual crop (cropType 4) needs a rectangle"
)


def merge(settings: Settings, request: ImageInfoRequest | ProcessImageRequest) -> Settings:
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
    )
