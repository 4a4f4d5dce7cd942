"""Document cameras: requests about them, and what serves these."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import pybase64

from imgcore.types import CropOutcome, Reduction
from server.access.client import Client
from server.config import CompatConfig, Config, access_folder
from server.devices.ports.camera import Camera, CameraFinder, CameraInfo, Size
from server.errors import DeviceBusy, DeviceNotOpen, GaopaiError, MissingParameter
from server.protocol.codec import push
from server.protocol.frames import FrameEnvelope, FrameHeader, binary_frame
from server.protocol.messages import cameras as messages
from server.protocol.messages.barcodes import BarCodePush
from server.protocol.messages.base import Answer
from server.protocol.messages.captures import (
    CameraCaptureAnswer,
    CameraCaptureBase64Answer,
    CameraCaptureBase64Request,
    CameraCaptureRequest,
)
from server.services.cameras.auto_capture import AutoCaptureHandlers, AutoCaptureService
from server.services.cameras.capture import WARM_UP_FRAMES, CapturedFile, CaptureService, FrameChoice
from server.services.cameras.controls import CameraControlHandlers, CameraControlService
from server.services.cameras.indicator import desktop_indicator, desktop_language
from server.services.cameras.inset import inset_of
from server.services.cameras.kept import DeskScales, KeptControls
from server.services.cameras.leases import CameraLeases
from server.services.cameras.presses import Presses
from server.services.cameras.preview import PreviewService
from server.services.cameras.recording import (
    RecordingHandlers,
    RecordingService,
    Signer,
    recording_limits,
)
from server.services.cameras.registry import ModeChoice, camera_registry
from server.services.context import DomainServices, FrameEncoder, RequestContext, handles, heralds
from server.services.pictures.messages import MIME, code_info, crop_told, picture_fields, pictures_fields
from server.services.pictures.order import PictureOrders
from server.services.pictures.output import EncodedPicture
from server.services.pictures.resources import PictureResources
from server.streaming.barcodes import SendBarcodes, VisibleBarcodes
from server.streaming.painter import PreviewPicture

ENVELOPES = 8
"""Latest sizes and outlines of a preview whose messages are kept: a page that moves has another each time."""
UNBOUNDED = 65_535
"""Most pixels that a JPEG may have across or down."""


@dataclass(eq=False, repr=False)
class CameraHandlers:
    """Handlers of requests about document cameras."""

    _leases: CameraLeases
    _previews: PreviewService
    _captures: CaptureService
    _automatic: AutoCaptureService
    _orders: PictureOrders
    _compat: CompatConfig
    _wanted: WantedCameras
    _presses: Presses

    @heralds("CameraCapture", "CameraCaptureBase64")
    def pressed(
        self, client: Client, request: CameraCaptureRequest | CameraCaptureBase64Request, waits: bool
    ) -> None:
        if request.frames is not None or request.overlay_dev_num is not None:
            return  # those take frames of their own
        with contextlib.suppress(GaopaiError):
            self._presses.note(client, self._leases.numbered(client, request.dev_num), request, waits=waits)

    @handles("GetCameraInfo")
    async def list(self, context: RequestContext, request: messages.GetCameraInfoRequest) -> Answer:
        cameras = await self._leases.list(context.client)
        return messages.GetCameraInfoAnswer(dev_info=tuple(_entry(n, info) for n, info in enumerate(cameras)))

    @handles("OpenCamera")
    async def open(self, context: RequestContext, request: messages.OpenCameraRequest) -> Answer | None:
        choice = ModeChoice(request.media_num, request.resolution_num, request.fps)
        camera = self._to_open(context, request.dev_num)
        try:
            await self._leases.open(context.client, camera, choice)
        except DeviceBusy as busy:
            holder = self._leases.holder(camera)
            if holder is None:
                raise  # a program that is no client of ours
            asked = self._wanted.ask(context.client, camera) if request.take_over else None
            await context.refuse(busy, messages.OpenCameraAnswer(holder=_holder(holder), asked=asked))
            return None
        return messages.OpenCameraAnswer()

    @handles("SetCameraInfo")
    async def configure(self, context: RequestContext, request: messages.SetCameraInfoRequest) -> Answer:
        camera = self._leases.numbered(context.client, request.dev_num)
        choice = ModeChoice(request.media_num, request.resolution_num)
        await self._leases.configure(context.client, camera, choice)
        return messages.SetCameraInfoAnswer()

    @handles("GetCameraVideoBuff")
    async def preview(
        self, context: RequestContext, request: messages.GetCameraVideoBuffRequest
    ) -> Answer | None:
        camera = self._leases.numbered(context.client, request.dev_num)
        number = self._leases.number(context.client, camera)
        if not request.enable:
            self._previews.stop(context.client, camera)
            self._automatic.stop(context.client, camera)
            return messages.GetCameraVideoBuffAnswer(dev_num=number)

        encode = _binary_encoder(context, number) if context.binary else self._text_encoder(context, number)
        sink = context.frames(camera.info.id, encode, messages.GetCameraVideoBuffAnswer(dev_num=number))
        send_barcodes = _barcode_notifier(context, number) if request.barcode else None
        most = _most(request)
        self._previews.start(context.client, camera, sink, context.binary, send_barcodes, most)
        return None

    def _text_encoder(self, context: RequestContext, number: int) -> FrameEncoder:
        @lru_cache(ENVELOPES)
        def envelope(size: Size, reduction: Reduction, crop: CropOutcome | None) -> FrameEnvelope:
            told = None if crop is None else crop_told(crop)
            return FrameEnvelope.camera(context.head, number, size, self._compat.preview_key, reduction, told)

        return lambda picture: envelope(picture.size, picture.reduction, picture.crop).message(picture.base64)

    @handles("CloseCamera")
    async def close(self, context: RequestContext, request: messages.CloseCameraRequest) -> Answer:
        camera = self._leases.camera_to_close(context.client, request.dev_num)
        if camera is not None:
            self._previews.stop(context.client, camera)
            self._automatic.stop(context.client, camera)
            await self._leases.close(context.client, camera)
        return messages.CloseCameraAnswer()

    @handles("CameraCapture")
    async def capture(self, context: RequestContext, request: CameraCaptureRequest) -> Answer | None:
        if request.mode == "base64":
            await self._send(context, request)
            return None
        camera = self._leases.numbered(context.client, request.dev_num)
        order = await self._orders.of_device(context.client, camera.info.id, request)
        order = replace(order, name=request.image_path)
        frames = self._frames(context.client, camera, request)
        return _files_answer(await self._captures.save(context.client, camera, order, frames))

    @handles("CameraCaptureBase64")
    async def capture_base64(self, context: RequestContext, request: CameraCaptureBase64Request) -> None:
        await self._send(context, request)

    def _frames(
        self, client: Client, camera: Camera, request: CameraCaptureRequest | CameraCaptureBase64Request
    ) -> FrameChoice:
        second = inset_of(self._leases, client, camera, request)
        return FrameChoice(request.frames, second, self._presses.taken(client, request))

    async def _send(
        self, context: RequestContext, request: CameraCaptureRequest | CameraCaptureBase64Request
    ) -> None:
        camera = self._leases.numbered(context.client, request.dev_num)
        order = await self._orders.of_device(context.client, camera.info.id, request)
        frames = self._frames(context.client, camera, request)
        pictures = await self._captures.capture(context.client, camera, order, frames)
        for index, picture in enumerate(pictures, 1):
            await context.answer(_base64_answer(picture, index, len(pictures)))

    def _to_open(self, context: RequestContext, number: int | None) -> Camera:
        try:
            return self._leases.numbered(context.client, number)
        except DeviceNotOpen:
            raise MissingParameter(field="devNum") from None


def wanted_notice(leases: CameraLeases, client: Client, wanted: WantedCamera) -> bytes:
    """Return the notice to a client that its camera is wanted, or that the one it wanted is free."""
    try:
        number = leases.number(client, wanted.camera)
    except ValueError:
        number = None  # it was not there when the client listed cameras last
    if wanted.by is None:
        return push("Notify", messages.CameraFreePush(event="OnCameraFree", kind="camera", dev_num=number))
    by = _holder(wanted.by)
    return push(
        "Notify", messages.CameraWantedPush(event="OnCameraWanted", kind="camera", dev_num=number, by=by)
    )


def _holder(client: Client) -> messages.CameraHolder:
    return messages.CameraHolder(origin=client.origin or "", title=client.page.title or None)


def _binary_encoder(context: RequestContext, number: int) -> FrameEncoder:
    def encode(picture: PreviewPicture) -> tuple[bytes, bytes]:
        width, height = picture.size
        header = FrameHeader(
            dev_num=number,
            result=0,
            mime="image/jpeg",
            width=width,
            height=height,
            outlines=picture.outlines,
            reduction=picture.reduction,
            crop=None if picture.crop is None else crop_told(picture.crop),
        )
        return binary_frame(context.head, header, picture.jpeg)

    return encode


def _most(request: messages.GetCameraVideoBuffRequest) -> Size | None:
    if request.max_width is None and request.max_height is None:
        return None
    return Size(request.max_width or UNBOUNDED, request.max_height or UNBOUNDED)


def _entry(number: int, info: CameraInfo) -> messages.CameraEntry:
    media = tuple(
        messages.MediaEntry(
            media_name=kind.format.value,
            media_type=kind.format.value,
            resolutions=tuple(str(size) for size in kind.sizes),
        )
        for kind in info.media
    )
    return messages.CameraEntry(id=number, dev_name=info.name, media_types=media)


def _files_answer(saved: Sequence[CapturedFile]) -> CameraCaptureAnswer:
    return CameraCaptureAnswer(
        image_path=tuple(str(one.path) for one in saved),
        frames=_merged(saved[0].picture),
        **pictures_fields([one.picture for one in saved]),
    )


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
        frames=_merged(picture),
        **picture_fields(picture),
    )


def _merged(picture: EncodedPicture) -> int | None:
    return picture.frames if picture.frames > 1 else None


ASK_SECONDS = 10.0
"""Time in which a page asks the holder of a camera once, however often it tries."""
WAIT_SECONDS = 120.0
"""Time after asking in which a page hears that the camera is free."""


class WantedCamera(NamedTuple):
    """Camera that a page asks another for, or that is free now.

    Attributes
    ----------
    by
        Client that asks; None in a notice that it is free.
    """

    camera: Camera
    by: Client | None


Tell = Callable[[Client, WantedCamera], bool]
"""Tells a client at once and returns whether it could; never waits."""


class WantedCameras:
    """Asks holders of cameras to give them up, which they do by closing them, or do not."""

    def __init__(self, leases: CameraLeases, clock: Callable[[], float] = time.monotonic) -> None:
        self._leases = leases
        self._clock = clock
        self._tell: Tell | None = None
        self._asked: dict[tuple[Client, str], float] = {}
        leases.listen(self._freed)

    def listen(self, tell: Tell) -> None:
        """Tell by `tell` holders that their camera is wanted, and whoever wanted one that it is free."""
        self._tell = tell

    def ask(self, client: Client, camera: Camera) -> bool:
        """Tell the holder of a camera that a client wants it; return whether it was told, now or lately."""
        holder = self._leases.holder(camera)
        now = self._clock()
        if holder is None or self._tell is None:
            return False
        key = client, camera.info.id
        if key not in self._asked or now - self._asked[key] >= ASK_SECONDS:
            if not self._tell(holder, WantedCamera(camera, client)):
                return False
            self._asked[key] = now
        return True

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._asked = {key: at for key, at in self._asked.items() if key[0] is not client}

    def _freed(self, camera: Camera) -> None:
        waiting = {client: at for (client, key), at in self._asked.items() if key == camera.info.id}
        for client, asked_at in waiting.items():
            del self._asked[client, camera.info.id]
            if self._tell is not None and self._clock() - asked_at < WAIT_SECONDS:
                self._tell(client, WantedCamera(camera, None))


def _barcode_notifier(context: RequestContext, number: int) -> SendBarcodes:
    """Return a function that notifies a preview's client of the barcodes in sight."""

    def send(visible: VisibleBarcodes) -> None:
        context.notify(
            BarCodePush(
                event="OnBarCode",
                dev_num=number,
                width=visible.size.width,
                height=visible.size.height,
                code_infos=tuple(map(code_info, visible.barcodes)),
            )
        )

    return send


class Cameras(DomainServices):
    """The document cameras."""

    def __init__(
        self, config: Config, finders: Sequence[CameraFinder], resources: PictureResources, sign: Signer
    ) -> None:
        pools = resources.pools
        orders = resources.orders
        state = access_folder(config.access)
        indicator = desktop_indicator(config.notice.cameras, desktop_language(config.server.language))
        kept = KeptControls(state)
        self.scales = DeskScales(state)
        self.registry = camera_registry(finders, pools)
        nets = resources.cache.documents
        fps = config.preview.still_fps
        leases = CameraLeases(self.registry, pools, nets, fps, indicator, kept)
        self.leases = leases
        self.previews = PreviewService(leases, orders.settings)
        self.wanted = WantedCameras(leases)
        self.captures = CaptureService(leases, resources, self.scales)
        self.auto_captures = AutoCaptureService(leases, self.captures, pools)
        self.recordings = RecordingService(
            leases, resources.storage, recording_limits(config.recording), sign
        )
        self.controls = CameraControlService(leases, kept)
        self.presses = Presses(leases, WARM_UP_FRAMES)
        orders.settings.listen(self.previews.restyle)
        orders.settings.listen(leases.prepare)
        super().__init__(
            CameraHandlers(
                leases,
                self.previews,
                self.captures,
                self.auto_captures,
                orders,
                config.compat,
                self.wanted,
                self.presses,
            ),
            CameraControlHandlers(leases, self.controls),
            RecordingHandlers(leases, self.recordings),
            AutoCaptureHandlers(leases, self.auto_captures, orders),
        )
