"""Settings of the picture core that clients have made for their devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings
from server.access.client import Client
from server.errors import BadParameter, LocalizedText
from server.protocol.messages.pictures import ImageInfoRequest
from server.protocol.messages.processing import ProcessImageRequest

SCANNERS: Final = "scanners"
"""Key of scanners, which share the settings of their client."""
NO_RECTANGLE = LocalizedText(
    "手动裁切（cropType 为 4）需要矩形", "a manual crop (cropType 4) needs a rectangle"
)

Changed = Callable[[Client, str, Settings], None]
"""Hears of settings that a client has made for a device; never waits."""


class PictureSettings:
    """Settings of each client, by device: the identifier of a camera, or `SCANNERS`.

    Parameters
    ----------
    defaults
        Settings of clients that have made none.
    """

    def __init__(self, defaults: Settings) -> None:
        self.defaults = defaults
        self._made: dict[tuple[Client, str], Settings] = {}
        self._listeners: list[Changed] = []

    def listen(self, listener: Changed) -> None:
        """Call `listener` whenever a client has made settings."""
        self._listeners.append(listener)

    def of(self, client: Client, device: str) -> Settings:
        """Return the client's settings for a device, open or not."""
        return self._made.get((client, device), self.defaults)

    def keep(self, client: Client, device: str, settings: Settings) -> None:
        """Remember settings that the client has made for a device, open or not."""
        self._made[client, device] = settings
        for listener in self._listeners:
            listener(client, device, settings)

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._made = {key: made for key, made in self._made.items() if key[0] is not client}


def merge(settings: Settings, request: ImageInfoRequest | ProcessImageRequest | None) -> Settings:
    """Return `settings` with the values of the request; what it leaves out stays.

    Raises
    ------
    BadParameter
        A manual crop without a rectangle.
    """
    if request is None:
        return settings
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
