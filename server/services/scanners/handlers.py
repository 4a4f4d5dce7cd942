"""Scanner requests."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Literal

import msgspec
import pybase64

from server.access.client import Client
from server.config import CompatConfig
from server.devices.ports.camera import Camera
from server.errors import Cancelled, DeviceNotOpen, GaopaiError
from server.protocol.messages.base import Answer
from server.protocol.messages.cameras import SetCameraImageInfoAnswer, SetCameraImageInfoRequest
from server.protocol.messages.pictures import ImageInfoRequest
from server.protocol.messages.scanners import (
    GetScanEndStatueAnswer,
    GetScanEndStatueRequest,
    GetScannerInfoAnswer,
    GetScannerInfoRequest,
    GetScannerNameAnswer,
    GetScannerNameRequest,
    ScanAnswer,
    ScanRequest,
    SetScannerImageInfoAnswer,
    SetScannerImageInfoRequest,
)
from server.protocol.messages.service import CancelScanAnswer, CancelScanRequest
from server.services.cameras.desk import CameraDesk
from server.services.cameras.preview import PreviewService
from server.services.context import RequestContext, handles
from server.services.pictures.messages import OutputOptions, crop_told, cut_corners, cuts, merge, told, worst
from server.services.pictures.output import Output
from server.services.scanners.desk import ScannerDesk, ScanOptions
from server.services.scanners.scan import SavedPicture, ScanForm, ScannedPicture, ScanService, ScanTarget
from server.storage.paths import PictureFormat, format_of

MIME = "image/jpg"
"""As the standard writes it."""
SHOWABLE = {PictureFormat.JPEG: MIME, PictureFormat.PNG: "image/png", PictureFormat.WEBP: "image/webp"}
"""Formats that every browser displays."""


class ImageSettingsHandlers:
    """Handlers of settings of the picture core, which the standard has under one name for both devices."""

    def __init__(
        self, cameras: CameraDesk, previews: PreviewService, scanners: ScannerDesk, compat: CompatConfig
    ) -> None:
        self._cameras = cameras
        self._previews = previews
        self._scanners = scanners
        self._compat = compat

    @handles("SetScannerImageInfo")
    async def set_scanner(self, context: RequestContext, request: SetScannerImageInfoRequest) -> None:
        self._set_scanners(context.client, request)
        renamed = "SetCameraImageInfo" if self._compat.scanner_settings_name else None
        await context.answer(SetScannerImageInfoAnswer(), renamed)

    @handles("SetCameraImageInfo")
    async def set_camera(self, context: RequestContext, request: SetCameraImageInfoRequest) -> Answer:
        if request.dev_num is not None:
            self._set_camera(context.client, self._cameras.camera(context.client, request.dev_num), request)
            return SetCameraImageInfoAnswer(applied=("camera",))
        # Pages leave out the number of their camera; the standard does for scanners.
        camera = None if _of_scanners(request) else self._opened_last(context.client)
        self._set_scanners(context.client, request)
        if camera is None:
            return SetCameraImageInfoAnswer(applied=("scanner",))
        self._set_camera(context.client, camera, request)
        return SetCameraImageInfoAnswer(applied=("camera", "scanner"))

    def _opened_last(self, client: Client) -> Camera | None:
        try:
            return self._cameras.camera(client, None)
        except DeviceNotOpen:
            return None

    def _set_camera(self, client: Client, camera: Camera, request: ImageInfoRequest) -> None:
        self._cameras.keep_settings(client, camera, merge(self._cameras.settings(client, camera), request))
        self._previews.restyle(client, camera)

    def _set_scanners(self, client: Client, request: ImageInfoRequest) -> None:
        self._scanners.keep_settings(client, merge(self._scanners.settings(client), request))


def _of_scanners(request: SetCameraImageInfoRequest) -> bool:
    """Return whether the rectangle is as the standard has it for scanners: by width and height."""
    rect = request.crop_rect
    return rect is not None and (rect.width is not None or rect.height is not None)


class ScannerHandlers:
    """Handlers of requests about scanners."""

    def __init__(self, desk: ScannerDesk, scans: ScanService, outputs: OutputOptions) -> None:
        self._outputs = outputs
        self._desk = desk
        self._scans = scans

    @handles("GetScannerName")
    async def list(self, context: RequestContext, request: GetScannerNameRequest) -> Answer:
        scanners = await self._desk.list(context.client)
        return GetScannerNameAnswer(scanner_name=tuple(scanner.info.name for scanner in scanners))

    @handles("GetScannerInfo")
    async def describe(self, context: RequestContext, request: GetScannerInfoRequest) -> Answer:
        scanner = await self._desk.numbered(context.client, request.dev_index)
        offer = await self._desk.offer(scanner)
        resolutions = None if offer.resolutions is None else tuple(map(str, offer.resolutions))
        return GetScannerInfoAnswer(
            scan_sources=_listed(offer.sources),
            scan_modes=_listed(offer.modes),
            scan_resolutions=_listed(resolutions),
            scan_papers=_listed(offer.papers),
        )

    @handles("GetScanEndStatue")
    async def end(self, context: RequestContext, request: GetScanEndStatueRequest) -> Answer:
        # Requests of a connection run in turn: while this one runs, none of its scans does.
        return GetScanEndStatueAnswer(scan_end_statue=0)

    @handles("CancelScan")
    async def cancel(self, context: RequestContext, request: CancelScanRequest) -> Answer:
        # The running scan was cancelled when the request arrived.
        return CancelScanAnswer()

    @handles("Scan")
    async def scan(self, context: RequestContext, request: ScanRequest) -> None:
        output = await self._outputs.output(request)
        if request.image_path is None:
            await self._scan_to_page(context, request, output)
        else:
            plan = await self._scans.plan(context.client, request.image_path)
            await self._scan_to_files(context, request, ScanTarget(plan, output))

    async def _scan_to_page(self, context: RequestContext, request: ScanRequest, output: Output) -> None:
        scanner = await self._desk.numbered(context.client, request.dev_index)
        numbers = itertools.count(1)

        async def send(picture: ScannedPicture) -> None:
            await context.answer(_with_picture(_picture_answer(picture, next(numbers)), picture, MIME))

        form = ScanForm(output=output)
        await self._scans.scan(context.client, scanner, _options(request), send, form)

    async def _scan_to_files(self, context: RequestContext, request: ScanRequest, target: ScanTarget) -> None:
        saved: list[SavedPicture] = []

        async def report(picture: SavedPicture) -> None:
            saved.append(picture)
            if request.with_image:
                await context.answer(_saved_answer(picture, len(saved)))

        try:
            scanner = await self._desk.numbered(context.client, request.dev_index)
            await self._scans.scan_to_files(context.client, scanner, _options(request), target, report)
        except GaopaiError as error:
            await context.refuse(error, _files_answer(saved))
        except asyncio.CancelledError:
            await context.refuse(Cancelled(func="Scan"), _files_answer(saved))
        else:
            await context.answer(_files_answer(saved))


def _options(request: ScanRequest) -> ScanOptions:
    return ScanOptions(
        source=request.scan_source,
        mode=request.scan_mode,
        resolution=request.scan_resolution,
        paper=request.scan_paper_size,
        width=request.paper_width,
        height=request.paper_height,
    )


def _listed(choices: tuple[str, ...] | None) -> tuple[str, ...] | Literal[-1]:
    return -1 if choices is None else choices


def _with_picture(answer: ScanAnswer, picture: ScannedPicture, mime: str) -> ScanAnswer:
    coded = pybase64.b64encode_as_string(picture.picture.data)
    return msgspec.structs.replace(answer, image_base64_str=coded, mime=mime)


def _picture_answer(picture: ScannedPicture, index: int) -> ScanAnswer:
    return ScanAnswer(
        image_index=index,
        image_count=picture.count,
        width=picture.picture.size.width,
        height=picture.picture.size.height,
        page=picture.page,
        blank=picture.blank,
        verdict=told(picture.picture.verdict),
        handle=picture.picture.handle,
        corners=cut_corners(picture.picture.crop),
        crop=crop_told(picture.picture.crop),
    )


def _saved_answer(saved: SavedPicture, index: int) -> ScanAnswer:
    """Return the message about a picture that was written, with its data where browsers show the format."""
    written = msgspec.structs.replace(_picture_answer(saved.picture, index), image_path=(str(saved.path),))
    mime = SHOWABLE.get(format_of(saved.path.name))
    return _with_picture(written, saved.picture, mime) if mime else written


def _files_answer(saved: Sequence[SavedPicture]) -> ScanAnswer:
    verdicts = [one.picture.picture.verdict for one in saved]
    return ScanAnswer(
        image_path=tuple(str(one.path) for one in saved),
        blank_pages=tuple(number for number, one in enumerate(saved, 1) if one.picture.blank),
        verdict=told(worst(verdicts)),
        verdicts=tuple(verdict for verdict in map(told, verdicts) if verdict is not None),
        cuts=cuts([one.picture.picture for one in saved]),
    )
