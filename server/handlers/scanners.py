"""The scanner's functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

import msgspec
import pybase64

from server.config import CompatConfig
from server.errors import Cancelled, GaopaiError
from server.handlers.context import Handler, RequestContext
from server.handlers.image_settings import merge
from server.protocol.messages.base import Answer
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
from server.services.scanners.desk import ScannerDesk, ScanOptions
from server.services.scanners.scan import ScanJob, ScannedPicture, ScanService
from server.storage.paths import PictureFormat

MIME = "image/jpg"
"""As the standard writes it."""
SHOWABLE = {PictureFormat.JPEG: MIME, PictureFormat.PNG: "image/png", PictureFormat.WEBP: "image/webp"}
"""Formats that every browser shows."""
DRAIN_SECONDS = 10.0
"""A cancelled scan hands out its last pages within so long, or its client takes none."""

Kept = list[tuple[str, bool]]
"""The files written, and whether each is blank."""
Show = Callable[[ScannedPicture, int, str], Awaitable[None]]
"""Sends a picture that was written: the how-manieth of the scan, and its file."""


class ScannerHandlers:
    """Requests about scanners, handed to the services."""

    def __init__(self, desk: ScannerDesk, scans: ScanService, compat: CompatConfig) -> None:
        self._desk = desk
        self._scans = scans
        self._compat = compat

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {
            "GetScannerName": self.list,
            "GetScannerInfo": self.describe,
            "SetScannerImageInfo": self.set_image,
            "Scan": self.scan,
            "GetScanEndStatue": self.end,
            "CancelScan": self.cancel,
        }

    async def list(self, exchange: RequestContext, request: GetScannerNameRequest) -> Answer:
        scanners = await self._desk.list(exchange.client)
        return GetScannerNameAnswer(scanner_name=tuple(scanner.info.name for scanner in scanners))

    async def describe(self, exchange: RequestContext, request: GetScannerInfoRequest) -> Answer:
        scanner = await self._desk.numbered(exchange.client, request.dev_index)
        offer = await self._desk.offer(scanner)
        resolutions = None if offer.resolutions is None else tuple(map(str, offer.resolutions))
        return GetScannerInfoAnswer(
            scan_sources=_listed(offer.sources),
            scan_modes=_listed(offer.modes),
            scan_resolutions=_listed(resolutions),
            scan_papers=_listed(offer.papers),
        )

    async def set_image(self, exchange: RequestContext, request: SetScannerImageInfoRequest) -> None:
        self._desk.keep_settings(exchange.client, merge(self._desk.settings(exchange.client), request))
        renamed = "SetCameraImageInfo" if self._compat.scanner_settings_name else None
        await exchange.answer(SetScannerImageInfoAnswer(), renamed)

    async def end(self, exchange: RequestContext, request: GetScanEndStatueRequest) -> Answer:
        # Requests of a connection run in turn: whoever is answered has no scan running.
        return GetScanEndStatueAnswer(scan_end_statue=0)

    async def cancel(self, exchange: RequestContext, request: CancelScanRequest) -> Answer:
        # What ran was cancelled when the request arrived.
        return CancelScanAnswer()

    async def scan(self, exchange: RequestContext, request: ScanRequest) -> None:
        if request.image_path is None:
            await self._scan_to_page(exchange, request)
        else:
            await self._scan_to_files(exchange, request, request.image_path)

    async def _scan_to_page(self, exchange: RequestContext, request: ScanRequest) -> None:
        async with self._started(exchange, request, PictureFormat.JPEG) as run:
            await _to_the_end(run, self._send(exchange, run))

    async def _send(self, exchange: RequestContext, run: ScanJob) -> None:
        index = 0
        while (shot := await run.next()) is not None:
            index += 1
            await exchange.answer(_base64_answer(shot, index))

    async def _scan_to_files(self, exchange: RequestContext, request: ScanRequest, path: str) -> None:
        picture_format = await self._scans.check_name(path)
        show = partial(_show, exchange, SHOWABLE.get(picture_format)) if request.with_image else None
        kept: Kept = []
        try:
            async with self._started(exchange, request, picture_format) as run:
                await _to_the_end(run, self._keep(run, path or self._scans.default_name(), kept, show))
        except GaopaiError as error:
            await exchange.refuse(error, _files_answer(kept))
        except asyncio.CancelledError:
            await exchange.refuse(Cancelled(func="Scan"), _files_answer(kept))
        else:
            await exchange.answer(_files_answer(kept))

    async def _keep(self, run: ScanJob, name: str, kept: Kept, show: Show | None) -> None:
        while (shot := await run.next()) is not None:
            path = str(await self._scans.keep(name, len(kept), shot))
            kept.append((path, shot.blank))
            if show is not None:
                await show(shot, len(kept), path)

    @asynccontextmanager
    async def _started(
        self, exchange: RequestContext, request: ScanRequest, picture_format: PictureFormat
    ) -> AsyncIterator[ScanJob]:
        scanner = await self._desk.numbered(exchange.client, request.dev_index)
        run = await self._scans.begin(exchange.client, scanner, _choice(request), picture_format)
        try:
            yield run
        finally:
            await asyncio.shield(asyncio.create_task(run.close()))


async def _to_the_end(run: ScanJob, delivery: Coroutine[None, None, None]) -> None:
    """Deliver; when cancelled, stop the scanner and deliver what is complete first."""
    delivering = asyncio.create_task(delivery)
    try:
        await asyncio.shield(delivering)
    except asyncio.CancelledError:
        await run.stop()
        await asyncio.wait([delivering], timeout=DRAIN_SECONDS)
        raise
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)


def _choice(request: ScanRequest) -> ScanOptions:
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


def _base64_answer(shot: ScannedPicture, index: int) -> ScanAnswer:
    return _with_picture(_described(shot, index), shot, MIME)


def _with_picture(answer: ScanAnswer, shot: ScannedPicture, mime: str) -> ScanAnswer:
    coded = pybase64.b64encode_as_string(shot.picture.data)
    return msgspec.structs.replace(answer, image_base64_str=coded, mime=mime)


def _described(shot: ScannedPicture, index: int) -> ScanAnswer:
    return ScanAnswer(
        image_index=index,
        image_count=shot.count,
        width=shot.picture.size.width,
        height=shot.picture.size.height,
        page=shot.page,
        blank=shot.blank,
    )


async def _show(
    exchange: RequestContext, mime: str | None, shot: ScannedPicture, index: int, path: str
) -> None:
    """Send one picture of a scan to files; without its pixels where `mime` is None."""
    written = msgspec.structs.replace(_described(shot, index), image_path=(path,))
    await exchange.answer(_with_picture(written, shot, mime) if mime else written)


def _files_answer(kept: Kept) -> ScanAnswer:
    return ScanAnswer(
        image_path=tuple(path for path, _ in kept),
        blank_pages=tuple(number for number, (_, blank) in enumerate(kept, 1) if blank),
    )
