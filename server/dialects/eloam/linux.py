"""Control of Eloam's Linux edition: a word as path, numbers in the query, and its own envelope."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import pybase64

from imgcore.settings import Crop, Settings
from server.devices.ports.camera import CameraInfo
from server.dialects.device_session import first_sizes
from server.dialects.documents import composed
from server.dialects.identity import parts_of, read_resident
from server.dialects.json_text import Fields, is_on, number_of, text_of
from server.dialects.page_session import SLOW_LINGER_SECONDS, PageSession
from server.errors import BadParameter, DeviceNotOpen, DeviceTimeout, GaopaiError, LocalizedText
from server.storage.paths import SUFFIXES
from server.streaming.painter import PreviewPicture

log = logging.getLogger(__name__)

CARD_MEMBERS = (
    *("name", "sex", "nation", "birthday", "address", "cardnumber", "police", "validStart", "validEnd"),
)
FIRST_PICTURE_SECONDS = 8.0
"""Longest wait for the first picture of a preview, in seconds."""
NO_FRONT = LocalizedText("还没有拍正面", "the front was not captured yet")

Data = object
"""Member ``data`` of an answer."""


@dataclass(slots=True)
class StartedPreview:
    """Preview that a page has started, also while its camera is closed because the page was silent.

    Attributes
    ----------
    number
        Camera; None before the start and after a stop.
    document
        Captures are cut to the page and straightened.
    front
        Captured front of a card.
    """

    number: int | None = None
    quarters: int = 0
    document: bool = False
    newest: LatestPicture | None = None
    front: bytes = field(default=b"", repr=False)


class LinuxControl:
    """Commands of the control, by the words of their paths."""

    def __init__(self) -> None:
        self._previews: WeakKeyDictionary[PageSession, StartedPreview] = WeakKeyDictionary()
        self.commands = {
            "getdevicecount": self._count,
            "getalldisplayinfo": self._all,
            "getdisplayname": self._name,
            "getresolution": self._sizes,
            "startpreview": self._start,
            "stoppreview": self._stop,
            "getframe": self._frame,
            "getpic": self._picture,
            "getrotate": self._rotation,
            "rotate": self._rotate,
            "enabledeskimage": self._document,
            "enalbedeskimage": self._document,
            "getidcardinfo": self._resident,
            "composeidcardpic": self._compose,
        }

    # Listing ---------------------------------------------------------------------------

    async def _count(self, session: PageSession, fields: Fields) -> Data:
        return len(await session.cameras())

    async def _all(self, session: PageSession, fields: Fields) -> Data:
        return [
            {"name": info.name, "dev_idx": number, "resolution": _resolutions(info)}
            for number, info in enumerate(await session.cameras())
        ]

    async def _name(self, session: PageSession, fields: Fields) -> Data:
        return (await session.info(number_of(fields, "dev_idx"))).name

    async def _sizes(self, session: PageSession, fields: Fields) -> Data:
        return _resolutions(await session.info(number_of(fields, "dev_idx")))

    # Preview ---------------------------------------------------------------------------

    async def _start(self, session: PageSession, fields: Fields) -> None:
        number = number_of(fields, "dev_idx")
        resolution = number_of(fields, "res_id")
        sizes = first_sizes(await session.info(number))
        if not 0 <= resolution < len(sizes):
            raise BadParameter(field="res_id", reason=LocalizedText("没有此分辨率", "there is no such size"))
        preview = self._of(session)
        session.choice(number).size = sizes[resolution]
        if preview.number not in (None, number):
            await session.close(preview.number)
        preview.number = number
        await self._show(session, preview)

    async def _stop(self, session: PageSession, fields: Fields) -> None:
        # Pages stop number 1 though they started number 0.
        self._of(session).number = None
        await session.close()

    async def _frame(self, session: PageSession, fields: Fields) -> Data:
        newest = await self._running(session)
        try:
            async with asyncio.timeout(FIRST_PICTURE_SECONDS):
                jpeg = await newest.jpeg()
        except TimeoutError:
            raise DeviceTimeout(device="camera", seconds=f"{FIRST_PICTURE_SECONDS:g}") from None
        session.note_use()
        return {"img": pybase64.b64encode_as_string(jpeg)}

    async def _running(self, session: PageSession) -> LatestPicture:
        """Return the pictures of the preview, and open the camera again if the page was silent meanwhile."""
        preview = self._of(session)
        if preview.number is None:
            raise DeviceNotOpen(opener="StartPreview")
        session.note_use()
        if preview.newest is None or preview.newest.ended or not session.is_open(preview.number):
            session.linger = SLOW_LINGER_SECONDS
            await self._show(session, preview)
        assert preview.newest is not None
        return preview.newest

    async def _show(self, session: PageSession, preview: StartedPreview) -> None:
        assert preview.number is not None
        with session.held():
            await session.open(preview.number)
            session.turn(preview.number, 90 * preview.quarters)
            preview.newest = LatestPicture()
            session.stop_preview(session.client)
            session.preview(session.client, preview.number, preview.newest, binary=True)

    # Captures --------------------------------------------------------------------------

    async def _picture(self, session: PageSession, fields: Fields) -> Data:
        jpeg = await self._captured(session)
        path = text_of(fields, "savepath")
        if path:
            await _keep(session, path, jpeg)
        return {"img": pybase64.b64encode_as_string(jpeg)}

    async def _captured(self, session: PageSession) -> bytes:
        await self._running(session)
        preview = self._of(session)
        assert preview.number is not None
        document = preview.document
        settings = Settings(crop=Crop.SINGLE if document else Crop.NONE, deskew=document)
        with session.held():
            return (await session.capture(preview.number, settings))[0].data

    async def _rotation(self, session: PageSession, fields: Fields) -> Data:
        return str(self._of(session).quarters)

    async def _rotate(self, session: PageSession, fields: Fields) -> None:
        preview = self._of(session)
        preview.quarters = number_of(fields, "count") % 4
        if preview.number is not None:
            session.turn(preview.number, 90 * preview.quarters)

    async def _document(self, session: PageSession, fields: Fields) -> None:
        self._of(session).document = "enable" not in fields or is_on(fields, "enable")

    async def _compose(self, session: PageSession, fields: Fields) -> Data:
        preview = self._of(session)
        if number_of(fields, "step") != 2:
            preview.front = await self._captured(session)
            return None
        if not preview.front:
            raise BadParameter(field="step", reason=NO_FRONT)
        back = await self._captured(session)
        front = preview.front
        preview.front = b""
        jpeg = await composed(session, [front, back])
        return {"img": pybase64.b64encode_as_string(jpeg)}

    # Cards -----------------------------------------------------------------------------

    async def _resident(self, session: PageSession, fields: Fields) -> Data:
        read = await read_resident(session)
        return {**dict(zip(CARD_MEMBERS, parts_of(read.card), strict=True)), "photo": read.portrait}

    def _of(self, session: PageSession) -> StartedPreview:
        return self._previews.setdefault(session, StartedPreview())


def _resolutions(info: CameraInfo) -> Data:
    return [{"width": size.width, "height": size.height} for size in first_sizes(info)]


async def _keep(session: PageSession, path: str, jpeg: bytes) -> None:
    """Write a capture to a file; the page gets its picture also where that is not possible."""
    named = path.rpartition(".")[2].lower() in SUFFIXES
    spelling = path if named else f"{path.rstrip('/' + chr(92))}/{uuid.uuid4()}.jpg"
    try:
        await session.files.save(spelling, [jpeg])
    except GaopaiError as error:
        log.warning("a capture was not kept in a file: error %d", error.code)


class LatestPicture:
    """`FrameSink` that keeps the newest picture."""

    started = True

    def __init__(self) -> None:
        self._picture: PreviewPicture | None = None
        self._error: GaopaiError | None = None
        self._came = asyncio.Event()

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        self._picture = picture
        self._came.set()

    def discard(self) -> None:
        self._picture = None

    def end(self, error: GaopaiError) -> None:
        self._error = error
        self._came.set()

    @property
    def ended(self) -> bool:
        """True if no picture will come any more."""
        return self._error is not None

    async def jpeg(self) -> bytes:
        """Return the newest picture, waiting for the first one.

        Raises
        ------
        GaopaiError
            The error that ended the preview.
        """
        await self._came.wait()
        if self._error is not None:
            raise self._error
        assert self._picture is not None
        return self._picture.jpeg
