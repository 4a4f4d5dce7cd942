"""Scanners: requests about them, and what serves these."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec
import pybase64

from server.access.client import Client
from server.config import Config
from server.devices.ports.scan_notice import ScanNotice
from server.devices.ports.scanner import Scanner, ScannerFinder
from server.errors import (
    BadParameter,
    Cancelled,
    CoverOpen,
    DeviceFailed,
    DeviceGone,
    DeviceTimeout,
    DoubleFeed,
    DriverCrashed,
    GaopaiError,
    LocalizedText,
    PageCutShort,
    PaperJam,
    ScannerAsleep,
    SidesUnequal,
    StapleFound,
)
from server.protocol.messages import scanners as messages
from server.protocol.messages.base import Answer
from server.protocol.messages.service import CancelScanAnswer, CancelScanRequest
from server.services.context import DomainServices, RequestContext, handles
from server.services.pictures.messages import MIME, cuts, picture_fields, told, worst
from server.services.pictures.naming import NamePlan
from server.services.pictures.order import PictureOrder
from server.services.pictures.resources import PictureResources
from server.services.pictures.settings import SCANNERS
from server.services.pools import ThreadPools
from server.services.scanners.coming import ComingPages, ComingRows
from server.services.scanners.leases import AUTO, ScannerLeases, ScanOptions, offer_of
from server.services.scanners.notices import MESSAGES, OF_ERRORS
from server.services.scanners.progress import PageRules, ScanProgress
from server.services.scanners.scan import Deliver, ScannedPicture, ScanService
from server.services.scanners.scanned_file import Fronts, ScannedFile
from server.storage.paths import PictureFormat, format_of

SHOWABLE = {PictureFormat.JPEG: MIME, PictureFormat.PNG: "image/png", PictureFormat.WEBP: "image/webp"}
"""Formats that every browser displays."""


class ScannerHandlers:
    """Handlers of requests about scanners.

    Parameters
    ----------
    marks_last
        True to tell the count of pictures with the last one, for which each waits for the next.
    """

    def __init__(
        self,
        leases: ScannerLeases,
        scans: ScanService,
        resources: PictureResources,
        *,
        marks_last: bool = False,
    ) -> None:
        self._orders = resources.orders
        self._pools = resources.pools
        self._marks_last = marks_last
        self._leases = leases
        self._scans = scans

    @handles("GetScannerName")
    async def list(self, context: RequestContext, request: messages.GetScannerNameRequest) -> Answer:
        scanners = await self._leases.list(context.client)
        return messages.GetScannerNameAnswer(scanner_name=tuple(scanner.info.name for scanner in scanners))

    @handles("GetScannerInfo")
    async def describe(self, context: RequestContext, request: messages.GetScannerInfoRequest) -> Answer:
        scanner = await self._leases.numbered(context.client, request.dev_index)
        offer = offer_of(await self._leases.describe(scanner))
        resolutions = None if offer.resolutions is None else tuple(map(str, offer.resolutions))
        return messages.GetScannerInfoAnswer(
            scan_sources=_listed(offer.sources),
            scan_modes=_listed(offer.modes),
            scan_resolutions=_listed(resolutions),
            scan_papers=_listed(offer.papers),
            scan_extras=offer.extras,
        )

    @handles("GetScanEndStatue")
    async def end(self, context: RequestContext, request: messages.GetScanEndStatueRequest) -> Answer:
        # Requests of a connection run in turn: while this one runs, none of its scans does.
        return messages.GetScanEndStatueAnswer(scan_end_statue=0)

    @handles("CancelScan")
    async def cancel(self, context: RequestContext, request: CancelScanRequest) -> Answer:
        # The running scan was cancelled when the request arrived.
        return CancelScanAnswer()

    @handles("Scan")
    async def scan(self, context: RequestContext, request: messages.ScanRequest) -> None:
        progress = self._progress(context.client, request)
        request = msgspec.structs.replace(progress.request, double_feed=request.double_feed)
        order = await self._orders.of_device(context.client, SCANNERS, request)
        run = _Run(context, request, order, self._fronts(context.client, request), progress, self._pools)
        name = request.image_path
        plan = progress.plan
        if plan is None and run.fronts is not None and run.fronts.name == name:
            plan = run.fronts.plan
        if plan is None and name is not None:
            plan = await self._scans.plan(context.client, replace(order, name=name))
        progress.plan = plan
        try:
            if plan is None:
                await self._scan_to_page(run)
            else:
                await self._scan_to_files(run, plan)
        except (GaopaiError, asyncio.CancelledError) as error:
            refusal = error if isinstance(error, GaopaiError) else Cancelled(func="Scan")
            if (notice := OF_ERRORS.get(type(refusal))) is not None:
                run.notice(notice)
            await context.refuse(refusal, self._pause(run, refusal))
            run.finish(refusal.code)

    def _progress(self, client: Client, request: messages.ScanRequest) -> ScanProgress:
        """Return the progress of a scan that goes on, or of a new one."""
        paused = self._leases.paused.pop(client, None)
        if not request.resume:
            return ScanProgress(request)
        if paused is None:
            raise BadParameter(field="resume", reason=NOTHING_PAUSED)
        return paused

    def _pause(self, run: _Run, error: GaopaiError) -> Answer:
        """Return the answer of a scan that an error ended; remember it where it may go on."""
        progress = run.progress
        answer = messages.ScanAnswer() if progress.plan is None else _files_answer(progress.files)
        if not isinstance(error, OF_PAPER) and not (progress.pages and isinstance(error, OF_DEVICE)):
            return answer
        self._leases.paused[run.context.client] = progress
        return msgspec.structs.replace(answer, resume_page=progress.pages + 1)

    def _fronts(self, client: Client, request: messages.ScanRequest) -> Fronts | None:
        if request.side != "back":
            return None
        if (fronts := self._leases.fronts.get(client)) is None:
            raise BadParameter(field="side", reason=NO_FRONTS)
        return fronts

    async def _scan_to_page(self, run: _Run) -> None:
        waiting: list[messages.ScanAnswer] = []

        async def send(picture: ScannedPicture) -> None:
            if run.passes(picture):
                return
            waiting.append(_with_picture(run.told(picture), picture, MIME))
            if not self._marks_last or len(waiting) > 1:
                await run.context.answer(waiting.pop(0))

        try:
            await self._scan(run, run.order, send)
        except (GaopaiError, asyncio.CancelledError):
            for answer in waiting:
                await run.context.answer(answer)
            raise
        for answer in waiting:
            await run.context.answer(msgspec.structs.replace(answer, image_count=answer.image_index))
        run.finish()

    async def _scan_to_files(self, run: _Run, plan: NamePlan) -> None:
        async def save(picture: ScannedPicture) -> None:
            if run.passes(picture):
                return
            path = await self._scans.save(plan, picture)
            answer = run.told(picture)
            run.progress.files.append(_scanned_file(path, picture))
            if run.request.with_image:
                await run.context.answer(_saved_answer(answer, path, picture))

        order = replace(run.order, picture_format=plan.picture_format)
        files = await self._scan(run, order, save, with_barcode=plan.needs_barcode)
        await run.context.answer(_files_answer(files))
        run.finish()

    async def _scan(
        self, run: _Run, order: PictureOrder, deliver: Deliver, *, with_barcode: bool = False
    ) -> Sequence[ScannedFile]:
        client = run.context.client
        scanner = await self._leases.numbered(client, run.request.dev_index)
        run.device = scanner
        rules = replace(run.rules, with_barcode=with_barcode)
        try:
            await self._scans.scan(client, scanner, run.options, order, deliver, rules)
        finally:
            if run.coming is not None:
                run.coming.close()
        return self._keep_sides(run)

    def _keep_sides(self, run: _Run) -> Sequence[ScannedFile]:
        """Remember fronts; return all files in order, of backs with their fronts.

        Raises
        ------
        server.errors.SidesUnequal
            There are more fronts, which stay remembered, or more backs.
        """
        client = run.context.client
        fronts = run.fronts
        request = run.request
        done = run.progress
        if request.side == "front":
            self._leases.fronts[client] = Fronts(done.pages, tuple(done.files), request.image_path, done.plan)
        if fronts is None:
            return done.files
        if fronts.sheets != done.pages:
            device = "" if run.device is None else run.device.info.name
            raise SidesUnequal(device=device, fronts=fronts.sheets, backs=done.pages)
        self._leases.fronts.pop(client, None)
        return fronts.interleaved(done.files, run.reversed_order)


NO_FRONTS = LocalizedText(
    "此连接尚未扫描正面（side 为 front）", "no fronts (side: front) were scanned on this connection"
)
NOTHING_PAUSED = LocalizedText(
    "此连接没有因故障中断的扫描", "no scan of this connection was ended by a fault"
)
OF_PAPER = (DoubleFeed, StapleFound, PaperJam, CoverOpen, PageCutShort)
"""Errors of paper, after which a scan may go on."""
OF_DEVICE = (DeviceFailed, DeviceGone, DeviceTimeout, DriverCrashed, ScannerAsleep)
"""Errors of the device, after which a scan that has delivered pages may go on."""


class _Run:
    """A scan, and what it has delivered so far, maybe over several requests.

    Attributes
    ----------
    fronts
        Fronts of the pile whose backs are scanned; None for any other scan.
    """

    def __init__(
        self,
        context: RequestContext,
        request: messages.ScanRequest,
        order: PictureOrder,
        fronts: Fronts | None,
        progress: ScanProgress,
        pools: ThreadPools,
    ) -> None:
        self.context = context
        self.request = request
        self.order = order
        self.fronts = fronts
        self.progress = progress
        self.coming = ComingPages(pools, self._show) if request.with_rows else None
        shown = None if self.coming is None else self.coming.take
        self.options = replace(_options(request), noticed=self.notice, shown=shown)
        self.rules = PageRules(
            request.drop_blank, request.turn_backs, request.side == "back", request.streams, progress.pages
        )
        self.reversed_order = request.back_order == "reversed"
        self.device: Scanner | None = None

    def passes(self, picture: ScannedPicture) -> bool:
        """Return whether a picture is left out; count it then."""
        if picture.dropped:
            self.progress.pages = picture.page
            self.progress.dropped += 1
        return picture.dropped

    def told(self, picture: ScannedPicture) -> messages.ScanAnswer:
        """Count a picture, and return the message about it without its data."""
        done = self.progress
        done.pages = picture.page
        done.pictures += 1
        done.blank += picture.blank
        answer = _picture_answer(picture, done.pictures)
        if (side := self.request.side) is None:
            return answer
        page = picture.page
        fronts = self.fronts
        sheet = page if fronts is None else fronts.sheet(page, self.reversed_order)
        return msgspec.structs.replace(answer, side=side, sheet=sheet if sheet > 0 else None)

    def notice(self, notice: ScanNotice) -> None:
        """Tell the people at the scanner."""
        self.context.notify(
            messages.ScannerNoticePush(
                event="OnScannerNotice",
                kind="scanner",
                notice=notice.value,
                message=MESSAGES[notice].fill(self.context.language, {}),
                page=self.progress.pages,
            )
        )

    def _show(self, rows: ComingRows) -> None:
        """Send rows of a page that is coming to the page that scans."""
        self.context.notify(
            messages.ScanRowsPush(
                event="OnScanRows",
                kind="scanner",
                image_base64_str=pybase64.b64encode_as_string(rows.jpeg),
                mime=MIME,
                top=rows.top,
                width=rows.width,
                height=rows.height,
                page_height=rows.page_height,
            )
        )

    def finish(self, code: int = 0) -> None:
        """Send the notice of the end."""
        done = self.progress
        notice = messages.ScanFinishedPush(
            event="OnScanFinished",
            kind="scanner",
            pages=done.pages,
            pictures=done.pictures,
            blank=done.blank,
            dropped=done.dropped or None,
            code=code,
        )
        self.context.notify(notice)


def _options(request: messages.ScanRequest) -> ScanOptions:
    return ScanOptions(
        source=AUTO if request.scan_source == "auto" else request.scan_source,
        mode=AUTO if request.scan_mode == "auto" else request.scan_mode,
        resolution=request.scan_resolution,
        paper=request.scan_paper_size,
        width=request.paper_width,
        height=request.paper_height,
        detect=request.double_feed == "detect",
        dropout=request.dropout,
        own_threshold=request.threshold == "own",
    )


def _listed(choices: tuple[str, ...] | None) -> tuple[str, ...] | Literal[-1]:
    return -1 if choices is None else choices


def _with_picture(answer: messages.ScanAnswer, picture: ScannedPicture, mime: str) -> messages.ScanAnswer:
    coded = pybase64.b64encode_as_string(picture.picture.data)
    return msgspec.structs.replace(answer, image_base64_str=coded, mime=mime)


def _picture_answer(picture: ScannedPicture, index: int) -> messages.ScanAnswer:
    return messages.ScanAnswer(
        image_index=index,
        image_count=picture.count,
        width=picture.picture.size.width,
        height=picture.picture.size.height,
        page=picture.page,
        blank=picture.blank,
        stream=picture.stream,
        **picture_fields(picture.picture),
    )


def _saved_answer(answer: messages.ScanAnswer, path: Path, picture: ScannedPicture) -> messages.ScanAnswer:
    """Return the message about a picture that was written, with its data where browsers show the format."""
    written = msgspec.structs.replace(answer, image_path=(str(path),))
    mime = SHOWABLE.get(format_of(path.name))
    return _with_picture(written, picture, mime) if mime else written


def _scanned_file(path: Path, scanned: ScannedPicture) -> ScannedFile:
    picture = scanned.picture
    return ScannedFile(str(path), scanned.page, scanned.blank, picture.verdict, cuts([picture])[0])


def _files_answer(files: Sequence[ScannedFile]) -> messages.ScanAnswer:
    verdicts = [file.verdict for file in files]
    return messages.ScanAnswer(
        image_path=tuple(file.path for file in files),
        blank_pages=tuple(number for number, file in enumerate(files, 1) if file.blank),
        verdict=told(worst(verdicts)),
        verdicts=tuple(verdict for verdict in map(told, verdicts) if verdict is not None),
        cuts=tuple(file.cut for file in files),
    )


class Scanners(DomainServices):
    """The scanners."""

    def __init__(self, config: Config, finders: Sequence[ScannerFinder], resources: PictureResources) -> None:
        limit_pixels = config.limits.picture_megapixels * 1_000_000
        self.leases = ScannerLeases(finders, config.scan.find_seconds, limit_pixels)
        self.scans = ScanService(self.leases, resources)
        prose = config.compat.prose_names
        super().__init__(ScannerHandlers(self.leases, self.scans, resources, marks_last=prose))
