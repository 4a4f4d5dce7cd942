"""Requests of one connection about barcodes, cards, faces and texts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pybase64

from server.connection.outbox import Outbox
from server.dialects.device_session import DeviceSession
from server.dialects.doccamera.grammar import Commands, TextCall
from server.dialects.documents import text_on
from server.dialects.identity import dotted, face_on, is_live, parts_of, read_resident, score, similarity
from server.streaming.barcodes import BarcodeWatcher, VisibleBarcodes

CARD_MEMBERS = ("Name", "Sex", "Folk", "BirthDate", "Address", "IdNo", "Agency")
LIVE_SECONDS = 8.0
"""Longest wait for the verdict on whether a living person is before the camera, in seconds."""
BEST_SCORE = 10_000
"""Score of two equal faces, the end of the scale."""
OTHER_PERSON = 4_999
"""Highest score of two faces of different people: from 5000 on they are one person's."""


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
    def commands(self) -> Commands:
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

    async def _card(self, call: TextCall) -> str:
        read = await read_resident(self._session)
        card = read.card
        told = {
            "result": 1,
            **dict(zip(CARD_MEMBERS, parts_of(card), strict=False)),
            "Valid": f"{dotted(card.start)}-{dotted(card.end)}",
            "PhotoB64": read.portrait,
            "FingerB64": pybase64.b64encode_as_string(card.finger_features),
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    async def _barcode(self, call: TextCall) -> str:
        name = await self._session.files.name(call.text(1))
        found = await self._session.services.source.barcodes(self._session.client, name)
        return found[0][1].text if found else ""

    async def _barcodes(self, call: TextCall) -> None:
        self.close()
        session = self._session
        camera = await session.camera(self._current())
        self._live = LiveBarcodes(
            session.services.cameras.leases.watched(session.client, camera).barcodes, self._outbox
        )

    async def _alive(self, call: TextCall) -> str:
        return "true" if await is_live(self._session, LIVE_SECONDS) else "false"

    async def _text(self, call: TextCall) -> str:
        return await text_on(self._session, call.text(0))

    async def _match(self, call: TextCall) -> str:
        one, other = [await face_on(self._session, call.text(each)) for each in (0, 1)]
        return str(score(similarity(self._session, one, other), BEST_SCORE, OTHER_PERSON))
