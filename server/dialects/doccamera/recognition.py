"""Requests of one connection about barcodes, cards, faces and stored files."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

import pybase64

from server.connection.outbox import Outbox
from server.dialects.device_session import DeviceSession
from server.dialects.doccamera.grammar import TextCall, answer
from server.dialects.documents import text_on
from server.dialects.identity import dotted, face_on, is_live, parts_of, read_resident, score, similarity
from server.errors import GaopaiError
from server.services.barcodes.watcher import BarcodeWatcher, VisibleBarcodes
from server.services.upload.transfer import Upload
from server.storage.paths import SUFFIXES

CARD_MEMBERS = ("Name", "Sex", "Folk", "BirthDate", "Address", "IdNo", "Agency")
LIVE_SECONDS = 8.0
BEST_SCORE, OTHER_PERSON = 10_000, 4_999
"""Scores from 5000 on are one person's."""


class LiveBarcodes:
    """`BarcodeSubscriber` that tells a page of each barcode when it comes in sight."""

    def __init__(self, watcher: BarcodeWatcher, outbox: Outbox) -> None:
        self._watcher = watcher
        self._outbox = outbox
        self._seen: frozenset[str] = frozenset()
        watcher.subscribe(self)

    def update(self, visible: VisibleBarcodes) -> None:
        texts = frozenset(barcode.text for barcode in visible.barcodes)
        for text in sorted(texts - self._seen):
            self._outbox.notify(f"BarCodeTransferBegin{text}BarCodeTransferEnd".encode("utf-8", "replace"))
        self._seen = texts

    def close(self) -> None:
        """Tell of no more barcodes."""
        self._watcher.unsubscribe(self)


class Recognition:
    """Recognition requests.

    Parameters
    ----------
    current
        Returns the number of the camera in use.
    """

    def __init__(self, session: DeviceSession, outbox: Outbox, current: Callable[[], int]) -> None:
        self._session = session
        self._outbox = outbox
        self._current = current
        self._live: LiveBarcodes | None = None

    @property
    def commands(self) -> Mapping[str, Callable[[TextCall], Awaitable[None]]]:
        """Requests by their names."""
        return {
            "ReadCard": self._card,
            "sGetBarCodeEx": self._barcode,
            "sGetBarCodeOnline": self._barcodes,
            "bLivingBodyDetect": self._alive,
            "lImageMatch": self._match,
            "sOCRImageToString": self._text,
            "sOCRImageToStringEx": self._text,
        }

    def close(self) -> None:
        """End the search for barcodes."""
        if self._live is not None:
            self._live.close()
            self._live = None

    async def _card(self, call: TextCall) -> None:
        try:
            read = await read_resident(self._session)
        except GaopaiError:
            await self._say(call.name, '{"result":0}')
            raise
        card = read.card
        told = {
            "result": 1,
            **dict(zip(CARD_MEMBERS, parts_of(card), strict=False)),
            "Valid": f"{dotted(card.start)}-{dotted(card.end)}",
            "PhotoB64": read.portrait,
            "FingerB64": pybase64.b64encode_as_string(card.finger_features),
        }
        await self._say(call.name, json.dumps(told, ensure_ascii=False, separators=(",", ":")))

    async def _barcode(self, call: TextCall) -> None:
        name = await self._session.files.name(call.text(1))
        found = await self._session.services.source.barcodes(self._session.client, name)
        await self._say(call.name, found[0][1].text if found else "")

    async def _barcodes(self, call: TextCall) -> None:
        self.close()
        session = self._session
        camera = await session.camera(self._current())
        self._live = LiveBarcodes(
            session.services.desk.watched(session.client, camera).barcodes, self._outbox
        )

    async def _alive(self, call: TextCall) -> None:
        live = await is_live(self._session, LIVE_SECONDS)
        await self._say(call.name, "true" if live else "false")

    async def _text(self, call: TextCall) -> None:
        await self._say(call.name, await text_on(self._session, call.text(0)))

    async def _match(self, call: TextCall) -> None:
        one, other = [await face_on(self._session, call.text(each)) for each in (0, 1)]
        await self._say(
            call.name, str(score(similarity(self._session, one, other), BEST_SCORE, OTHER_PERSON))
        )

    async def _say(self, name: str, value: str) -> None:
        await self._outbox.answer(answer(name, value))


READ_BYTES = 32 << 20
TEMPORARY = "D:\\temp\\"
MOST_FILES = 100


class StoredFiles:
    """File requests.

    Parameters
    ----------
    current
        Returns the number of the camera in use.
    """

    def __init__(self, session: DeviceSession, outbox: Outbox, current: Callable[[], int]) -> None:
        self._session = session
        self._outbox = outbox
        self._current = current

    @property
    def commands(self) -> Mapping[str, Callable[[TextCall], Awaitable[object]]]:
        """Requests by their names."""
        return {
            "bSaveJPG": self._save_jpeg,
            "bSaveTIFEx": lambda call: self._save(call, "tif"),
            "Base64Encode": self._read,
            "bDirIsExist": self._folder,
            "bCreateDir": self._folder,
            "bFileExist": self._exists,
            "bDeleteFile": lambda call: self._say(call.name, "FALSE"),
            "sGetTempPath": lambda call: self._say(call.name, TEMPORARY),
            "bUpLoadImage": self._sent,
            "sUpLoadImageEx2": self._upload,
        }

    async def _save_jpeg(self, call: TextCall) -> None:
        try:
            await self._save(call, "jpg")
        except GaopaiError:
            await self._say(call.name, "false")
            raise
        await self._say(call.name, "true")

    async def _save(self, call: TextCall, suffix: str) -> None:
        settings = self._session.choice(self._current()).settings
        await self._session.save(self._current(), settings, _path(call, suffix))

    async def _read(self, call: TextCall) -> None:
        data = await self._session.files.read(call.text(0), READ_BYTES)
        await self._say(call.name, pybase64.b64encode_as_string(data))

    async def _folder(self, call: TextCall) -> None:
        """Say whether files can be written to a folder: it is made with the first of them."""
        name = f"{call.text(0).rstrip('/' + chr(92))}/a.jpg"
        try:
            await self._session.files.located(name)
            said = "TRUE"
        except GaopaiError:
            said = "FALSE"
        await self._say(call.name, said)

    async def _exists(self, call: TextCall) -> None:
        try:
            made = await self._session.files.made(call.text(0))
        except GaopaiError:
            made = False
        await self._say(call.name, "TRUE" if made else "FALSE")

    async def _upload(self, call: TextCall) -> None:
        await self._say(call.name, await self._sent(call))

    async def _sent(self, call: TextCall) -> str:
        """Send files to the host, port and path that the page names; return the server's answer."""
        spellings = call.text(0).split("|")[:MOST_FILES]
        names = [await self._session.files.name(one) for one in spellings if one]
        host = call.text(1).removeprefix("http://").rstrip("/")
        url = f"http://{host}:{call.number(2, 80)}/{call.text(3).lstrip('/')}"
        outcome = await self._session.services.uploads.send(
            Upload(url, self._session.origin, {}, tuple(names))
        )
        if outcome.error is not None:
            raise outcome.error
        return outcome.response or ""

    async def _say(self, name: str, value: str) -> None:
        await self._outbox.answer(answer(name, value))


def _path(call: TextCall, suffix: str) -> str:
    folder, name = call.text(0), call.text(1)
    if name:
        folder += "" if not folder or folder[-1] in "/\\" else "\\"
    else:
        folder, name = "", folder
    return f"{folder}{name}" if name.rpartition(".")[2].lower() in SUFFIXES else f"{folder}{name}.{suffix}"
