"""The document camera's functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pybase64

from server.config import CompatConfig
from server.devices.ports.camera import Camera, CameraInfo, Size
from server.errors import DeviceNotOpen, MissingParameter
from server.handlers.barcodes import barcode_notifier
from server.handlers.context import Handler, RequestContext
from server.handlers.frames import FrameSink, Wrap, binary_wrap
from server.handlers.image_settings import merge
from server.protocol.frames import FrameEnvelope
from server.protocol.messages.base import Answer
from server.protocol.messages.cameras import (
    CameraCaptureAnswer,
    CameraCaptureBase64Answer,
    CameraCaptureBase64Request,
    CameraCaptureRequest,
    CameraEntry,
    CloseCameraAnswer,
    CloseCameraRequest,
    GetCameraInfoAnswer,
    GetCameraInfoRequest,
    GetCameraVideoBuffAnswer,
    GetCameraVideoBuffRequest,
    MediaEntry,
    OpenCameraAnswer,
    OpenCameraRequest,
    SetCameraImageInfoAnswer,
    SetCameraImageInfoRequest,
    SetCameraInfoAnswer,
    SetCameraInfoRequest,
)
from server.services.cameras.capture import CaptureService
from server.services.cameras.desk import CameraDesk, ModeChoice
from server.services.cameras.preview import PreviewService
from server.services.image_processing import EncodedPicture
from server.storage.paths import PictureFormat

MIME = "image/jpg"
"""As the standard writes it."""


class CameraHandlers:
    """Requests about document cameras, handed to the services."""

    def __init__(
        self, desk: CameraDesk, previews: PreviewService, captures: CaptureService, compat: CompatConfig
    ) -> None:
        self._desk = desk
        self._previews = previews
        self._captures = captures
        self._compat = compat

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {
            "GetCameraInfo": self.list,
            "OpenCamera": self.open,
            "SetCameraInfo": self.configure,
            "GetCameraVideoBuff": self.preview,
            "CloseCamera": self.close,
            "SetCameraImageInfo": self.set_image,
            "CameraCapture": self.capture,
            "CameraCaptureBase64": self.capture_base64,
        }

    async def list(self, exchange: RequestContext, request: GetCameraInfoRequest) -> Answer:
        cameras = await self._desk.list(exchange.client)
        return GetCameraInfoAnswer(dev_info=tuple(_entry(n, info) for n, info in enumerate(cameras)))

    async def open(self, exchange: RequestContext, request: OpenCameraRequest) -> Answer:
        choice = ModeChoice(request.media_num, request.resolution_num, request.fps)
        await self._desk.open(exchange.client, self._to_open(exchange, request.dev_num), choice)
        return OpenCameraAnswer()

    async def configure(self, exchange: RequestContext, request: SetCameraInfoRequest) -> Answer:
        camera = self._desk.camera(exchange.client, request.dev_num)
        choice = ModeChoice(request.media_num, request.resolution_num)
        await self._desk.configure(exchange.client, camera, choice)
        return SetCameraInfoAnswer()

    async def preview(self, exchange: RequestContext, request: GetCameraVideoBuffRequest) -> Answer | None:
        camera = self._desk.camera(exchange.client, request.dev_num)
        number = self._desk.number(exchange.client, camera)
        if not request.enable:
            self._previews.stop(exchange.client, camera)
            return GetCameraVideoBuffAnswer(dev_num=number)

        wrap = binary_wrap(exchange, number) if exchange.binary else self._text_wrap(exchange, number)
        last = GetCameraVideoBuffAnswer(dev_num=number)
        lane = exchange.lane(camera.info.id)
        tell = barcode_notifier(exchange, lane, number) if request.barcode else None
        sink = FrameSink(exchange, lane, wrap, last)
        self._previews.start(exchange.client, camera, sink, exchange.binary, tell)
        return None

    def _text_wrap(self, exchange: RequestContext, number: int) -> Wrap:
        @cache
        def envelope(size: Size) -> FrameEnvelope:
            return FrameEnvelope.camera(exchange.head, number, size, self._compat.preview_key)

        return lambda picture: envelope(picture.size).around(picture.base64)

    async def close(self, exchange: RequestContext, request: CloseCameraRequest) -> Answer:
        camera = self._desk.camera_to_close(exchange.client, request.dev_num)
        if camera is not None:
            self._previews.stop(exchange.client, camera)
            await self._desk.close(exchange.client, camera)
        return CloseCameraAnswer()

    async def set_image(self, exchange: RequestContext, request: SetCameraImageInfoRequest) -> Answer:
        camera = self._desk.camera(exchange.client, request.dev_num)
        settings = merge(self._desk.settings(exchange.client, camera), request)
        self._desk.keep_settings(exchange.client, camera, settings)
        self._previews.restyle(exchange.client, camera)
        return SetCameraImageInfoAnswer()

    async def capture(self, exchange: RequestContext, request: CameraCaptureRequest) -> Answer | None:
        if request.mode == "base64":
            await self._send(exchange, request.dev_num)
            return None
        camera = self._desk.camera(exchange.client, request.dev_num)
        paths = await self._captures.keep(exchange.client, camera, request.image_path)
        return CameraCaptureAnswer(image_path=tuple(map(str, paths)))

    async def capture_base64(self, exchange: RequestContext, request: CameraCaptureBase64Request) -> None:
        await self._send(exchange, request.dev_num)

    async def _send(self, exchange: RequestContext, number: int | None) -> None:
        camera = self._desk.camera(exchange.client, number)
        pictures = await self._captures.take(exchange.client, camera, PictureFormat.JPEG)
        for index, picture in enumerate(pictures, 1):
            await exchange.answer(_base64_answer(picture, index, len(pictures)))

    def _to_open(self, exchange: RequestContext, number: int | None) -> Camera:
        try:
            return self._desk.camera(exchange.client, number)
        except DeviceNotOpen:
            raise MissingParameter(field="devNum") from None


def _entry(number: int, info: CameraInfo) -> CameraEntry:
    media = tuple(
        MediaEntry(
            media_name=kind.format.value,
            media_type=kind.format.value,
            resolutions=tuple(str(size) for size in kind.sizes),
        )
        for kind in info.media
    )
    return CameraEntry(id=number, dev_name=info.name, media_types=media)


def _base64_answer(picture: EncodedPicture, index: int, count: int) -> CameraCaptureBase64Answer:
    text = pybase64.b64encode_as_string(picture.data)
    return CameraCaptureBase64Answer(
        image_count=count,
        image_index=index,
        image_base64_str=text,
        img_base64_str=text,
        mime=MIME,
        width=picture.size.width,
        height=picture.size.height,
    )
