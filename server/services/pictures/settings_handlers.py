"""Handlers of settings of the picture core, which cameras and scanners share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from server.access.client import Client
from server.config import CompatConfig
from server.devices.ports.camera import Camera
from server.errors import DeviceNotOpen
from server.protocol.messages.base import Answer
from server.protocol.messages.cameras import SetCameraImageInfoAnswer, SetCameraImageInfoRequest
from server.protocol.messages.pictures import ImageInfoRequest
from server.protocol.messages.scanners import SetScannerImageInfoAnswer, SetScannerImageInfoRequest
from server.services.context import RequestContext, handles
from server.services.pictures.settings import SCANNERS, PictureSettings, merge


class CameraNumbers(Protocol):
    """Protocol for what knows a page's numbers of cameras."""

    def numbered(self, client: Client, number: int | None) -> Camera:
        """Return the camera of a number, or the one that the client opened last, or raise `DeviceNotOpen`."""


@dataclass(eq=False, repr=False)
class PictureSettingsHandlers:
    """Handlers of picture settings, of cameras and of scanners."""

    _settings: PictureSettings
    _cameras: CameraNumbers
    _compat: CompatConfig

    @handles("SetScannerImageInfo")
    async def set_scanner(self, context: RequestContext, request: SetScannerImageInfoRequest) -> None:
        self._merge(context.client, SCANNERS, request)
        renamed = "SetCameraImageInfo" if self._compat.scanner_settings_name else None
        await context.answer(SetScannerImageInfoAnswer(), renamed)

    @handles("SetCameraImageInfo")
    async def set_camera(self, context: RequestContext, request: SetCameraImageInfoRequest) -> Answer:
        client = context.client
        if request.dev_num is not None:
            self._merge(client, self._cameras.numbered(client, request.dev_num).info.id, request)
            return SetCameraImageInfoAnswer(applied=("camera",))
        # Pages leave out the number of their camera; the standard does for scanners.
        camera = None if _of_scanners(request) else self._opened_last(client)
        self._merge(client, SCANNERS, request)
        if camera is None:
            return SetCameraImageInfoAnswer(applied=("scanner",))
        self._merge(client, camera.info.id, request)
        return SetCameraImageInfoAnswer(applied=("camera", "scanner"))

    def _opened_last(self, client: Client) -> Camera | None:
        try:
            return self._cameras.numbered(client, None)
        except DeviceNotOpen:
            return None

    def _merge(self, client: Client, device: str, request: ImageInfoRequest) -> None:
        self._settings.keep(client, device, merge(self._settings.of(client, device), request))


def _of_scanners(request: SetCameraImageInfoRequest) -> bool:
    """Return whether the rectangle is as the standard has it for scanners: by width and height."""
    rect = request.crop_rect
    return rect is not None and (rect.width is not None or rect.height is not None)
